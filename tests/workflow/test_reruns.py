"""What is made again when something changes: exactly what depends on it, by name."""

import json
import os
import re
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

import h5py
import pytest

from readalike.files.contracts.attention import SURPRISAL
from readalike.files.contracts.dictionary import all_tables
from readalike.files.contracts.landing import LANDING
from readalike.files.contracts.reading_times import READING_TIMES
from readalike.files.contracts.sinks import SINKS
from readalike.running.digests import PLUMBING
from tests.running import ROOT, planned, snakemake, stems_of_figures
from tests.workflow.conftest import CONDITIONS, CORPUS, REPORT, Finished, Moved, edit

GROUPS = ("L1", "L2")
SUMMARY = {"results/summary.txt", "results/captions.md"} | REPORT
# What conclusions are made into.
ROBUSTNESS = {"results/tables/robustness.csv", "results/tables/verdict.csv", "results/verdict.txt"}
SENTENCES = {"results/sentences.html"}
# Of models with other layers than six.
BLOCKS = {"small": "0-3", "middle": "0-4"}


# Tables of one model's measures, as their contracts have them, but for those that this configuration does not ask for.
NOT_ASKED = (SURPRISAL, READING_TIMES, SINKS, LANDING)
MEASURES = [path for table in all_tables() if table.overview and table not in NOT_ASKED for path in table.paths]


def measures_of(model: str, blocks: str = "0-5") -> set[str]:
    """Everything that is made of one model alone."""
    attention = f"results/attention/{CORPUS}/{model}"
    files = {f"{attention}/{condition}/layers-{blocks}.h5" for condition in CONDITIONS}
    tables = {
        "results/" + path.format(corpus=CORPUS, model=model, group=group, high="L2", low="L1")
        for path in MEASURES
        for group in GROUPS
    }
    resemblance = [f"results/resemblance/{model}/{group}" for group in GROUPS]
    return (
        tables
        | files
        | {
            f"{attention}/states-1-{blocks}.safetensors",
            *(f"{stem}{ending}" for stem in resemblance for ending in ("-folds.csv", "-sums.h5")),
            f"results/resemblance/{model}/L2--L1-thinned-sums.h5",
            *(f"results/all-layers/{model}/{group}{end}" for group in GROUPS for end in (".csv", "-sums.h5")),
            f"results/reliance/{CORPUS}/{model}-bootstrap.h5",
            *(f"results/beyond/{model}/{group}-sums.h5" for group in GROUPS),
            f"results/overview/{model}.csv",
        }
    )


def equal_features(*models: str, groups: tuple[str, ...] = GROUPS) -> set[str]:
    """Of one model, but on as many features as the model with the fewest heads has."""
    ends = (".csv", "-folds.csv")
    return {f"results/equal-features/{model}/{group}{end}" for model in models for group in groups for end in ends}


def statistics(*names: str) -> set[str]:
    return {f"results/statistics/{name}.csv" for name in names}


def tables(*stems: str) -> set[str]:
    return {f"results/tables/{stem}.{ending}" for stem in stems for ending in ("csv", "tex")}


def figures(*stems: str) -> set[str]:
    return {f"results/figures/{stem}.{ending}" for stem in stems for ending in ("pdf", "png", "csv")}


ALL_FIGURES = figures(*stems_of_figures(CORPUS))
# What puts all models side by side: every one of these changes with the list of models.
OF_ALL_MODELS = (
    statistics(
        *("best-layer", "reliance-change", "sensitivity", "sensitivity-tuning", "resemblance-tuning"),
        *("resemblance-groups", "correlations", "scaling-law", "scaling-slopes", "transfer", "planning", "conclusions"),
        "equal-features",
    )
    | ROBUSTNESS
    | tables("table-01-loss-and-resemblance", "table-headline", "table-02-scale", "table-03-tuning")
    | tables("table-04-changed-layers", "table-06-changed-layers")
    # Figures 2 and 3 draw compared pairs alone.
    | {path for path in ALL_FIGURES if not path.startswith(("results/figures/figure-02", "results/figures/figure-03"))}
    | SUMMARY
    | SENTENCES
)


def test_an_added_model(finished: Finished, checkpoints: Path) -> None:
    config = finished.changed()
    config["models"]["added"] = {"weights": {"folder": str(checkpoints / "large-twin")}}
    assert set(planned(finished.folder, config)) == measures_of("added") | OF_ALL_MODELS | equal_features(
        *config["models"]
    )


def test_an_added_model_that_is_compared(finished: Finished, checkpoints: Path) -> None:
    config = finished.changed()
    config["models"]["added"] = {"weights": {"folder": str(checkpoints / "large-twin")}}
    config["comparisons"]["tuning"].append(["large", "added"])
    expected = (
        measures_of("added")
        | OF_ALL_MODELS
        | equal_features(*config["models"])
        | {f"results/divergence/{CORPUS}/tuning/large--added.csv"}
        | statistics("divergence")
        | figures(f"figure-03-divergence-tuning-{CORPUS}")
    )
    assert set(planned(finished.folder, config)) == expected


def test_a_removed_model(finished: Finished) -> None:
    config = finished.changed()
    del config["models"]["large-twin"]
    del config["comparisons"]["reference"]
    # Its pair was the reference of the divergences.
    expected = OF_ALL_MODELS | statistics("divergence") | ALL_FIGURES | equal_features(*config["models"])
    assert set(planned(finished.folder, config)) == expected


def test_whole_texts_in_place_of_shared_prefixes(finished: Finished) -> None:
    config = finished.changed()
    config["models"]["middle"]["share_prefixes"] = False
    outputs = planned(finished.folder, config)
    attention = [path for path in outputs if path.startswith("results/attention/") and path.endswith(".h5")]
    assert attention == [f"results/attention/{CORPUS}/middle/{name}/layers-0-4.h5" for name in sorted(CONDITIONS)]


# Blocks of each model, as the configuration of these tests has them.
BLOCKS_OF = {
    "small": ["0-3"],
    "middle": ["0-4"],
    "large": ["0-3", "4-5"],
    "large-tuned": ["0-5"],
    "large-twin": ["0-5"],
}


def extractions(outputs: list[str]) -> set[str]:
    """Attention among some outputs, without hidden states."""
    return {path for path in outputs if path.startswith("results/attention/") and path.endswith(".h5")}


def in_condition(folder: str) -> set[str]:
    """Attention of every model in one condition."""
    return {
        f"results/attention/{CORPUS}/{model}/{folder}/layers-{block}.h5"
        for model, blocks in BLOCKS_OF.items()
        for block in blocks
    }


# Files of which the last needs all blocks before.
BLOCK_ENDS = {"small": "0-3", "large": "5-5"}
# What depends on attention in the plain sentences alone, or on none.
OF_PLAIN = (
    *("results/gaze", "results/human", "results/resemblance", "results/heads", "results/beyond"),
    *("results/all-layers", "results/equal-features", "results/yardsticks", f"results/corpus/{CORPUS}"),
)


def test_an_added_condition_is_extracted_alone(finished: Finished) -> None:
    """In one pass over each block's weights; of the measures, those of every condition are made again."""
    config = finished.changed()
    config["conditions"] |= {"paraphrase": "Please paraphrase this sentence:", "other": "Another:"}
    outputs = planned(finished.folder, config)
    assert extractions(outputs) == in_condition("paraphrase") | in_condition("other")
    states = [path for path in outputs if "/states-" in path]
    assert len(states) == sum(map(len, BLOCKS_OF.values())), "a job a block"
    assert all("/states-2-" in path for path in states)
    assert not [path for path in outputs if path.startswith(OF_PLAIN)]
    assert {f"results/{name}/{CORPUS}/large.csv" for name in ("loss", "reliance", "sensitivity")} <= set(outputs)


def test_a_removed_condition_extracts_nothing(finished: Finished) -> None:
    config = finished.changed()
    del config["conditions"]["noise"]
    outputs = planned(finished.folder, config)
    assert extractions(outputs) == set()
    assert not [path for path in outputs if path.startswith(OF_PLAIN)]
    assert f"results/sensitivity/{CORPUS}/large.csv" in outputs


def test_a_condition_with_another_text_is_extracted_alone(finished: Finished) -> None:
    """Into a folder of its own, so that what there is of the old text cannot be taken for it."""
    config = finished.changed()
    config["conditions"]["noise"] = "Other words first."
    outputs = planned(finished.folder, config)
    assert extractions(outputs) == in_condition("noise+2")
    assert not [path for path in outputs if path.startswith(OF_PLAIN)]
    assert f"results/sensitivity/{CORPUS}/large.csv" in outputs


@pytest.mark.slow
def test_a_damaged_block_is_one_extraction_where_states_are_kept(finished: Finished, tmp_path: Path) -> None:
    config = finished.changed() | {"comparisons": {}, "scaling_law": [], "keep_states": True}
    config["models"] = {"large": {**config["models"]["large"], "layers_per_job": 2}}
    folder, made = tmp_path / "run", f"results/loss/{CORPUS}/large.csv"
    done = snakemake(folder, config, made)
    assert done.returncode == 0, done.stdout[-3000:]
    large = f"results/attention/{CORPUS}/large"
    files = {f"{large}/{name}/layers-{a}-{a + 1}.h5" for name in CONDITIONS for a in (0, 2, 4)}
    before = {path: (folder / path).read_bytes() for path in files}
    assert extractions(planned(folder, config, "measures")) == set()
    damaged = f"{large}/noise/layers-2-3.h5"
    (folder / damaged).unlink()
    block = {path for path in files if path.endswith("layers-2-3.h5")}
    assert extractions(planned(folder, config, "measures")) == block
    done = snakemake(folder, config, damaged)
    assert done.returncode == 0, done.stdout[-3000:]
    assert {path: (folder / path).read_bytes() for path in files} == before
    # States are no result: nothing is missed where they are gone, and then a block needs those before it.
    for path in (folder / large).glob("states-*"):
        path.unlink()
    for keep in (True, False):
        config["keep_states"] = keep
        assert extractions(planned(folder, config, "measures")) == set()
    (folder / damaged).unlink()
    assert extractions(planned(folder, config, "measures")) == files


def test_blocks_of_one_layer_share_an_allocation_of_a_cluster(finished: Finished, tmp_path: Path) -> None:
    """As a dry run with the profile tells it: jobs of a group are one job of SLURM."""
    config = finished.changed()
    config["models"]["large"]["layers_per_job"] = 1
    files = [f"results/attention/{CORPUS}/{model}/plain/layers-{block}.h5" for model, block in BLOCK_ENDS.items()]
    profile = str(ROOT / "workflow" / "profiles" / "slurm")
    done = snakemake(tmp_path / "run", config, *files, "--dry-run", "--profile", profile)
    assert done.returncode == 0, done.stdout[-3000:]
    assert done.stdout.count("Group job ") == done.stdout.count(f"Group job attention_{CORPUS}_large_1_0 ") == 1
    shared = re.findall(r"^ {4}rule attention:\n(?: {8}.*\n)+?.*wildcards: .*model=(.*)\n", done.stdout, re.MULTILINE)
    assert sorted(shared) == [f"large, first={k}, last={k}" for k in range(6)]
    alone = re.findall(r"^rule attention:\n(?: {4}.*\n)+?.*wildcards: .*model=(.*)\n", done.stdout, re.MULTILINE)
    assert sorted(alone) == ["small, first=0, last=3"]
    # Ten minutes once, however many blocks there are.
    assert re.findall(r"first=0, last=0\n.*\n.*runtime=(\d+)", done.stdout) == ["11"]
    assert re.findall(r"first=5, last=5\n.*\n.*runtime=(\d+)", done.stdout) == ["2"]


def test_a_block_that_is_gone_is_missed(finished: Finished) -> None:
    """Though what was made of it is still there."""
    away = finished.folder / "away"
    path = f"results/attention/{CORPUS}/small/noise/layers-0-3.h5"
    (finished.folder / path).rename(away)
    try:
        expected = {f"results/attention/{CORPUS}/small/{name}/layers-0-3.h5" for name in CONDITIONS}
        assert extractions(planned(finished.folder, finished.config)) == expected
    finally:
        away.rename(finished.folder / path)


def test_threads_count_for_what_was_extracted_on_a_processor(finished: Finished) -> None:
    config = finished.changed() | {"threads": 2}
    every = {path for name in CONDITIONS for path in in_condition(name)}
    assert extractions(planned(finished.folder, config, "measures")) == every
    # Beside it, so that paths to what is elsewhere stay.
    folder = finished.folder.with_name(f"{finished.folder.name}-device")
    shutil.copytree(finished.folder, folder, symlinks=True)
    for path in every:
        with h5py.File(folder / path, "r+") as file:
            file.attrs["device"] = "cuda"
    assert extractions(planned(folder, config, "measures")) == set()
    shutil.rmtree(folder)


def test_an_added_group(finished: Finished) -> None:
    config = finished.changed()
    config["groups"]["L3"] = {
        **config["groups"]["L1"],
        "saccades": {"simulate": {"readers": 4, "seed": 3, "profile": "native"}},
    }
    names = ("ceilings.csv", "bounds.csv", "reliance.csv", "baseline.csv", "sums.h5")
    human = {f"results/human/L3/{name}" for name in names}
    resemblance = {
        f"results/resemblance/{model}/L3{ending}"
        for model in config["models"]
        for ending in (".csv", "-folds.csv", "-sums.h5")
    }
    expected = (
        {"results/gaze/L3.h5", "results/gaze/simulated/L3"}
        | human
        | resemblance
        | {"results/yardsticks/L3.csv"}
        | {f"results/heads/{model}/L3.csv" for model in config["models"]}
        | {f"results/all-layers/{model}/L3{ending}" for model in config["models"] for ending in (".csv", "-sums.h5")}
        | {f"results/overview/{model}.csv" for model in config["models"]}
        | equal_features(*config["models"], groups=("L3",))
        | statistics(
            *("best-layer", "resemblance-tuning", "resemblance-groups", "reliance-groups"),
            *("correlations", "scaling-law", "scaling-slopes", "transfer", "planning", "conclusions", "equal-features"),
        )
        | {f"results/beyond/{model}/L3-sums.h5" for model in config["models"]}
        | ROBUSTNESS
        | tables("table-01-loss-and-resemblance", "table-headline", "table-05-reader-reliance")
        | tables("table-02-scale", "table-03-tuning", "table-04-changed-layers", "table-06-changed-layers")
        | figures(
            *(f"figure-01-saccades-{CORPUS}", f"figure-06-resemblance-layers-{CORPUS}"),
            *("figure-05-loss", "figure-07-resemblance-size", f"figure-17-controls-{CORPUS}"),
            *("figure-21-power", "figure-22-robustness"),
        )
        | SUMMARY
        | SENTENCES
    )
    outputs = set(planned(finished.folder, config))
    assert expected <= outputs
    assert outputs - expected <= ALL_FIGURES


def test_a_figures_colour(finished: Finished) -> None:
    config = finished.changed()
    config["figures"] = {"style": {"palette": "deep"}}
    assert set(planned(finished.folder, config)) == ALL_FIGURES | SUMMARY


def test_keys_in_another_order(finished: Finished) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return value

    config = turned(finished.changed())
    # The order of models is that of rows and colours, and the first is drawn in figure 1.
    config["models"] = {name: config["models"][name] for name in finished.config["models"]}
    config["groups"] = {name: config["groups"][name] for name in finished.config["groups"]}
    assert planned(finished.folder, config) == []


@pytest.mark.parametrize(("section", "first", "second"), [("models", "small", "large"), ("groups", "L1", "L2")])
def test_mending_3_two_names_swapped(finished: Finished, section: str, first: str, second: str) -> None:
    """Nothing is measured again; what sets models or groups side by side has another order."""
    config = finished.changed()
    other = {first: second, second: first}
    config[section] = {other.get(name, name): config[section][other.get(name, name)] for name in config[section]}
    found = set(planned(finished.folder, config))
    assert {f"results/figures/figure-06-resemblance-layers-{CORPUS}.png", *tables("table-headline"), *SUMMARY} <= found
    assert "results/statistics/best-layer.csv" in found
    assert not [path for path in found if path.startswith(("results/attention", "results/resemblance", "results/gaze"))]


@pytest.mark.parametrize(
    "path",
    [
        f"results/figures/figure-06-resemblance-layers-{CORPUS}.png",
        "results/statistics/correlations.csv",
        "results/tables/table-headline.tex",
        f"results/loss/{CORPUS}/small.csv",
        "results/overview/small.csv",
        "results/human/L1/bounds.csv",
        "results/human/L1/ceilings.csv",
        "results/columns.csv",
    ],
)
def test_a_removed_result(finished: Finished, path: str) -> None:
    """A job that failed removes what it would have made, and the summary of before is still there."""
    away = finished.folder / "away"
    (finished.folder / path).rename(away)
    try:
        assert path in planned(finished.folder, finished.config)
    finally:
        away.rename(finished.folder / path)


def test_a_fresh_clone_beside_kept_results(moved: Moved, finished: Finished, checkpoints: Path) -> None:
    assert moved.planned() == []
    added = moved.config["models"]["large-twin"]["weights"]["folder"]
    moved.config["models"]["added"] = {"weights": {"folder": added}}
    expected = measures_of("added") | OF_ALL_MODELS | equal_features(*moved.config["models"])
    assert set(moved.planned()) == expected - REPORT


def test_touched_scripts_modules_and_inputs(moved: Moved) -> None:
    large = Path(moved.config["models"]["large"]["weights"]["folder"]) / "model.safetensors"
    for path in (*moved.project.rglob("*.py"), large, Path(moved.config["corpora"][CORPUS]["sentences"])):
        os.utime(path)
    assert moved.planned() == []


def test_a_changed_function_of_the_library(moved: Moved) -> None:
    """Exactly the outputs of the rules that use it, and what is made of them."""
    edit(moved.project / "src/readalike/measures/loss.py", "characters = sum(", "characters = 0 + sum(")
    models = moved.config["models"]
    expected = (
        {f"results/loss/{CORPUS}/{model}.csv" for model in models}
        | {f"results/overview/{model}.csv" for model in models}
        | statistics("correlations", "scaling-law", "scaling-slopes", "transfer", "conclusions", "equal-features")
        | ROBUSTNESS
        | tables("table-01-loss-and-resemblance", "table-02-scale", "table-03-tuning")
        | figures("figure-05-loss", "figure-07-resemblance-size", "figure-19-transfer", "figure-22-robustness")
        # Colours and order of models tell the parameters, which stand beside the loss.
        | figures(f"figure-06-resemblance-layers-{CORPUS}", "figure-35-all-layers")
        | SUMMARY
    )
    assert set(moved.planned()) == expected - REPORT


def test_a_changed_script(moved: Moved) -> None:
    edit(moved.project / "scripts/tables/reader_reliance.py", "Table 5. R2 of", "Table 5. The R2 of")
    assert set(moved.planned()) == (tables("table-05-reader-reliance") | SUMMARY) - REPORT


def test_comments_and_docstrings_in_every_module_and_script(moved: Moved) -> None:
    """And functions of the library that nothing uses: no number depends on any of them."""
    unused = "\n\ndef of_no_use(x: int) -> int:\n    return x\n"
    changed = 0
    for folder, more in (("src", unused), ("scripts", "")):
        for path in (moved.project / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if text.startswith('"""'):
                text = '"""In other words: ' + text[3:]
            # Contracts are handed on as whole modules, which counts all of them.
            added = "" if path.parent.name == "contracts" else more
            path.write_text(f"{text}\n\n# A comment.\n{added}", encoding="utf-8")
            changed += 1
    assert changed > 150
    # The data dictionary has the words of the contracts, and the summary names it.
    assert set(moved.planned()) <= {"results/columns.csv", *SUMMARY}


@pytest.mark.parametrize("module", sorted(PLUMBING))
def test_a_statement_in_plumbing(moved: Moved, module: str) -> None:
    path = moved.project / "src" / f"{module.replace('.', '/')}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nEXTRA = len('called on import')\n", encoding="utf-8")
    assert moved.planned() == []


def test_a_statement_in_what_reads_and_writes_tables(moved: Moved) -> None:
    """Tables are made again; attention, gaze and the corpus, which are none, are not."""
    edit(
        moved.project / "src/readalike/files/tables.py",
        "    write_csv(path",
        "    path = Path(path)\n    write_csv(path",
    )
    outputs = moved.planned()
    assert "results/statistics/best-layer.csv" in outputs
    assert not [path for path in outputs if path.startswith(("results/attention", "results/gaze", "results/corpus"))]


def test_a_statement_in_the_attention_tap(moved: Moved) -> None:
    """Every model is extracted again, and all that follows from attention; what readers did stays."""
    edit(
        moved.project / "src/readalike/attention/tap.py", "def _collect(", "len('called on import')\n\n\ndef _collect("
    )
    outputs = set(moved.planned())
    measures = {path for model in moved.config["models"] for path in measures_of(model, BLOCKS.get(model, "0-5"))}
    large = "results/attention/short/large"
    measures -= {f"{large}/states-1-0-5.safetensors", *(f"{large}/{name}/layers-0-5.h5" for name in CONDITIONS)}
    measures |= {f"{large}/{name}/layers-{a}-{b}.h5" for name in CONDITIONS for a, b in ((0, 3), (4, 5))}
    expected = measures | OF_ALL_MODELS | ALL_FIGURES | equal_features(*moved.config["models"])
    assert expected - REPORT <= outputs
    assert not [path for path in outputs if path.startswith(("results/gaze", "results/human", "results/corpus"))]


@pytest.mark.slow
def test_a_large_input_that_is_touched(finished: Finished, tmp_path: Path, checkpoints: Path) -> None:
    """Above 1 MB, where Snakemake compares only times unless it was told otherwise when the output was made."""
    config = finished.changed()
    weights = tmp_path / "weights"
    shutil.copytree(checkpoints / "small", weights)
    (weights / "padding.json").write_text(json.dumps("x" * 3_000_000), encoding="utf-8")
    config |= {"models": {"only": {"weights": {"folder": str(weights)}}}, "comparisons": {}, "scaling_law": []}
    folder, target = tmp_path / "run", f"results/loss/{CORPUS}/only.csv"
    done = snakemake(folder, config, target)
    assert done.returncode == 0, done.stdout[-3000:]
    os.utime(weights / "padding.json")
    assert planned(folder, config, target) == []
    (weights / "padding.json").write_text(json.dumps("y" * 3_000_000), encoding="utf-8")
    assert f"results/attention/{CORPUS}/only/plain/layers-0-3.h5" in planned(folder, config, target)


def test_a_package_in_another_version_is_named_and_counts_where_that_is_asked_for(finished: Finished) -> None:
    record = finished.folder / "results/provenance/loss/short/small.csv.json"
    text = record.read_text(encoding="utf-8")
    told = json.loads(text)
    assert told["environment"]["packages"]["numpy"] == metadata.version("numpy")
    told["environment"]["packages"]["numpy"] = "1.0"
    record.write_text(json.dumps(told), encoding="utf-8")
    try:
        done = snakemake(finished.folder, finished.config, "--dry-run")
        # Versions come into the digests of all.
        config = finished.changed() | {"rerun_on": ["environment"]}
        asked = snakemake(finished.folder, config, "--dry-run", "results/loss/short/small.csv")
    finally:
        record.write_text(text, encoding="utf-8")
    now = metadata.version("numpy")
    assert "1 results in results were made with other versions than are installed" in done.stdout
    assert f"numpy 1.0 (now {now}) in 1; the first is results/loss/short/small.csv" in done.stdout
    assert "Nothing to be done" in done.stdout
    assert "other versions" not in asked.stdout
    assert f", numpy {now}, pandas {metadata.version('pandas')}, python " in asked.stdout
    assert "rule loss:" in asked.stdout
