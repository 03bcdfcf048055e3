"""Events to saccades: hand-made files, counts by hand and by brute force, every message."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.errors import CorpusError, EventsError
from readalike.gaze.events import COLUMNS, on_words, read_events, reader_files, rebuild_corpus
from readalike.gaze.saccades import group_gaze, saccades

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans", "live")), Sentence(2, 1, ('"red"', "twin"))))
Row = tuple[str, int | str, int]  # sentence id, area or '.', duration


def write_events(folder: Path, reader: str, rows: list[Row], run: int = 1, columns: list[str] = COLUMNS) -> Path:
    path = folder / reader / "func" / f"{reader}_task-read_run-{run}_events.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    words = {(f"t.{s.article:02d}.{s.sentence:02d}", k): w for s in CORPUS.sentences for k, w in enumerate(s.words, 1)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        writer.writerow(columns)
        for sentence, area, duration in rows:
            cells = dict.fromkeys(COLUMNS, "n/a")
            cells["Words"] = words.get((sentence, area), "n/a")  # type: ignore[arg-type]
            cells["CURRENT_FIX_DURATION"], cells["CURRENT_FIX_INTEREST_AREA_ID"] = str(duration), str(area)
            cells["SentenceID"] = sentence
            writer.writerow([cells[name] for name in COLUMNS])
    return path


READ: list[Row] = [
    ("t.01.01", 1, 100), ("t.01.01", ".", 50), ("t.01.01", 3, 200), ("t.01.01", 3, 110), ("t.01.01", 1, 120),
    (".", ".", 80), ("UNDEFINEDnull", 2, 90), ("t.02.01", 2, 130), ("t.02.01", 1, 140), ("t.02.01", 2, 150),
]  # fmt: skip


def test_saccades_by_hand(tmp_path: Path) -> None:
    path = write_events(tmp_path, "sub-01", READ)
    found = saccades(on_words(read_events(path), CORPUS, path), CORPUS)
    # Steps on words: 1>3 (forward, over the off-text one), 3>3, 3>1; then 2>1, 1>2. Nothing crosses sentences.
    assert found.steps == 5
    number, duration = (CORPUS.matrix(values, 0) for values in (found.number, found.duration))
    assert number[2, 2] == 1
    assert number[2, 0] == 1
    assert number.sum() == 2
    assert duration[2, 2] == 110
    assert duration[2, 0] == 120
    assert CORPUS.matrix(found.duration, 1).tolist() == [[0, 0], [140, 0]]


def test_saccades_by_brute_force() -> None:
    rng = np.random.default_rng(3)
    corpus = Corpus(tuple(Sentence(1, k, tuple("abcdefgh"[: 3 + k])) for k in range(1, 5)))
    rows = [
        (k, int(rng.integers(n)), float(rng.integers(80, 400))) for k, n in enumerate(corpus.lengths) for _ in range(40)
    ]
    fixations = pd.DataFrame(rows, columns=["place", "word", "duration_ms"])
    number, duration = [np.zeros((n, n)) for n in corpus.lengths], [np.zeros((n, n)) for n in corpus.lengths]
    steps = 0
    for (k, i, _), (after, j, ms) in itertools.pairwise(rows):
        if k == after:
            steps += 1
            number[k][i, j] += 1
            duration[k][i, j] += ms
    found = saccades(fixations, corpus)
    assert found.steps == steps
    for k, n in enumerate(corpus.lengths):
        assert corpus.matrix(found.number, k).tolist() == np.tril(number[k][:n, :n]).tolist()
        assert corpus.matrix(found.duration, k).tolist() == np.tril(duration[k]).tolist()


def test_a_group_names_who_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for reader in ("sub-01", "sub-02"):
        write_events(tmp_path, reader, READ)
    write_events(tmp_path, "sub-03", READ[:5])
    with caplog.at_level("INFO", "readalike"):
        gaze = group_gaze("L1", [tmp_path], CORPUS, exclude={"sub-02": "tired"}, simulated=False)
    assert gaze.readers == ("sub-01",)
    assert gaze.excluded == {"sub-02": "tired", "sub-03": "incomplete: article 2 missing"}
    assert "reader sub-02 left out: tired" in caplog.text
    assert "reader sub-03 left out: incomplete" in caplog.text


def test_excluding_an_unknown_reader_and_everybody_are_errors(tmp_path: Path) -> None:
    write_events(tmp_path, "sub-01", READ)
    with pytest.raises(EventsError, match="exclude names sub-09, who is not there; readers are sub-01"):
        group_gaze("L1", [tmp_path], CORPUS, exclude={"sub-09": "x"}, simulated=False)
    with pytest.raises(EventsError, match="no reader is left"):
        group_gaze("L1", [tmp_path], CORPUS, exclude={"sub-01": "x"}, simulated=False)


def test_no_files_and_one_reader_in_two_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(EventsError, match="no events files"):
        reader_files([tmp_path / "none"])
    for folder in ("a", "b"):
        write_events(tmp_path / folder, "sub-01", READ)
    with pytest.raises(EventsError, match="reader sub-01 is in another folder too"):
        reader_files([tmp_path / "a", tmp_path / "b"])


def test_a_missing_column_a_bad_number_and_a_bad_sentence_are_named(tmp_path: Path) -> None:
    columns = ["DURATION" if name == "CURRENT_FIX_DURATION" else name for name in COLUMNS]
    path = write_events(tmp_path, "sub-01", READ, columns=columns)
    with pytest.raises(EventsError, match=rf"{path.name}: no column CURRENT_FIX_DURATION"):
        read_events(path)
    path = write_events(tmp_path, "sub-02", [*READ, ("t.02.01", 1, "long")])  # type: ignore[list-item]
    with pytest.raises(EventsError, match="line 12: CURRENT_FIX_DURATION is 'long'"):
        read_events(path)
    path = write_events(tmp_path, "sub-03", [*READ, ("s.1.1", 1, 100)])
    with pytest.raises(EventsError, match="line 12: SentenceID 's.1.1' is not of the form"):
        read_events(path)
    (tmp_path / "empty.tsv").write_text("", encoding="utf-8")
    with pytest.raises(EventsError, match=r"empty\.tsv: cannot be read as a table"):
        read_events(tmp_path / "empty.tsv")


def test_another_text_was_read(tmp_path: Path) -> None:
    path = write_events(tmp_path, "sub-01", [*READ, ("t.03.01", 1, 100)])
    with pytest.raises(EventsError, match="article 3, sentence 1 was read, but the corpus has none"):
        on_words(read_events(path), CORPUS, path)
    path = write_events(tmp_path, "sub-02", [*READ, ("t.02.01", 3, 100)])
    with pytest.raises(EventsError, match="article 2, sentence 1: a fixation on word 3 .* has 2 words"):
        on_words(read_events(path), CORPUS, path)


def test_sentences_are_rebuilt_from_labels_with_their_quotes(tmp_path: Path) -> None:
    write_events(tmp_path, "sub-01", READ)
    write_events(tmp_path, "sub-02", [("t.01.01", 2, 100)])
    assert rebuild_corpus([tmp_path]) == CORPUS


def test_a_word_nobody_fixated_and_two_labels_of_one_area_are_named(tmp_path: Path) -> None:
    path = write_events(tmp_path, "sub-01", READ)
    with pytest.raises(CorpusError, match="article 1, sentence 1: nobody fixated word 2"):
        rebuild_corpus([tmp_path])
    other = write_events(tmp_path, "sub-02", [("t.01.01", 2, 100), ("t.01.01", 1, 100)])
    other.write_text(other.read_text(encoding="utf-8").replace("Could", "Can"), encoding="utf-8")
    with pytest.raises(CorpusError, match="area 1 is 'Can', elsewhere 'Could'"):
        rebuild_corpus([tmp_path])
    assert path.exists()


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def timed(folder: Path, reader: str = "sub-01", run: int = 1) -> Path:
    """READ with CURRENT_FIX_START, which begins anew with every sentence."""
    path = write_events(folder, reader, READ, run)
    frame = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, quoting=csv.QUOTE_NONE)
    frame["CURRENT_FIX_START"] = (frame.groupby("SentenceID").cumcount() * 100).astype(str)
    frame.to_csv(path, sep="\t", index=False, quoting=csv.QUOTE_NONE, lineterminator="\n")
    return path


def gaze_of_files(folder: Path) -> np.ndarray:
    return group_gaze("G", [folder], CORPUS, exclude={}, simulated=False).signals["number"]


def test_mending_4_a_run_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    first = timed(tmp_path)
    assert gaze_of_files(tmp_path).sum() == 3
    first.with_name("sub-01_task-read_run-2_events.tsv").write_bytes(first.read_bytes())
    with pytest.raises(EventsError, match=r"run-2_events\.tsv: article 1, sentence 1 was read already in .*run-1_"):
        gaze_of_files(tmp_path)


def test_mending_4_rows_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    path = write_events(tmp_path, "sub-01", READ)
    header, *rows = lines_of(path)
    path.write_text("".join([header, *rows, *rows]), encoding="utf-8")
    with pytest.raises(EventsError, match=r"line 12: sentence t\.01\.01 goes on after another began"):
        read_events(path)
    # A sentence twice, one after the other: only its times tell.
    path = timed(tmp_path)
    header, *rows = lines_of(path)
    path.write_text("".join([header, *rows[:5], *rows]), encoding="utf-8")
    with pytest.raises(EventsError, match=r"line 7: CURRENT_FIX_START is 0, not later than in the line before"):
        read_events(path)


def test_mending_4_rows_out_of_time_order_are_refused(tmp_path: Path) -> None:
    path = timed(tmp_path)
    rows = lines_of(path)
    rows[3], rows[4] = rows[4], rows[3]
    path.write_text("".join(rows), encoding="utf-8")
    with pytest.raises(EventsError, match=r"line 5: CURRENT_FIX_START is 200, not later .* \(sentence t\.01\.01\)"):
        read_events(path)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("CURRENT_FIX_INTEREST_AREA_ID", "1.5", "a whole number"),
        ("CURRENT_FIX_INTEREST_AREA_ID", "inf", "a whole number"),
        ("CURRENT_FIX_INTEREST_AREA_ID", "1e30", "a whole number"),
        ("CURRENT_FIX_INTEREST_AREA_ID", "-1", "a whole number"),
        ("CURRENT_FIX_DURATION", "inf", "a number"),
        ("CURRENT_FIX_DURATION", "nan", "a number"),
        ("CURRENT_FIX_DURATION", "-5", "a number"),
    ],
)
def test_mending_4_numbers_are_finite_and_areas_whole(column: str, value: str, expected: str, tmp_path: Path) -> None:
    path = timed(tmp_path)
    header, *rows = lines_of(path)
    cells = rows[0].rstrip("\n").split("\t")
    cells[header.rstrip("\n").split("\t").index(column)] = value
    path.write_text("".join([header, "\t".join(cells) + "\n", *rows[1:]]), encoding="utf-8")
    with pytest.raises(EventsError, match=f"line 2: {column} is '{value}', expected {expected} of 0 or more"):
        read_events(path)


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = timed(tmp_path)
    rows = [f"{line.rstrip()}\t{line.split(chr(9))[6]}\n" for line in lines_of(path)]
    path.write_text("".join(rows), encoding="utf-8")
    with pytest.raises(EventsError, match="line 1: the column CURRENT_FIX_DURATION is there twice; remove one"):
        read_events(path)


def test_mending_4_a_line_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = timed(tmp_path)
    path.write_text(path.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    with pytest.raises(EventsError, match=r"line 11: \d+ cells, but 13 columns in line 1; was the file cut off"):
        read_events(path)


def test_mending_4_an_article_of_many_digits_is_refused(tmp_path: Path) -> None:
    path = timed(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("t.01.01", f"t.{10**30}.01"), encoding="utf-8")
    with pytest.raises(EventsError, match=r"line 2: SentenceID 't\.10+\.01' is not of the form t\.AA\.SS"):
        read_events(path)


def test_mending_4_what_was_not_read_is_told_by_reader_and_article(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    corpus = Corpus(tuple(Sentence(a, s, ("Could", "humans", "live")) for a in (1, 2) for s in range(1, 6)))
    for reader, left_out in (("sub-01", {(1, 2)}), ("sub-02", {(2, 4), (2, 5)}), ("sub-03", set())):
        write_events(
            tmp_path, reader,
            [(f"t.0{s.article}.0{s.sentence}", area, 100) for s in corpus.sentences for area in (2, 1)
             if (s.article, s.sentence) not in left_out],
        )  # fmt: skip
    with caplog.at_level("WARNING", "readalike"):
        group_gaze("G", [tmp_path], corpus, exclude={}, simulated=False)
    assert [record.getMessage() for record in caplog.records] == [
        "group G: reader sub-01: no fixation on a word in 1 of 5 sentences of article 1",
        "group G: reader sub-02: no fixation on a word in 2 of 5 sentences of article 2, the last ones: "
        "was the file cut off?",
    ]


def test_readers_who_never_look_back_are_nothing_to_compare_with(tmp_path: Path) -> None:
    forward: list[Row] = [("t.01.01", 1, 100), ("t.01.01", 2, 100), ("t.02.01", 1, 100), ("t.02.01", 2, 90)]
    write_events(tmp_path, "sub-01", forward)
    with pytest.raises(EventsError, match="group G: no reader looks back or stays on a word in any sentence"):
        group_gaze("G", [tmp_path], CORPUS, exclude={}, simulated=False)
    # One who does is enough.
    write_events(tmp_path, "sub-02", READ)
    assert group_gaze("G", [tmp_path], CORPUS, exclude={}, simulated=False).readers == ("sub-01", "sub-02")


@pytest.mark.parametrize("letter", ["\u2028", "\x0b", "\x85"])
def test_what_only_python_takes_for_a_line_end_cuts_no_line(letter: str, tmp_path: Path) -> None:
    path = write_events(tmp_path, "sub-01", READ)
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    lines[1] = lines[1].replace(lines[1].split("\t")[COLUMNS.index("Words")], f"a{letter}b", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert len(read_events(path)) > 0
