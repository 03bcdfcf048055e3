"""Where sentences and readers come from: the files that the rules of corpus and gaze read."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from readalike.experiment.experiment import Entry, Experiment


def folders(events: str | Sequence[str]) -> list[str]:
    """One folder or several, as `events:` may name them."""
    return [events] if isinstance(events, str) else list(events)


@cache
def events_files(folder: str) -> list[str]:
    """All events files below a data set's folder, sorted; the folder itself where there are none."""
    return sorted(str(path) for path in Path(folder).glob("sub-*/func/*_events.tsv")) or [folder]


def has_events(folder: str) -> bool:
    return events_files(folder) != [folder]


def corpus_files(experiment: Experiment, corpus: str) -> list[str]:
    """Every file of which a corpus is made."""
    source = experiment.corpora[corpus]
    for key in ("sentences", "lengths"):
        if key in source:
            return [experiment.located(source[key])]
    return [file for folder in folders(source["events"]) for file in events_files(experiment.located(folder))]


def corpus_source(experiment: Experiment, corpus: str) -> dict[str, list[str]]:
    """What a corpus is made of: `sentences` or `lengths` -> the file, or `events` -> folders."""
    source = experiment.corpora[corpus]
    return {
        key: [experiment.located(path) for path in folders(source[key])]
        for key in ("sentences", "lengths", "events")
        if key in source
    }


def is_simulated(experiment: Experiment, group: str) -> bool:
    return "simulate" in experiment.groups[group].get("saccades", {})


def saccade_files(experiment: Experiment, group: str, simulated: str) -> list[str]:
    """Every file with fixations of a group.

    simulated : folder of its event files where its readers are simulated
    """
    saccades = experiment.groups[group]["saccades"]
    if is_simulated(experiment, group):
        return [simulated]
    if "path" in saccades:
        return [experiment.located(saccades["path"])]
    return [file for folder in folders(saccades["events"]) for file in events_files(experiment.located(folder))]


def saccade_source(experiment: Experiment, group: str, simulated: str) -> list[str]:
    """The folders with event files of a group, or its one table of fixations."""
    saccades = experiment.groups[group]["saccades"]
    if "events" in saccades:
        return [experiment.located(folder) for folder in folders(saccades["events"])]
    return saccade_files(experiment, group, simulated)


def layout_of(experiment: Experiment, group: str) -> dict[str, Any]:
    """How the files of a group are to be read: `layout` and what its reader is told beside them."""
    saccades = experiment.groups[group]["saccades"]
    if "layout" in saccades:
        return {key: value for key, value in saccades.items() if key not in ("path", "exclude")}
    return {"layout": "reading-brain", "simulated": is_simulated(experiment, group)}


def released_means(experiment: Experiment, group: str) -> dict[str, str]:
    """Signal -> file of a group's mean as the paper's authors released it."""
    means: Entry = experiment.groups[group].get("saccades", {}).get("means", {})
    return {signal: experiment.located(path) for signal, path in means.items() if signal != "layout"}


def region_files(experiment: Experiment, group: str) -> dict[str, str]:
    """Brain region -> its file."""
    regions: Mapping[str, Entry] = experiment.groups[group]["regions"]
    return {name: experiment.located(region["path"]) for name, region in regions.items()}


def region_exclusions(experiment: Experiment, group: str) -> dict[str, Any]:
    """Brain region -> who does not count for what, and why."""
    regions: Mapping[str, Entry] = experiment.groups[group]["regions"]
    return {name: region.get("exclude", {}) for name, region in regions.items()}
