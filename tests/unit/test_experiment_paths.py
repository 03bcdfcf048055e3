"""A path with wildcards stands for every file of the configuration that belongs together, and no other."""

from pathlib import Path
from typing import Any

import pytest

from readalike.experiment.experiment import Experiment
from readalike.experiment.paths import every
from tests.unit.test_experiment import built

MODELS = ["gaps", "small", "large", "tuned", "old"]
IMPORTED = ["gaps", "old"]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return built(tmp_path_factory.mktemp("project"))


def test_corpora_come_before_models(experiment: Experiment) -> None:
    with_text = [f"{corpus}/{model}" for corpus in ("text", "unread") for model in MODELS]
    assert every(experiment, "{corpus}/{model}") == [*with_text, *(f"brain/{model}" for model in IMPORTED)]


def test_models_come_before_groups_whatever_the_pattern_names_first(experiment: Experiment) -> None:
    groups = {model: ["L1", "L2", *(["B1", "B2"] if model in IMPORTED else [])] for model in MODELS}
    pairs = [(model, group) for model in MODELS for group in groups[model]]
    assert every(experiment, "{model}/{group}") == [f"{model}/{group}" for model, group in pairs]
    assert every(experiment, "{group}/{model}") == [f"{group}/{model}" for model, group in pairs]


@pytest.mark.parametrize(
    ("pattern", "only", "expected"),
    [
        ("{model}", {}, MODELS),
        ("{model}", {"model": "small"}, ["small"]),
        ("{model}", {"model": ["tuned", "small"]}, ["small", "tuned"]),
        ("{model}", {"model": []}, []),
        ("{model}", {"model": "stranger"}, []),
        ("{group}", {}, ["L1", "L2", "B1", "B2"]),
        ("{group}", {"group": ["B1", "L2"]}, ["L2", "B1"]),
        ("{group}", {"corpus": "brain"}, ["B1", "B2"]),
        ("{group}", {"corpus": ["text", "brain"], "group": ["L1", "B1"]}, ["L1", "B1"]),
        ("{group}", {"corpus": "unread"}, []),
        ("{model}/{group}", {"corpus": "brain"}, ["gaps/B1", "gaps/B2", "old/B1", "old/B2"]),
        ("{model}/{group}", {"group": "B1", "model": "small"}, []),
        ("{corpus}", {"corpus": ["brain", "text"]}, ["text", "brain"]),
        ("{corpus}/{model}", {"model": "old"}, ["text/old", "unread/old", "brain/old"]),
        ("{corpus}/{model}", {"model": "small", "corpus": "brain"}, []),
        ("nothing.csv", {}, ["nothing.csv"]),
    ],
)
def test_values_are_restricted_and_keep_the_order_of_the_configuration(
    experiment: Experiment, pattern: str, only: dict[str, Any], expected: list[str]
) -> None:
    assert every(experiment, pattern, **only) == expected


def test_a_contrast_is_a_pair_of_groups_and_goes_with_the_models_compared_with_them(experiment: Experiment) -> None:
    assert every(experiment, "{high}--{low}") == ["L2--L1", "B2--B1"]
    eyes, brains = ([f"{model}/{pair}" for model in MODELS] for pair in ("L2--L1", "B2--B1"))
    assert every(experiment, "{model}/{high}--{low}", high="L2") == eyes
    assert every(experiment, "{model}/{high}--{low}", low=["B1"]) == [brains[0], brains[-1]]
    assert every(experiment, "{model}/{high}--{low}", corpus="brain", model="old") == [brains[-1]]
    assert every(experiment, "{high}--{low}", high="L1") == []


def test_compared_pairs_stand_on_every_corpus_with_text(experiment: Experiment) -> None:
    pattern = "{corpus}/{comparison}/{a}--{b}"
    kinds = ["scaling/small--large", "tuning/large--tuned", "reference/old--small"]
    assert every(experiment, pattern) == [f"{corpus}/{pair}" for corpus in ("text", "unread") for pair in kinds]
    assert every(experiment, pattern, corpus="text", comparison=["tuning", "scaling"]) == [
        f"text/{pair}" for pair in kinds[:2]
    ]
    assert every(experiment, pattern, a="large") == ["text/tuning/large--tuned", "unread/tuning/large--tuned"]
    assert every(experiment, pattern, corpus="unread", b="small") == ["unread/reference/old--small"]
    assert every(experiment, pattern, corpus="brain") == []


def test_a_pair_that_is_compared_twice_is_one_path_where_the_comparison_is_not_named(experiment: Experiment) -> None:
    pairs = {"scaling": [["small", "large"]], "tuning": [["small", "large"]]}
    twice = Experiment(experiment.config | {"comparisons": pairs}, experiment.root, {}, experiment.layers)
    assert every(twice, "{a}--{b}") == ["small--large"]
    assert len(every(twice, "{comparison}/{a}--{b}", corpus="text")) == 2


def test_blocks_are_those_of_each_model(experiment: Experiment) -> None:
    pattern = "{corpus}/{model}/{first}-{last}"
    assert every(experiment, pattern, corpus="text", model=["small", "large"]) == [
        *("text/small/0-1", "text/large/0-1", "text/large/2-3", "text/large/4-4")
    ]
    # The block before the one that starts at layer 2.
    assert every(experiment, pattern, corpus="text", model="large", last="1") == ["text/large/0-1"]
    assert every(experiment, pattern, corpus="text", model="large", first=["2", "4"], last="4") == ["text/large/4-4"]
    assert every(experiment, pattern, corpus="text", model="large", last="-1") == []


def test_attention_that_lacks_layers_has_a_block_for_each_run_of_them(experiment: Experiment) -> None:
    expected = [f"{corpus}/gaps/{run}" for corpus in ("text", "unread", "brain") for run in ("0-1", "3-3")]
    assert every(experiment, "{corpus}/{model}/{first}-{last}", model="gaps") == expected


def test_without_contrasts_and_comparisons_there_are_no_paths_of_them(tmp_path: Path) -> None:
    experiment = built(tmp_path, contrasts=[], comparisons={})
    assert every(experiment, "{model}/{high}--{low}") == []
    assert every(experiment, "{corpus}/{comparison}/{a}--{b}") == []
