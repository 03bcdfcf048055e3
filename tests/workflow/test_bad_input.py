"""Bad input ends in one message: what is wrong, where, what to do; what is finished stays."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import pytest

from tests.running import ROOT, as_yaml, planned, script, snakemake
from tests.workflow.conftest import CORPUS, Finished


def finished_files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in (folder / "results").rglob("*") if path.is_file()}


def unknown_key(config: dict[str, Any]) -> str:
    config["token_budgett"] = 5
    return "unknown key 'token_budgett'; did you mean 'token_budget'?"


def wrong_type(config: dict[str, Any]) -> str:
    config["seed"] = "one"
    return "seed: expected integer, found 'one'"


def blank_in_a_name(config: dict[str, Any]) -> str:
    config["models"]["my model"] = config["models"]["small"]
    return "the name 'my model' may hold letters"


def slash_in_a_name(config: dict[str, Any]) -> str:
    config["models"]["a/b"] = config["models"]["small"]
    return "the name 'a/b' may hold letters"


def unknown_model(config: dict[str, Any]) -> str:
    config["comparisons"]["tuning"] = [["large", "larger"]]
    return "comparisons.tuning.0: no model larger"


def missing_folder(config: dict[str, Any]) -> str:
    config["models"]["small"]["weights"]["folder"] = "no/such/folder"
    return "models.small.weights.folder: no "


def missing_events(config: dict[str, Any]) -> str:
    config["groups"]["L1"]["saccades"] = {"events": "no/such/events"}
    return "no/such/events: no events files"


def one_article(config: dict[str, Any]) -> str:
    sentences = Path(config["corpora"]["short"]["sentences"])
    lines = sentences.read_text(encoding="utf-8").splitlines(keepends=True)
    one = sentences.with_name("one.tsv")
    one.write_text("".join(line for line in lines if line[0] in "a1"), encoding="utf-8")
    config["corpora"]["short"]["sentences"] = str(one)
    return "corpora.short: one article only; "


def no_such_sentence(config: dict[str, Any]) -> str:
    config["figures"] = {"sentence": "9 9"}
    return "figures.sentence: '9 9': the corpus has no article 9, sentence 9"


def corpus_that_is_none(config: dict[str, Any]) -> str:
    config["corpora"]["short"]["sentences"] = str(Path(config["corpora"]["short"]["sentences"]).parent)
    return "corpora.short.sentences: "


def prefix_beyond_the_context(config: dict[str, Any]) -> str:
    config["conditions"]["noise"] = "first steel " * 100
    return "conditions.noise: "


def template_that_runs_code(config: dict[str, Any]) -> str:
    # Snakemake itself has run it by then.
    config["__use_yte__"] = True
    return "__use_yte__ lets a configuration run code"


MISTAKES = [
    *(unknown_key, wrong_type, blank_in_a_name, slash_in_a_name, unknown_model, missing_folder, missing_events),
    *(one_article, no_such_sentence, corpus_that_is_none, prefix_beyond_the_context, template_that_runs_code),
]


@pytest.mark.parametrize(
    ("mistake", "arguments"),
    [*((mistake, ["--dry-run"]) for mistake in MISTAKES), (unknown_key, []), (no_such_sentence, [])],
)
def test_a_wrong_configuration_is_one_message_and_nothing_is_lost(
    finished: Finished, mistake: Any, arguments: list[str]
) -> None:
    before = finished_files(finished.folder)
    config = finished.changed()
    said = mistake(config)
    done = snakemake(finished.folder, config, *arguments)
    assert done.returncode != 0
    assert said in done.stdout
    assert "Traceback" not in done.stdout
    assert finished_files(finished.folder) == before


def test_a_missing_shard_is_found_before_any_job(finished: Finished, tmp_path: Path) -> None:
    config = finished.changed()
    folder = tmp_path / "sharded"
    shutil.copytree(config["models"]["small"]["weights"]["folder"], folder)
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}), encoding="utf-8")
    config["models"]["small"]["weights"]["folder"] = str(folder)
    done = snakemake(finished.folder, config)
    assert done.returncode != 0
    assert "models.small.weights.folder: " in done.stdout
    assert "sharded: model.safetensors.index.json names model-00002-of-00002.safetensors, which" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_model_named_twice_is_found(finished: Finished) -> None:
    text = as_yaml(finished.config).replace("  small:\n", "  middle:\n", 1)
    done = snakemake(finished.folder, text)
    assert done.returncode != 0
    assert "'middle' is given twice" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(("encoding", "said"), [("utf-16", "invalid start byte"), ("latin-1", "invalid continuation")])
def test_the_own_configuration_in_another_encoding_is_named(encoding: str, said: str, tmp_path: Path) -> None:
    """Without --configfile; a file given by it is read by Snakemake first, which ends in a traceback of its own."""
    text = "# \u00e9 of some editors\n" + (ROOT / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "config.yaml").write_bytes(text.encode(encoding))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--dry-run", "--cores", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode != 0
    assert f"config.yaml: not UTF-8 ({said}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def words(finished: Finished) -> Path:
    return finished.folder / "results/corpus/short/words.tsv"


def assert_refused(done: subprocess.CompletedProcess[str], *said: str) -> None:
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("ERROR")]) == 1
    for part in said:
        assert part in done.stdout


def test_a_sentence_that_differs_from_the_one_the_gaze_was_built_on(finished: Finished, tmp_path: Path) -> None:
    text = words(finished).read_text(encoding="utf-8").replace("Honeybees", "Bumblebees", 1)
    (tmp_path / "words.tsv").write_text(text, encoding="utf-8")
    outputs = [f"--{name}={tmp_path}/{name}" for name in ("ceilings", "bounds", "reliance", "baseline", "sums")]
    outputs.append("--seed=1")
    gaze = finished.folder / "results/gaze/L1.h5"
    done = script("measures/human.py", "--words", tmp_path / "words.tsv", "--gaze", gaze, *outputs)
    assert_refused(done, str(gaze), "made from another corpus", "article 1, sentence 1", "Bumblebees")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["words.tsv"]


def test_attention_of_another_corpus_and_nan_in_it(finished: Finished, tmp_path: Path) -> None:
    source = finished.folder / "results/attention/short/small/noise/layers-0-3.h5"
    common = ("--corpus-name", "short", "--kind", "raw", "--seed", 1, "--draws", 100)
    outputs = ("--table", tmp_path / "t.csv", "--bootstrap", tmp_path / "b.h5")
    text = words(finished).read_text(encoding="utf-8").replace("forager", "bee", 1)
    (tmp_path / "words.tsv").write_text(text, encoding="utf-8")
    done = script("measures/reliance.py", "--words", tmp_path / "words.tsv", "--attention", source, *common, *outputs)
    assert_refused(done, str(source), "made from another corpus", "article 1, sentence 2")
    bad = tmp_path / "layers-0-3.h5"
    shutil.copy(source, bad)
    with h5py.File(bad, "r+") as file:
        file["noise/attention"][2, 1, 5] = float("nan")
    done = script("measures/reliance.py", "--words", words(finished), "--attention", bad, *common, *outputs)
    assert_refused(done, str(bad), "condition noise, layer 2", "not numbers")


def test_a_corpus_without_words_or_with_a_tab(tmp_path: Path) -> None:
    outputs = ("--sentences", tmp_path / "out/sentences.tsv", "--words", tmp_path / "out/words.tsv")
    for line, said in (("1\t1\t ", "no words"), ("1\t1\ta\tb", "must not hold a tab")):
        (tmp_path / "s.tsv").write_text(f"article\tsentence\ttext\n{line}\n", encoding="utf-8")
        done = script("corpus/corpus.py", "--text", tmp_path / "s.tsv", *outputs)
        assert_refused(done, "s.tsv, line 2", said)
        assert not (tmp_path / "out").exists()


def test_an_events_file_without_a_needed_column(finished: Finished, tmp_path: Path) -> None:
    shutil.copytree(finished.folder / "results/gaze/simulated/L1", tmp_path / "data")
    file = next((tmp_path / "data").rglob("*_events.tsv"))
    text = file.read_text(encoding="utf-8").replace("CURRENT_FIX_DURATION", "DURATION", 1)
    file.write_text(text, encoding="utf-8")
    done = script(
        "gaze/gaze.py", "--words", words(finished), "--group", "L1", "--source", tmp_path / "data",
        "--layout", '{"layout": "reading-brain"}', "--exclude", "{}",
        "--gaze", tmp_path / "L1.h5", "--log", tmp_path / "gaze.log",
    )  # fmt: skip
    assert_refused(done, file.name, "no column CURRENT_FIX_DURATION")
    assert not (tmp_path / "L1.h5").exists()
    assert "no column" in (tmp_path / "gaze.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_word_that_no_token_covers_stops_its_job_and_keeps_the_rest(finished: Finished, tmp_path: Path) -> None:
    config = finished.changed()
    sentences = tmp_path / "sentences.tsv"
    sentences.write_text("article\tsentence\ttext\n1\t1\tany human\n2\t1\tno sound\n", encoding="utf-8")
    broken = tmp_path / "broken"
    shutil.copytree(config["models"]["small"]["weights"]["folder"], broken)
    tokenizer = json.loads((broken / "tokenizer.json").read_text(encoding="utf-8"))
    drop = {"type": "Split", "pattern": {"String": "human"}, "behavior": "Removed", "invert": False}
    tokenizer["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [drop, tokenizer["pre_tokenizer"]]}
    (broken / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config["corpora"]["short"]["sentences"] = str(sentences)
    config["models"] = {"small": {"weights": {"folder": str(broken)}}}
    config |= {"comparisons": {}, "scaling_law": []}
    done = snakemake(tmp_path / "run", config, "results/loss/short/small.csv")
    assert done.returncode != 0
    assert "no token covers word 2 ('human')" in done.stdout
    assert "article 1, sentence 1" in done.stdout
    assert "Traceback" not in done.stdout
    assert (tmp_path / "run/results/corpus/short/words.tsv").is_file()
    assert not list((tmp_path / "run/results").rglob("*.h5"))


@pytest.mark.slow
def test_mending_3_a_result_that_was_cut_off_stops_what_reads_it_and_the_message_stands_last_and_once(
    apart: Finished,
) -> None:
    place = "results/resemblance/small/L1.csv"
    made_of_it = ("results/statistics/best-layer.csv", f"results/figures/figure-06-resemblance-layers-{CORPUS}.png")
    path = apart.folder / place
    before = finished_files(apart.folder)
    kept = apart.folder / "kept.csv"
    shutil.copy2(path, kept)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: 2 * len(lines) // 3]), encoding="utf-8")
    try:
        done = snakemake(apart.folder, apart.config, *made_of_it)
    finally:
        shutil.move(kept, path)
    assert done.returncode != 0
    message = f": {place}: edited, cut off or replaced since the workflow made it; delete it, and run the workflow"
    # Last, of each job that read it once.
    last = done.stdout.strip().splitlines()[-2 * done.stdout.count(message) :]
    assert 2 <= len(last) <= 4
    assert all(message in line for line in last[::2])
    assert all(line.startswith("(log: results/logs/") for line in last[1::2])
    assert len(set(last)) == len(last)
    for noise in ("Traceback", "CalledProcessError", "export PYTHONPATH", "--resemblance"):
        assert noise not in done.stdout
    # What it would have been made into is gone, and comes back, though the summary is there.
    gone = [name for name in made_of_it if not (apart.folder / name).exists()]
    assert gone
    assert set(gone) <= set(planned(apart.folder, apart.config)), "all that is asked for, where nothing is named"
    again = snakemake(apart.folder, apart.config, *made_of_it)
    assert again.returncode == 0, again.stdout[-3000:]
    assert finished_files(apart.folder).keys() == before.keys()
