"""What a configuration names and what is not there: found before any job runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from readalike.errors import ConfigurationError, FileFormatError
from readalike.experiment import weights
from readalike.experiment.experiment import Entry, Experiment
from readalike.experiment.readers import folders, has_events
from readalike.weights import revisions
from readalike.weights.files import weight_files


def require_sources(experiment: Experiment, attention: dict[str, Sequence[str]]) -> None:
    """Raise ConfigurationError for the first source that is not there.

    In an archive a source may be missing where what was made of it is kept.

    attention : model -> its attention files on every corpus
    """
    for problem, made in _missing(experiment, attention):
        kept = experiment.config["archived"] and all(Path(file).exists() for file in made)
        if not kept:
            raise ConfigurationError(problem)


def _missing(experiment: Experiment, attention: dict[str, Sequence[str]]) -> Iterator[tuple[str, Sequence[str]]]:
    """What is wrong with a source, and what is made of it."""
    for name, corpus in experiment.corpora.items():
        for problem in _without_events(experiment, corpus):
            yield problem, [f"results/corpus/{name}/words.tsv"]
    for name in experiment.saccade_groups:
        saccades, made = experiment.groups[name]["saccades"], [f"results/gaze/{name}.h5"]
        for problem in _without_events(experiment, saccades):
            yield problem, made
        if "path" in saccades and not Path(experiment.located(saccades["path"])).is_file():
            path = experiment.located(saccades["path"])
            yield f"groups.{name}.saccades.path: no file {path}; correct path: or put the table there", made
    for model in experiment.extracted:
        for place, source in revisions.sources(experiment.models[model]["weights"]):
            for problem in _without_weights(experiment, model, place, source):
                yield problem, attention[model]


def _without_events(experiment: Experiment, entry: Entry) -> Iterator[str]:
    for folder in map(experiment.located, folders(entry.get("events", []))):
        if not has_events(folder):
            yield (
                f"{folder}: no events files (sub-*/func/*_events.tsv); correct events: in the configuration or put the "
                "data there"
            )


def _without_weights(experiment: Experiment, model: str, place: str, source: Entry) -> Iterator[str]:
    if "folder" in source:
        try:
            weight_files(Path(weights.weights_folder(experiment, model, place)))
        except FileFormatError as error:
            yield f"models.{model}.{place}.folder: {error}"
    elif "gguf" in source and "wheel" not in source:
        file = weights.gguf_file(experiment, source)
        if not Path(file).is_file():
            yield f"models.{model}.weights.gguf: no file {file}; correct the path or put the file there"
