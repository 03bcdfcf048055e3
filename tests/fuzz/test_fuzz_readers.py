"""Sentences, readers' files and released arrays with damage: each is read, or refused with an error."""

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readalike.corpus import Corpus, Sentence, read_lengths, read_sentences
from readalike.errors import ReadalikeError
from readalike.gaze.events import COLUMNS, rebuild_corpus
from readalike.gaze.fixations import FixationTable, group_fixations
from readalike.gaze.saccades import group_gaze
from readalike.imports.gao2023 import import_attention
from readalike.imports.gao2023_readers import read_mean, read_region, region_corpus

pytestmark = pytest.mark.slow

CORPUS = Corpus(
    (Sentence(1, 1, ("Could", "humans", "live")), Sentence(1, 2, ("on", "Mars")), Sentence(2, 1, ("a", "b")))
)
ODD = [
    "",
    "n/a",
    ".",
    "inf",
    "nan",
    "-1",
    "1.5",
    "1e400",
    "9" * 40,
    "\u0661",
    "x\ty",
    "\x00",
    "t.1.1",
    "'",
    '"',
    "1\n2",
    "é",
]


def fuzzed(cases: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same cases each time; no limit on one of them, since the machine may be busy."""
    return settings(
        max_examples=cases, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )


def read_or_refused(read: Callable[[], object]) -> None:
    """Anything else that is raised fails the test."""
    try:
        read()
    except ReadalikeError as error:
        assert str(error)  # noqa: PT017  (any message will do)


@st.composite
def damaged(draw: st.DrawFn, table: list[list[str]], separator: str = "\t") -> bytes:
    """A table with cells replaced, lines doubled, dropped or swapped, or its bytes spoilt or cut off."""
    rows = [list(row) for row in table]
    for _ in range(draw(st.integers(1, 3))):
        line = draw(st.integers(0, len(rows) - 1))
        action = draw(st.sampled_from(["cell", "double", "drop", "swap", "shorten", "lengthen"]))
        if action == "cell" and rows[line]:
            rows[line][draw(st.integers(0, len(rows[line]) - 1))] = draw(st.sampled_from(ODD) | st.text(max_size=4))
        elif action == "double":
            rows.insert(draw(st.integers(0, len(rows))), list(rows[line]))
        elif action == "drop" and len(rows) > 1:
            del rows[line]
        elif action == "swap":
            other = draw(st.integers(0, len(rows) - 1))
            rows[line], rows[other] = rows[other], rows[line]
        elif action == "shorten":
            rows[line] = rows[line][: draw(st.integers(0, len(rows[line])))]
        elif action == "lengthen":
            rows[line].append(draw(st.sampled_from(ODD)))
    text = "\n".join(separator.join(row) for row in rows).encode("utf-8", "replace") + b"\n"
    if draw(st.booleans()):
        return text
    place = draw(st.integers(0, len(text)))
    return draw(st.sampled_from([text[:place], text[:place] + draw(st.binary(max_size=4)) + text[place + 1 :], b""]))


def write(factory: pytest.TempPathFactory, name: str, content: bytes) -> Path:
    path = factory.getbasetemp() / "fuzz-readers" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


SENTENCES = [["article", "sentence", "text"], *([str(s.article), str(s.sentence), s.text] for s in CORPUS.sentences)]
LENGTHS = [["article", "sentence", "words"], *([a, s, str(len(text.split()))] for a, s, text in SENTENCES[1:])]


@given(data=st.data())
@fuzzed(600)
def test_sentences_and_lengths(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = write(tmp_path_factory, "s.tsv", data.draw(damaged(data.draw(st.sampled_from([SENTENCES, LENGTHS])))))
    read_or_refused(lambda: read_sentences(path).pairs)
    read_or_refused(lambda: read_lengths(path).n_pairs)


def events() -> list[list[str]]:
    rows = [COLUMNS]
    for item in CORPUS.sentences:
        for k, word in enumerate((*range(len(item.words)), 0, 0)):
            cells = dict.fromkeys(COLUMNS, "n/a") | {
                **{"Words": item.words[word], "CURRENT_FIX_DURATION": "200", "CURRENT_FIX_START": str(250 * k)},
                "CURRENT_FIX_INTEREST_AREA_ID": str(word + 1),
                "SentenceID": f"t.{item.article:02d}.{item.sentence:02d}",
            }
            rows.append([cells[name] for name in COLUMNS])
    return rows


@given(data=st.data())
@fuzzed(500)
def test_events(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name = "events/sub-01/func/sub-01_task-read_run-1_events.tsv"
    folder = write(tmp_path_factory, name, data.draw(damaged(events()))).parents[2]
    read_or_refused(lambda: group_gaze("G", [folder], CORPUS, exclude={}, simulated=False))
    read_or_refused(lambda: rebuild_corpus([folder]))


def fixations() -> list[list[str]]:
    words = [(s.article, s.sentence, k) for s in CORPUS.sentences for k in (*range(1, len(s.words) + 1), 1, 1)]
    rows = [["who", *map(str, place), str(n), "210"] for n, place in enumerate(words)]
    return [["reader", "article", "sentence", "word", "order", "ms"], *rows]


@given(data=st.data())
@fuzzed(500)
def test_tables_of_fixations(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    ending, separator = data.draw(st.sampled_from([(".csv", ","), (".tsv", "\t"), (".csv.gz", ",")]))
    path = write(tmp_path_factory, f"f{ending}", data.draw(damaged(fixations(), separator)))
    columns = {name: name for name in ("reader", "article", "sentence", "word", "order")} | {"duration": "ms"}
    if data.draw(st.booleans()):
        del columns["order"]
    table = FixationTable(path, columns, data.draw(st.sampled_from([0, 1])))
    read_or_refused(lambda: group_fixations("G", table, CORPUS, exclude={}))


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes, most: int) -> bytes:
    """Bytes replaced in the first `most`, or cut off."""
    if draw(st.booleans()):
        return whole[: draw(st.integers(0, len(whole)))]
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        content[draw(st.integers(0, min(most, len(whole)) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


def array() -> bytes:
    values = np.zeros((2, 2, 2, 3, 3), dtype=np.float16)
    for item in CORPUS.sentences:
        n = len(item.words)
        values[item.article - 1, item.sentence - 1, :, :n, :n] = np.tril(np.full((n, n), 0.5))
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


@given(data=st.data())
@fuzzed(600)
def test_released_arrays(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = write(tmp_path_factory, "arrays/rb_p1_layer0.npy", data.draw(spoilt(array(), 128)))
    for crop in (False, True):
        read_or_refused(
            lambda: import_attention(path.parent, CORPUS, model="m", condition="plain", first=0, last=0, crop=crop)  # noqa: B023
        )


def pickled(kind: str) -> bytes:
    articles = [[np.ones((3, 3)), np.ones((2, 2))], [np.ones((2, 2))]]
    return pickle.dumps([articles, articles] if kind == "region" else articles)


@given(data=st.data())
@fuzzed(500)
def test_pickles(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = pickled(data.draw(st.sampled_from(["region", "mean"])))
    path = write(tmp_path_factory, "region.pkl", data.draw(spoilt(whole, len(whole))))
    read_or_refused(lambda: read_region(path))
    read_or_refused(lambda: region_corpus(path))
    read_or_refused(lambda: read_mean(path, CORPUS))


class _Harmful:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_runs_no_code(tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    for place, harmful in enumerate((_Harmful(harm), [[_Harmful(harm)]], np.array([_Harmful(harm)], dtype=object))):
        path = tmp_path / f"{place}.pkl"
        path.write_bytes(pickle.dumps(harmful))
        with pytest.raises(ReadalikeError, match="refused, since the pickle"):
            read_region(path)
    assert not harm.exists()
    pickle.loads(path.read_bytes())
    assert harm.exists(), "what would have happened"
