"""What follows from a configuration: which models on which corpus, who is compared with whom, blocks, sizes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from readalike.errors import ConfigurationError
from readalike.experiment.experiment import Experiment, experiment_of
from readalike.weights.revisions import Revision, write_revisions
from tests.conftest import ROOT

SIMULATE = {"simulate": {"readers": 3, "seed": 1, "profile": "native"}}
NOISE = {"plain": "", "noise": "Cigarette first steel."}
HUB = {"weights": {"hub": "o/n"}, "layers": 3, "parameters": 1e6}


SENTENCES = "article\tsentence\ttext\n1\t1\tA cat sat.\n2\t1\tA dog sat too.\n"


def project(folder: Path, locked: Mapping[str, Revision] | None = None) -> Path:
    """A project's folder, with the schema, a lock and sentences of two articles."""
    shutil.copytree(ROOT / "workflow" / "schemas", folder / "workflow" / "schemas")
    write_revisions(folder / "revisions.lock", locked or {})
    (folder / "s.tsv").write_text(SENTENCES, encoding="utf-8")
    return folder


def own_weights(folder: Path, layers: int) -> dict[str, Any]:
    """A model in a folder of its own, as the configuration names it."""
    folder.mkdir(parents=True)
    described = f'{{"num_hidden_layers": {layers}, "hidden_size": 8, "num_attention_heads": 2, "dtype": "float32"}}'
    (folder / "config.json").write_text(described, encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"\0" * 4000)
    return {"weights": {"folder": folder.name}}


def released(folder: Path, layers: list[int], *prefixes: str) -> dict[str, Any]:
    """Attention that others released, as the configuration names it; nobody reads the files here."""
    folder.mkdir(parents=True)
    for layer in layers:
        for prefix in ("", *prefixes):
            (folder / f"{prefix}rb_p1_layer{layer}.npy").touch()
    return {"imported": {"layout": "gao2023", "path": folder.name}}


def configuration(folder: Path) -> dict[str, Any]:
    """One of each: a corpus with text, one nobody read, one of lengths; readers and regions; five models."""
    regions = {"regions": {"ifg": {"layout": "gao2023", "path": "ifg.pkl"}}}
    return {
        "corpora": {"text": {"sentences": "s.tsv"}, "unread": {"sentences": "u.tsv"}, "brain": {"lengths": "l.tsv"}},
        "groups": {
            "L1": {"corpus": "text", "saccades": SIMULATE},
            "L2": {"corpus": "text", "saccades": SIMULATE},
            "B1": {"corpus": "brain", **regions},
            "B2": {"corpus": "brain", **regions},
        },
        "contrasts": [["L2", "L1"], ["B2", "B1"]],
        "conditions": NOISE,
        "models": {
            "gaps": released(folder / "gaps", [0, 1, 3], "ctrl_", "para_"),
            "small": own_weights(folder / "small", 2),
            "large": own_weights(folder / "large", 5) | {"layers_per_job": 2},
            "tuned": own_weights(folder / "tuned", 5),
            "old": released(folder / "old", [0, 1, 2]),
        },
        "comparisons": {"scaling": [["small", "large"]], "tuning": [["large", "tuned"]], "reference": ["old", "small"]},
        "scaling_law": ["small", "large", "tuned"],
        "seed": 1,
    }


def built(folder: Path, **changed: Any) -> Experiment:
    """The experiment of `configuration` with some of its sections replaced."""
    return experiment_of({**configuration(project(folder)), **changed}, folder, dry_run=False)[0]


def test_a_corpus_of_lengths_has_imported_attention_alone(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.with_text == ["text", "unread"]
    assert experiment.models_on("brain") == experiment.models_of("B1") == experiment.imported == ["gaps", "old"]
    everything = ["gaps", "small", "large", "tuned", "old"]
    assert experiment.models_on("unread") == experiment.models_of("L1") == everything
    assert experiment.extracted == ["small", "large", "tuned"]


def test_a_corpus_is_read_by_the_groups_with_saccades_on_it(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.readers_of("text") == ["L1", "L2"]
    assert experiment.readers_of("unread") == experiment.readers_of("brain") == []
    assert experiment.read_corpora == ["text"]
    assert (experiment.saccade_groups, experiment.region_groups) == (["L1", "L2"], ["B1", "B2"])
    assert experiment.contrasts == [("L2", "L1"), ("B2", "B1")]


def test_the_reference_is_one_pair_and_other_comparisons_are_lists_of_pairs(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.compared("scaling") == [("small", "large")]
    assert experiment.compared("tuning") == [("large", "tuned")]
    assert experiment.compared("reference") == [("old", "small")]
    assert experiment.tuned == ["tuned"], "the near-twins are no tuned models"


def test_the_near_twin_of_a_tuned_model_is_tuned(tmp_path: Path) -> None:
    comparisons = {"tuning": [["large", "tuned"]], "reference": ["tuned", "old"]}
    assert built(tmp_path, comparisons=comparisons).tuned == ["old", "tuned"]


@pytest.mark.parametrize(
    ("report", "expected"),
    [({}, {"text": "A, CC0"}), ({"texts": True}, {"text": "A, CC0", "unread": ""}), ({"texts": False}, {})],
)
def test_words_of_a_corpus_are_shown_where_it_has_a_licence(
    tmp_path: Path, report: dict[str, bool], expected: dict[str, str]
) -> None:
    corpora = {"text": {"sentences": "s.tsv", "licence": "A, CC0"}, "unread": {"sentences": "u.tsv"}}
    corpora["brain"] = {"lengths": "l.tsv", "licence": "of lengths"}
    assert built(tmp_path, corpora=corpora, report=report).licensed == expected


def test_comparisons_that_are_not_configured_have_no_pairs(tmp_path: Path) -> None:
    experiment = built(tmp_path, comparisons={})
    assert [experiment.compared(name) for name in ("scaling", "tuning", "reference")] == [[], [], []]
    assert experiment.comparisons == {"scaling": [], "tuning": []}


def test_conditions_are_those_configured_or_those_that_were_released(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.conditions_of("small") == ["plain", "noise"]
    assert experiment.conditions_of("gaps") == ["plain", "paraphrase", "noise"]
    assert experiment.conditions_of("old") == ["plain"]
    assert experiment.prefixed == ["noise"]


@pytest.mark.parametrize(("conditions", "sensitive"), [(NOISE, True), ({"plain": ""}, False)])
def test_sensitivity_needs_another_condition_than_plain(
    tmp_path: Path, conditions: dict[str, str], sensitive: bool
) -> None:
    experiment = built(tmp_path, conditions=conditions)
    assert experiment.has_sensitivity("small") is sensitive
    assert experiment.has_sensitivity("gaps"), "what was released counts, whatever is configured"
    assert not experiment.has_sensitivity("old")


def test_a_block_is_a_job_or_a_run_of_released_layers(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.blocks("small") == [(0, 1)]
    assert experiment.blocks("large") == [(0, 1), (2, 3), (4, 4)]
    assert experiment.blocks("gaps") == [(0, 1), (3, 3)]


def test_a_model_is_whole_when_every_layer_is_there(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.layers == {"gaps": 4, "small": 2, "large": 5, "tuned": 5, "old": 3}
    assert not experiment.is_whole("gaps")
    assert experiment.whole_models == ["small", "large", "tuned", "old"]


def test_released_layers_may_be_the_first_of_more(tmp_path: Path) -> None:
    models = configuration(tmp_path)["models"]
    project(tmp_path)
    given = {**minimal(), "models": {"old": models["old"] | {"layers": 8}}}
    assert not experiment_of(given, tmp_path, dry_run=False)[0].is_whole("old")


def test_released_attention_has_a_known_size_where_parameters_are_given(tmp_path: Path) -> None:
    given = configuration(project(tmp_path))
    asked = ["old", "gaps", "large", "small", "stranger"]
    assert experiment_of(given, tmp_path, dry_run=False)[0].known_size(asked) == ["large", "small"]
    for name in ("old", "gaps"):
        given["models"][name]["parameters"] = "7e9"
    experiment, _ = experiment_of(given, tmp_path, dry_run=False)
    assert experiment.known_size(asked) == ["old", "large", "small"], "gaps has no best layer"


def test_a_line_on_size_needs_three_models(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.scaling_law == ["large", "small", "tuned"]
    fewer = experiment.config | {"scaling_law": ["small", "large"]}
    assert Experiment(fewer, tmp_path, {}, experiment.layers).scaling_law == []


def test_the_model_that_is_drawn_is_the_first_whole_one_or_the_named(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    assert experiment.shown_model == "small"
    named = experiment.config | {"figures": {"model": "tuned"}}
    assert Experiment(named, tmp_path, {}, experiment.layers).shown_model == "tuned"
    gaps = experiment.config | {"models": {"gaps": experiment.models["gaps"]}}
    assert Experiment(gaps, tmp_path, {}, experiment.layers).shown_model is None


def test_paths_are_told_as_seen_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.setenv("HOME", str(tmp_path))
    experiment = Experiment({"cache": "cache"}, tmp_path / "project", {}, {})
    assert experiment.located("data/s.tsv") == "../project/data/s.tsv"
    assert experiment.located("~/s.tsv") == "../s.tsv"
    assert experiment.located(str(tmp_path / "run" / "s.tsv")) == "s.tsv"
    assert experiment.cache_folder == "../project/cache"


def test_a_run_of_released_layers_has_its_files_in_every_condition(tmp_path: Path) -> None:
    experiment = built(tmp_path)
    for condition, prefix in (("plain", ""), ("paraphrase", "para_"), ("noise", "ctrl_")):
        files = experiment.released_files("gaps", condition, 0, 1)
        names = [f"{prefix}rb_p1_layer{layer}.npy" for layer in (0, 1)]
        assert files == [os.path.relpath(tmp_path / "gaps" / name) for name in names]
        assert all(Path(file).is_file() for file in files)


def test_an_absent_optional_model_is_left_out_with_a_notice(tmp_path: Path) -> None:
    given = configuration(project(tmp_path))
    given["models"]["tuned"]["weights"] = {"folder": "gone", "optional": True}
    experiment, notices = experiment_of(given, tmp_path, dry_run=False)
    assert "tuned" not in experiment.models
    assert experiment.compared("tuning") == []
    assert [notice.split(":")[0] for notice in notices] == ["model tuned is left out", "comparisons.tuning"]


def test_a_wrong_configuration_is_refused_with_every_field(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)seed: expected integer.*threads: 0 is less"):
        built(tmp_path, seed="one", threads=0)


def minimal() -> dict[str, Any]:
    """What every configuration needs, but for models."""
    groups = {"L1": {"corpus": "text", "saccades": SIMULATE}}
    return {"corpora": {"text": {"sentences": "s.tsv"}}, "groups": groups, "conditions": NOISE, "seed": 1}


def test_only_a_dry_run_goes_without_what_was_never_looked_up(tmp_path: Path) -> None:
    project(tmp_path)
    given = {**minimal(), "models": {"m": HUB}}
    with pytest.raises(ConfigurationError, match=r"models\.m\.weights\.hub: o/n is not in revisions\.lock"):
        experiment_of(given, tmp_path, dry_run=False)
    experiment, _ = experiment_of(given, tmp_path, dry_run=True)
    assert experiment.blocks("m") == [(0, 2)]
    assert experiment.locked["o/n"].revision == "unresolved"


def test_what_was_looked_up_comes_before_a_stand_in(tmp_path: Path) -> None:
    found = Revision("a" * 40, "main", 3, 2, 1000, 8, 9, 4)
    project(tmp_path, {"o/n": found})
    for dry_run in (True, False):
        experiment, _ = experiment_of({**minimal(), "models": {"m": HUB}}, tmp_path, dry_run=dry_run)
        assert experiment.locked == {"o/n": found}


def test_nothing_heavy_is_imported_while_the_workflow_is_read() -> None:
    code = "import sys, readalike.experiment.missing, readalike.experiment.paths; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "readalike.experiment.weights" in loaded
    assert not {"torch", "transformers", "matplotlib", "statsmodels", "snakemake"} & set(loaded)


def test_an_untrained_model_is_the_twin_of_what_has_its_weights(tmp_path: Path) -> None:
    weights, other = {"folder": "a"}, {"folder": "b"}
    models: dict[str, Any] = {
        "drawn": {"weights": {**weights, "untrained": 1}},
        "again": {"weights": {**weights, "untrained": 2}},
        "learned": {"weights": dict(weights), "dtype": "float16"},
        "with-start": {"weights": dict(weights), "start_token": True},
        "other": {"weights": dict(other)},
        "alone": {"weights": {"folder": "c", "untrained": 1}},
        "released": {"imported": {"layout": "gao2023", "path": "x"}},
    }
    experiment = Experiment({"models": models}, tmp_path, {}, {})
    assert experiment.trained == ["learned", "with-start", "other", "released"]
    assert experiment.twins == [("learned", "drawn"), ("learned", "again")]
