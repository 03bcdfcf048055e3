"""For which models there is baseline b3, which knows how frequent words are and how unexpected to the model."""

import sys
from pathlib import Path

from readalike.experiment.experiment import Experiment

INSTALL = "pip install wordfreq==3.1.1"


def frequencies_known() -> bool:
    """Whether the package wordfreq is installed, which is an extra."""
    return any((Path(folder) / "wordfreq").is_dir() for folder in sys.path)


def with_surprisal(experiment: Experiment) -> list[str]:
    """Models whose surprisal is made: those with weights, where the configuration asks for it."""
    return experiment.extracted if experiment.config["surprisal"] else []


def with_frequency(experiment: Experiment) -> list[str]:
    """Corpora whose words' frequencies are made."""
    return experiment.with_text if experiment.config["surprisal"] and frequencies_known() else []


def corpus_of_surprisal(experiment: Experiment, model: str, group: str) -> list[str]:
    """The corpus that a group read, where its words have a surprisal under a model; nothing otherwise."""
    return [experiment.corpus_of(group)] if model in with_surprisal(experiment) else []


def corpus_of_frequency(experiment: Experiment, group: str) -> list[str]:
    """The corpus that a group read, where its words have a frequency; nothing otherwise."""
    return [corpus for corpus in with_frequency(experiment) if corpus == experiment.corpus_of(group)]


def corpus_of_b3(experiment: Experiment, model: str, group: str) -> list[str]:
    """The corpus that a group read, where baseline b3 of a model is made of it; nothing otherwise."""
    return corpus_of_frequency(experiment, group) if corpus_of_surprisal(experiment, model, group) else []


def without_b3(experiment: Experiment) -> dict[str, str]:
    """Model -> why what is beyond b3 is empty; models that have it are not there."""
    if not experiment.config["surprisal"]:
        return dict.fromkeys(experiment.models, "surprisal is not asked for")
    if not frequencies_known():
        return dict.fromkeys(experiment.models, "wordfreq is not installed")
    return dict.fromkeys(experiment.imported, "attention that others released has no surprisal")


def warning(experiment: Experiment) -> str:
    """What a user should know before the run, or nothing."""
    if experiment.config["surprisal"] and not frequencies_known():
        return (
            "surprisal: true, but wordfreq is not installed: surprisal is made, baseline b3 is not, and its columns "
            f"stay empty; {INSTALL}"
        )
    return ""
