"""The example of docs/your-own-readers.md, file by file as it stands there, and what a user may get wrong in it."""

import re
from pathlib import Path

import h5py
import pytest
import yaml

from readalike.corpus import read_sentences
from readalike.errors import ConfigurationError, EventsError
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.gaze.fixations import FixationTable, group_fixations
from readalike.strict_yaml import read_strict
from tests.running import ROOT, snakemake

PAGE = (ROOT / "docs" / "your-own-readers.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(re.findall(r"^`([\w/.]+)`:\n\n```\w*\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))
TARGET = "results/mine/gaze/mine.h5"


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The page's configuration, with its tables written into a folder of the test's own."""
    for name in ("data/mine/sentences.tsv", "data/mine/fixations.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    return "results: results/mine\n" + FILES["config/mine.yaml"].replace("data/mine/", f"{tmp_path}/data/mine/")


def test_the_pages_example(config: str, tmp_path: Path) -> None:
    assert set(FILES) == {"data/mine/sentences.tsv", "data/mine/fixations.csv", "config/mine.yaml"}
    assert f".venv/bin/snakemake {TARGET} --profile" in PAGE
    done = snakemake(tmp_path, config, TARGET)
    assert done.returncode == 0, done.stdout[-3000:]
    corpus = read_corpus(tmp_path / "results/mine/corpus/mine/words.tsv")
    gaze = read_gaze(tmp_path / TARGET, corpus)
    assert gaze.readers == ("01", "02")
    assert gaze.excluded == {"03": "incomplete: article 2 missing"}
    assert gaze.steps is not None
    assert gaze.steps.tolist() == [9, 7]
    # By hand. Reader 01: 1 2 4 3 3 and, back from the next sentence, 2; then 1 3 2; 2 1 4.
    # Reader 02: 1 3 3 4; 2 1; 1 3 2 4.
    o = [0, 0, 0, 0]
    expected = {
        ("01", "number"): ([o, o, [0, 1, 1, 0], [0, 0, 1, 0]], [[0] * 3, [0] * 3, [0, 1, 0]], [o, [1, 0, 0, 0], o, o]),
        ("01", "duration"): (
            [o, o, [0, 160, 150, 0], [0, 0, 180, 0]],
            [[0] * 3, [0] * 3, [0, 170, 0]],
            [o, [140, 0, 0, 0], o, o],
        ),
        ("02", "number"): ([o, o, [0, 0, 1, 0], o], [[0] * 3, [1, 0, 0], [0] * 3], [o, o, [0, 1, 0, 0], o]),
        ("02", "duration"): ([o, o, [0, 0, 200, 0], o], [[0] * 3, [180, 0, 0], [0] * 3], [o, o, [0, 175, 0, 0], o]),
    }
    for (reader, signal), matrices in expected.items():
        values = gaze.signals[signal][gaze.readers.index(reader)]
        assert [corpus.matrix(values, k).tolist() for k in range(3)] == list(matrices), (reader, signal)
    log = (tmp_path / "results/mine/logs/gaze/mine.log").read_text(encoding="utf-8")
    assert "group mine: reader 03 left out: incomplete: article 2 missing" in log
    with h5py.File(tmp_path / TARGET) as file:
        assert file.attrs["readers_are"] == "measured"


@pytest.mark.slow
def test_only_what_the_columns_say_makes_the_gaze_again(config: str, tmp_path: Path) -> None:
    def made(text: str) -> bool:
        done = snakemake(tmp_path, text, TARGET, "--dry-run")
        assert done.returncode == 0, done.stdout[-3000:]
        return "Nothing to be done" not in done.stdout

    assert made(config)
    assert snakemake(tmp_path, config, TARGET).returncode == 0
    columns = re.search(r"\{reader: SUBJECT, (.*)\}", config)
    assert columns is not None
    assert not made(config.replace(columns[0], f"{{{columns[1]}, reader: SUBJECT}}")), "the order of keys says nothing"
    assert made(config.replace(", order: FIXATION", ""))
    assert made(config.replace("layout: fixations\n", "layout: fixations\n      words_from: 0\n"))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("fixations.csv", "fixation.csv", "groups.mine.saccades.path: no file "),
        (
            "layout: fixations\n",
            "layout: fixations\n      means: {layout: gao2023}\n",
            "'means' does not go with layout",
        ),
        ("columns: {", "exclude: {", "groups.mine.saccades: 'columns' is missing; layout + path + columns go together"),
        ("word: WORD, ", "", "groups.mine.saccades.columns: 'word' is missing"),
        ("word: WORD, ", "wrd: WORD, ", "unknown key 'wrd'; did you mean 'word'?"),
    ],
)
def test_a_mistake_in_the_configuration_is_found_before_any_job(
    config: str, tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in config
    done = snakemake(tmp_path, config.replace(right, wrong), TARGET)
    assert done.returncode != 0
    assert said in done.stdout
    assert "Traceback" not in done.stdout
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("01,1,1,3,4,240", "01,1,1,3,5,240", "line 4: WORD is '5', but article 1, sentence 1 has 4 words"),
        ("DURATION", "DURATIONS", "line 1: no column 'DURATION' (duration); did you mean 'DURATIONS'?"),
    ],
)
def test_a_mistake_in_the_table_is_one_message(config: str, tmp_path: Path, right: str, wrong: str, said: str) -> None:
    table = tmp_path / "data/mine/fixations.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    done = snakemake(tmp_path, config, TARGET)
    assert done.returncode != 0
    assert f"fixations.csv, {said}" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (tmp_path / TARGET).exists()


def test_every_message_on_the_page_is_one_that_comes(config: str, tmp_path: Path) -> None:
    corpus = read_sentences(tmp_path / "data/mine/sentences.tsv")
    columns = yaml.safe_load(config)["groups"]["mine"]["saccades"]["columns"]
    text = FILES["data/mine/fixations.csv"]
    row = "01,1,1,4,3,180\n"
    said = ""
    for table, change, exclude in (
        (text, {"word": "WRD"}, {}),
        (text.replace("01,1,1,3,4", "01,1,1,3,5"), {}, {}),
        (text.replace(row, row + "01,3,1,4,3,180\n"), {}, {}),
        (text, {"article": None}, {}),
        (text.replace(row, row + row), {}, {}),
        (text.replace(row, "01,1,1,4,3.5,180\n"), {}, {}),
        (text.replace(row, '01,1,1,4,3,"0,18"\n'), {}, {}),
        (text.replace(row, "01,1,1,4,3,0,18\n"), {}, {}),
        (text.replace(row, row + "M\xfcller,1,1,4,3,180\n"), {}, {}),
        (text, {}, {"5": "tired"}),
        (text, {"order": "WORD"}, {}),
        (re.sub("^(..),1", r"\1,0", text, flags=re.MULTILINE), {}, {}),
    ):
        (tmp_path / "t.csv").write_bytes(table.encode("latin-1"))
        named = {key: name for key, name in {**columns, **change}.items() if name}
        with pytest.raises(EventsError) as caught:
            group_fixations("mine", FixationTable(tmp_path / "t.csv", named), corpus, exclude=exclude)
        said += f"{caught.value}\n"
    (tmp_path / "c.yaml").write_text("exclude: {01: tired}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_strict(tmp_path / "c.yaml")
    said += f"{refused.value}\n"
    table = PAGE.split("## What the errors mean")[1].split("## ")[0]
    messages = [m for line in table.splitlines() for m in re.findall("`([^`]+)`", line.split(" | ")[0])]
    assert len(messages) == 13
    assert [message for message in messages if message not in said] == []
