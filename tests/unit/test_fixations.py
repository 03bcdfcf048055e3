"""Tables of fixations: the same signals as from events, counts by a plain loop, every message."""

import csv
import gzip
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, Sentence, read_sentences
from readalike.errors import EventsError
from readalike.files.gaze import Gaze
from readalike.gaze.events import read_events, reader_files, rebuild_corpus
from readalike.gaze.fixations import FixationTable, group_fixations
from readalike.gaze.saccades import group_gaze
from readalike.gaze.simulate import write_readers
from tests.conftest import ROOT

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans", "live")), Sentence(1, 2, ("No",)), Sentence(2, 1, ("red", "twin"))))
COLUMNS = {"reader": "SUBJ", "article": "TEXT", "sentence": "SENT", "word": "WORD", "duration": "DUR", "order": "FIX"}
HEADER = ["SUBJ", "noise", *list(COLUMNS.values())[1:]]
Row = tuple[object, ...]  # SUBJ, TEXT, SENT, WORD, DUR, FIX
READ: list[Row] = [
    ("01", 1, 1, 3, 110, 4), ("01", 1, 1, 1, 100, 1), ("01", 1, 1, ".", 50, 2), ("01", 1, 1, 3, 200, 3),
    ("01", 1, 1, 1, 120, 7), ("01", 1, 2, 1, 90, 5), ("01", 1, 2, "NA", 70, 6),
    ("01", 2, 1, 2, 130, 1), ("01", 2, 1, 1, 140, 2), ("01", 2, 1, 2, 150, 3), ("01", "", "", "", 99, 4),
]  # fmt: skip


def write(path: Path, rows: Sequence[Row], header: Sequence[str] = HEADER) -> Path:
    """A table with a column more than is needed, which holds what must not end a cell or a row."""
    tabs = ".csv" not in path.name
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8", newline="") as file:
        if tabs:
            file.writelines("\t".join(map(str, row)) + "\r\n" for row in [header, *((r, '"a', *s) for r, *s in rows)])
        else:
            csv.writer(file).writerows([header, *((reader, 'a,"b', *rest) for reader, *rest in rows)])
    return path


def gaze_of(path: Path, corpus: Corpus = CORPUS, exclude: dict[str, str] | None = None, **table: Any) -> Gaze:
    columns = table.pop("columns", COLUMNS)
    return group_fixations("G", FixationTable(path, columns, **table), corpus, exclude=exclude or {})


def assert_same(found: Gaze, expected: Gaze) -> None:
    assert found.readers == expected.readers
    assert found.excluded == expected.excluded
    assert found.steps is not None
    assert found.steps.tolist() == expected.steps.tolist()  # type: ignore[union-attr]
    for signal, values in expected.signals.items():
        # To the last bit: the same ms are added in the same order.
        assert np.array_equal(found.signals[signal], values), signal
        assert values.any(), signal


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt", "t.csv.gz", "t.tsv.gz"])
def test_by_hand(tmp_path: Path, name: str) -> None:
    gaze = gaze_of(write(tmp_path / name, READ))
    # In order 1>3 (over the one off the text), 3>3, 3>1 (over the visit to sentence 2); then 2>1, 1>2.
    assert gaze.steps is not None
    assert gaze.steps.tolist() == [5]
    number, duration = (
        [CORPUS.matrix(gaze.signals[s][0], k).tolist() for k in range(3)] for s in ("number", "duration")
    )
    assert number == [[[0, 0, 0], [0, 0, 0], [1, 0, 1]], [[0]], [[0, 0], [1, 0]]]
    assert duration == [[[0, 0, 0], [0, 0, 0], [120, 0, 110]], [[0]], [[0, 0], [140, 0]]]
    assert gaze.readers_are == "measured"


def as_table(folders: Sequence[Path], corpus: Corpus, path: Path, seed: int) -> Path:
    """Event files as one table in random order of rows; what is off the text is missing in one of several ways."""
    rng = np.random.default_rng(seed)
    frames = []
    for reader, files in reader_files(folders).items():
        for file in files:
            events = read_events(file)
            lengths = [corpus.lengths[corpus.index(a, s)] for a, s in zip(events.article, events.sentence, strict=True)]
            off = rng.choice(["", ".", "NA", "NaN", " "], len(events))
            word = events["area"].astype(str).where(events["area"].between(1, lengths), off)
            frames.append(events.assign(SUBJ=reader, noise="x", WORD=word, FIX=np.arange(len(events)) * 3 - 7))
    table = pd.concat(frames).rename(columns={"article": "TEXT", "sentence": "SENT", "duration_ms": "DUR"})
    table = table.sample(frac=1, random_state=seed)
    table[HEADER].to_csv(path, index=False)
    return path


def test_the_same_readers_as_events_and_as_a_table(tmp_path: Path) -> None:
    corpus = read_sentences(ROOT / "resources" / "demo" / "sentences.tsv")
    corpus = Corpus(tuple(item for item in corpus.sentences if item.sentence <= 4))
    write_readers(tmp_path / "events", corpus, readers=5, seed=3, profile="nonnative")
    next((tmp_path / "events" / "sub-04" / "func").iterdir()).unlink()
    exclude = {"sub-02": "tired"}
    expected = group_gaze("G", [tmp_path / "events"], corpus, exclude=exclude, simulated=False)
    assert len(expected.readers) == 3
    path = as_table([tmp_path / "events"], corpus, tmp_path / "t.csv", seed=5)
    assert_same(gaze_of(path, corpus, exclude), expected)


@pytest.mark.slow
def test_real_readers_as_a_table(reading_brain: Path, tmp_path: Path) -> None:
    folder = reading_brain / "openneuro" / "ds003974"
    corpus = rebuild_corpus([folder, folder.with_name("ds003988")])
    exclude = {"sub-01": "excluded by the paper's authors"}
    found = gaze_of(as_table([folder], corpus, tmp_path / "t.csv", seed=1), corpus, exclude)
    assert found.steps is not None
    assert len(found.readers) == 51
    assert found.steps.sum() == 85_679
    assert_same(found, group_gaze("G", [folder], corpus, exclude=exclude, simulated=False))


def test_random_fixations_by_a_plain_loop(tmp_path: Path) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        corpus = Corpus(
            tuple(Sentence(a, s, tuple("abcdefg"[: rng.integers(1, 8)])) for a in (1, 2) for s in range(1, 4))
        )
        first, ordered = seed % 2, seed % 3 > 0
        rows: list[Row] = []
        for reader, item, _ in itertools.product(("b", "a"), corpus.sentences, range(25)):
            word: object = int(rng.integers(len(item.words))) + first if rng.random() > 0.1 else ""
            rows.append((reader, item.article, f"{item.sentence}.0", word, float(rng.integers(80, 400)) / 4, 0))
        times = rng.permutation(len(rows)) / 8 - 50
        rows = [(*rows[k][:5], times[k]) for k in rng.permutation(len(rows))]
        columns = {key: name for key, name in COLUMNS.items() if ordered or key != "order"}
        gaze = gaze_of(write(tmp_path / "t.csv", rows), corpus, columns=columns, words_from=first)
        assert gaze.readers == ("a", "b")
        for row, reader in enumerate(gaze.readers):
            steps = 0
            for k, item in enumerate(corpus.sentences):
                n = len(item.words)
                number, duration = np.zeros((n, n)), np.zeros((n, n))
                own = [r for r in rows if r[:3] == (reader, item.article, f"{item.sentence}.0") and r[3] != ""]
                if ordered:
                    own.sort(key=lambda r: r[5])  # type: ignore[arg-type,return-value]
                for before, after in itertools.pairwise(own):
                    i, j = before[3] - first, after[3] - first  # type: ignore[operator]
                    number[i, j] += 1
                    duration[i, j] += after[4]
                    steps += 1
                assert corpus.matrix(gaze.signals["number"][row], k).tolist() == np.tril(number).tolist()
                assert corpus.matrix(gaze.signals["duration"][row], k).tolist() == np.tril(duration).tolist()
            assert gaze.steps is not None
            assert gaze.steps[row] == steps


def of(reader: str, rows: Sequence[Row] = READ) -> list[Row]:
    return [(reader, *row[1:]) for row in rows]


def test_names_of_readers_stay_text(tmp_path: Path) -> None:
    names = ["NA", "01", "1", "1.0", "nan"]
    path = write(tmp_path / "t.csv", [row for name in names for row in of(name)])
    assert gaze_of(path).readers == ("01", "1", "1.0", "NA", "nan")


def test_who_is_left_out_and_which_sentences_nobody_fixated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    skipped = [(*row[:3], "", *row[4:]) if row[2] == 2 else row for row in of("03")]
    rows = [*of("01"), *of("02", READ[:7]), *skipped, *of("04"), ("04", "x", "y", "z", "", "")]
    # 05 read article 2 off the text only: read all the same, as with events.
    rows += [*of("05", READ[:6]), ("05", 2, 1, ".", "", "")]
    path = write(tmp_path / "t.csv", rows)
    with caplog.at_level("INFO", "readalike"):
        gaze = gaze_of(path, exclude={"04": "broken"})
    assert gaze.readers == ("01", "03", "05")
    assert gaze.excluded == {"04": "broken", "02": "incomplete: article 2 missing"}
    assert "reader 02 left out: incomplete" in caplog.text
    warned = [r.getMessage() for r in caplog.records if "no fixation" in r.getMessage()]
    assert warned == [
        "group G: reader 03: no fixation on a word in 1 of 2 sentences of article 1",
        "group G: reader 05: no fixation on a word in 1 of 1 sentences of article 2",
    ]
    caplog.clear()
    gaze_of(write(tmp_path / "t.csv", READ))
    assert "without a fixation" not in caplog.text
    with pytest.raises(EventsError, match="exclude names 09, who is not there; readers are 01"):
        gaze_of(tmp_path / "t.csv", exclude={"09": "x"})
    with pytest.raises(EventsError, match="no reader is left"):
        gaze_of(write(tmp_path / "t.csv", READ[:7]))


def test_one_article_needs_no_column_and_several_do(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", READ[:7])
    columns = {key: name for key, name in COLUMNS.items() if key != "article"}
    with pytest.raises(EventsError, match=r"t\.csv: the corpus has 2 articles, so .* name it as article: under"):
        gaze_of(path, columns=columns)
    # The articles of such a corpus need not begin at 1.
    corpus = Corpus(tuple(Sentence(7, item.sentence, item.words) for item in CORPUS.sentences[:2]))
    assert gaze_of(path, corpus, columns=columns).steps.tolist() == [3]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("01", 2, 1, 3, 100, 9), "WORD is '3', but article 2, sentence 1 has 2 words, counted from 1; the read"),
        (("01", 2, 1, 0, 100, 9), r"WORD is '0', expected a whole number of 1 or more \(words_from: 1\)"),
        (("01", 2, 1, -1, 100, 9), "WORD is '-1', expected a whole number of 1 or more"),
        (("01", 2, 1, "1.5", 100, 9), "WORD is '1.5', expected a whole number"),
        (("01", 2, 1, "two", 100, 9), "WORD is 'two', expected a whole number"),
        (("01", 2, 1, "inf", 100, 9), "WORD is 'inf', expected a whole number"),
        (("01", 2, 5, 1, 100, 9), "article 2, sentence 5 was read, but the corpus has none"),
        (("01", 2, 5, ".", 100, 9), "article 2, sentence 5 was read, but the corpus has none"),
        (("01", 3, 1, 1, 100, 9), "article 3, sentence 1 was read, but the corpus has none"),
        (("01", 2, "", 1, 100, 9), "SENT is '', expected a whole number: the corpus's sentence"),
        (("01", 2, "1.5", 1, 100, 9), "SENT is '1.5', expected"),
        (("01", "II", 1, 1, 100, 9), "TEXT is 'II', expected a whole number: the corpus's article"),
        (("01", 2, 1, 1, "long", 9), "DUR is 'long', expected a number of ms, 0 or more"),
        (("01", 2, 1, 1, "", 9), "DUR is '', expected"),
        (("01", 2, 1, 1, "-5", 9), "DUR is '-5', expected"),
        (("01", 2, 1, 1, "inf", 9), "DUR is 'inf', expected"),
        (("01", 2, 1, 1, 100, ""), "FIX is '', expected a number"),
        (("", 2, 1, 1, 100, 9), "SUBJ is '', expected a name"),
        (("01", 2, 1, 1, 100, 9, "more"), "8 cells, but 7 columns in line 1"),
        (("01", 2, 1, 1, 100), "6 cells, but 7 columns in line 1; is the file cut off"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line(tmp_path: Path, row: Row, said: str) -> None:
    for name in ("t.csv", "t.tsv"):
        with pytest.raises(EventsError, match=rf"{name}, line 13: {said}"):
            gaze_of(write(tmp_path / name, [*READ, row]))


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    lines = write(tmp_path / "t.csv", READ).read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace("a,", "a\n\n,")
    lines[4] = lines[4].replace("200", "long")
    (tmp_path / "t.csv").write_text("\n".join(["", *lines[:4], "", *lines[4:], ""]), encoding="utf-8")
    with pytest.raises(EventsError, match=r"t\.csv, line 9: DUR is 'long'"):
        gaze_of(tmp_path / "t.csv")


def test_words_may_be_counted_from_0(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", READ)
    with pytest.raises(EventsError, match=r"line 2: WORD is '3', but .* has 3 words, counted from 0; .* words_from:"):
        gaze_of(path, words_from=0)


def test_two_fixations_at_once_are_refused_and_off_the_text_they_do_not_matter(tmp_path: Path) -> None:
    both = "lines 2 and 13: reader 01 has two fixations with FIX 4 on one sentence"
    with pytest.raises(EventsError, match=both):
        gaze_of(write(tmp_path / "t.csv", [*READ, ("01", 1, 1, 2, 80, "4.0")]))
    fine = [*READ, ("01", 1, 1, "", 80, 4), ("01", 1, 2, "", 80, 4), ("02", 1, 1, 1, 80, 4)]
    assert gaze_of(write(tmp_path / "t.csv", fine)).steps.tolist() == [5]  # type: ignore[union-attr]


def test_missing_columns_are_named_with_those_found(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", READ)
    said = r"t\.csv, line 1: no column 'WORDS' \(word\); did you mean 'WORD'\? \(found: SUBJ, noise, TEXT, SENT"
    with pytest.raises(EventsError, match=said):
        gaze_of(path, columns={**COLUMNS, "word": "WORDS"})
    with pytest.raises(EventsError, match=r"no column 'Qq' \(reader\) \(found: SUBJ"):
        gaze_of(path, columns={**COLUMNS, "reader": "Qq"})
    with pytest.raises(EventsError, match=r"line 1: the column 'SUBJ' \(reader\) is there twice"):
        gaze_of(write(path, READ, ["SUBJ", *HEADER[:1], *HEADER[2:]]))


def test_what_is_no_table_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(EventsError, match=r"none\.csv: no such file; correct path:"):
        gaze_of(tmp_path / "none.csv")
    with pytest.raises(EventsError, match=r"t\.xlsx: a table of fixations ends in \.csv, \.tsv or \.txt"):
        gaze_of(write(tmp_path / "t.xlsx", READ))
    with pytest.raises(EventsError, match=r"t\.csv, line 1: no column 'SUBJ'"):
        gaze_of(write(tmp_path / "t.csv", [], []))
    with pytest.raises(EventsError, match=r"t\.csv: no fixations"):
        gaze_of(write(tmp_path / "t.csv", []))
    path = write(tmp_path / "t.csv", READ)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"SUBJ,", b"\xef\xbb\xbfSUBJ,").replace(b"noise", b"\xc3\xa9"))
    assert gaze_of(path).readers == ("01",), "a byte order mark is no part of a name"
    path.write_bytes(whole.replace(b"noise", b"no\xffse"))
    with pytest.raises(EventsError, match=r"t\.csv: not UTF-8 after line 1; save the table as UTF-8"):
        gaze_of(path)
    path.write_bytes(whole.replace(b'"a,""b"', b'"a,""b', 1))
    with pytest.raises(EventsError, match=r"t\.csv: cannot be read as a table after line 1"):
        gaze_of(path)
    packed = write(tmp_path / "t.csv.gz", READ)
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(EventsError, match=r"t\.csv\.gz: cannot be read as a table"):
        gaze_of(packed)
    packed.write_bytes(whole)
    with pytest.raises(EventsError, match=r"t\.csv\.gz: cannot be read as a table"):
        gaze_of(packed)


def test_mending_4_a_readers_rows_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    """A file appended to itself; with `order` two fixations are equal in it."""
    path = write(tmp_path / "t.csv", [*of("01"), *of("02"), *of("01")])
    with pytest.raises(EventsError, match=r"lines 2 and \d+: the rows of reader 01 are there twice"):
        gaze_of(path)


@pytest.mark.parametrize(("one", "other"), [("order", "duration"), ("duration", "order"), ("word", "order")])
def test_one_column_for_two_things_is_refused(one: str, other: str, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", READ)
    with pytest.raises(EventsError, match=rf"the column '{COLUMNS[other]}' is given for .*; correct columns:"):
        gaze_of(path, columns={**COLUMNS, one: COLUMNS[other]})


def test_blanks_around_a_name_make_no_other_reader(tmp_path: Path) -> None:
    rows = [(f"{row[0]} " if k % 2 else f" {row[0]}", *row[1:]) for k, row in enumerate(READ)]
    assert_same(gaze_of(write(tmp_path / "t.csv", rows)), gaze_of(write(tmp_path / "u.csv", READ)))
    with pytest.raises(EventsError, match=r"line 13: SUBJ is '', expected a name"):
        gaze_of(write(tmp_path / "t.csv", [*READ, (" ", 2, 1, 1, 100, 9)]))


THROUGH = {**{key: name for key, name in COLUMNS.items() if key != "order"}, "text_order": "FIX"}


def test_with_an_order_through_the_text_steps_follow_each_other_there(tmp_path: Path) -> None:
    """In article 1: 1>3, then 3>3, then sentence 2 in between, then a number that is missing (9) before 3>1."""
    rows: list[Row] = [
        ("01", 1, 1, 1, 100, 1), ("01", 1, 1, 3, 200, 2), ("01", 1, 1, 3, 110, 3), ("01", 1, 2, 1, 90, 4),
        ("01", 1, 1, 2, 80, 5), ("01", 1, 1, 1, 85, 6), ("01", 1, 1, 3, 120, 8), ("01", 1, 1, 1, 70, 10),
        # Off the text, so that 12 does not follow 10 or 11; the next article begins anew.
        ("01", 1, 1, ".", 50, 11), ("01", 1, 1, 1, 60, 12), ("01", 2, 1, 2, 130, 13), ("01", 2, 1, 1, 140, 14),
    ]  # fmt: skip
    gaze = gaze_of(write(tmp_path / "t.csv", rows[::-1]), columns=THROUGH)
    assert gaze.steps is not None
    # 1>3, 3>3, 2>1 (5 to 6), and in article 2 2>1.
    assert gaze.steps.tolist() == [4]
    assert CORPUS.matrix(gaze.signals["duration"][0], 0).tolist() == [[0, 0, 0], [85, 0, 0], [0, 0, 110]]
    assert CORPUS.matrix(gaze.signals["duration"][0], 2).tolist() == [[0, 0], [140, 0]]
    # By order alone the eye is never elsewhere: 3>2 over sentence 2, 1>3, 3>1, 1>1 over what is missing count too.
    assert gaze_of(tmp_path / "t.csv").steps.tolist() == [8]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1.5, "FIX is '1.5', expected a whole number that counts a reader's fixations through the article"),
        (5, "lines 5 and 7: reader 01 has two fixations with FIX 5 on one article, .*number all fixations of a reader"),
    ],
)
def test_an_order_through_the_text_counts_and_is_not_there_twice(number: float, said: str, tmp_path: Path) -> None:
    rows = [(*row[:5], number if k == 3 else row[5]) for k, row in enumerate(READ)]
    with pytest.raises(EventsError, match=said):
        gaze_of(write(tmp_path / "t.csv", rows), columns=THROUGH)
