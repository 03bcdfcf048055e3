"""Simulated readers: seeded, written as Reading Brain writes, and like real readers within the promised bounds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import read_sentences
from readalike.files.gaze import Gaze
from readalike.gaze.events import COLUMNS, on_words, read_events, reader_files
from readalike.gaze.profile import reading_profile
from readalike.gaze.saccades import group_gaze
from readalike.gaze.simulate import write_readers
from readalike.measures import human
from tests.conftest import ROOT

CORPUS = read_sentences(ROOT / "resources" / "demo" / "sentences.tsv")
GROUPS = {"L1": "native", "L2": "nonnative"}
SHARE = 0.05  # every share of a real group is met within this
OTHER = 0.20  # every other figure within this share of it
EXPLAINED = 1 / 3  # every mean R2 of saccade number within this share of it

# 51 and 55 readers of Reading Brain (docs/simulated-readers.md), of whom 20 would have these ceilings.
REAL = {
    "fixations per sentence": (12.35, 15.41),
    "fixations per word": (1.20, 1.49),
    "spread over readers": (0.22, 0.22),
    "share: refixation": (0.168, 0.265),
    "share: forward by 1": (0.341, 0.320),
    "share: forward by 2": (0.221, 0.168),
    "share: forward by 3 and more": (0.063, 0.054),
    "share: back by 1": (0.103, 0.095),
    "share: back by 2 or 3": (0.060, 0.056),
    "share: back by 4 and more": (0.045, 0.041),
    "share: regressions": (0.203, 0.188),
    "sd of regressions": (0.049, 0.043),
    "share: first fixation on word 1": (0.58, 0.45),
    "share: first fixation on word 2": (0.31, 0.34),
    "share: first fixation on word 3": (0.07, 0.12),
    "share: first fixation on word 4": (0.02, 0.04),
    "share: place of the last fixation": (0.69, 0.74),
    "duration: median": (212, 226),
    "duration: mean": (230, 239),
    "duration: sd of log": (0.52, 0.65),
    "share: off the text": (0.047, 0.107),
    "share: fixated at length 1": (0.38, 0.35),
    "share: fixated at length 2": (0.50, 0.51),
    "share: fixated at length 3": (0.62, 0.63),
    "share: fixated at length 4": (0.77, 0.79),
    "share: fixated at length 5": (0.84, 0.85),
    "share: fixated at length 6": (0.86, 0.90),
    "share: fixated at length 8": (0.92, 0.95),
    "share: fixated at length 10": (0.96, 0.98),
    "share: fixated at length 12": (0.98, 0.99),
    "fixations when fixated at length 1": (1.20, 1.25),
    "fixations when fixated at length 3": (1.34, 1.45),
    "fixations when fixated at length 5": (1.57, 1.83),
    "fixations when fixated at length 7": (1.71, 2.14),
    "fixations when fixated at length 9": (1.99, 2.57),
    "fixations when fixated at length 12": (2.34, 3.40),
}
REAL_R2 = {"reliance": (0.0482, 0.0887), "baseline": (0.0880, 0.1541), "leave_one_out": (0.127, 0.246)}


def simulated(folder: Path, profile: str, seed: int) -> tuple[dict[str, float], Gaze]:
    write_readers(folder, CORPUS, readers=20, seed=seed, profile=profile)
    fixations, off_text = [], []
    for paths in reader_files([folder]).values():
        events = [(path, read_events(path)) for path in paths]
        words = pd.concat([on_words(frame, CORPUS, path) for path, frame in events], ignore_index=True)
        fixations.append(words)
        off_text.append(sum(len(frame) for _, frame in events) - len(words))
    gaze = group_gaze("G", [folder], CORPUS, exclude={}, simulated=True)
    return dict(reading_profile(fixations, off_text, CORPUS)), gaze


def assert_like_real_readers(found: dict[str, float], gaze: Gaze, group: int) -> None:
    far = {}
    for name, real in REAL.items():
        allowed = SHARE if name.startswith("share") else OTHER * real[group]
        if not abs(found[name] - real[group]) <= allowed:
            far[name] = (found[name], real[group])
    ceilings = human.ceilings(gaze, CORPUS)
    scores = {
        "reliance": human.reliance(gaze, CORPUS).query("signal == 'number'")["r2"].mean(),
        "baseline": human.baseline_of_readers(gaze, CORPUS)
        .query("signal == 'number' and baseline == 'b0'")["r2"]
        .mean(),
        "leave_one_out": ceilings.query("signal == 'number' and ceiling == 'leave_one_out'")["value"].mean(),
    }
    for name, real in REAL_R2.items():
        if not abs(scores[name] - real[group]) <= EXPLAINED * real[group]:
            far[name] = (scores[name], real[group])
    assert not far


@pytest.mark.parametrize(("group", "seed"), [("L1", 1), ("L2", 2)])
def test_the_demos_readers_are_like_real_ones(tmp_path: Path, group: str, seed: int) -> None:
    found, gaze = simulated(tmp_path, GROUPS[group], seed)
    assert_like_real_readers(found, gaze, int(group == "L2"))


@pytest.mark.slow
@pytest.mark.parametrize(("group", "seed"), [("L1", 11), ("L2", 12)])
def test_other_seeds_are_like_real_ones_too(tmp_path: Path, group: str, seed: int) -> None:
    found, gaze = simulated(tmp_path, GROUPS[group], seed)
    assert_like_real_readers(found, gaze, int(group == "L2"))


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_readers(tmp_path / name, CORPUS, readers=3, seed=seed, profile="native")
    contents = {
        name: [path.read_bytes() for path in sorted((tmp_path / name).rglob("*.tsv"))] for name in ("a", "b", "c")
    }
    assert contents["a"] == contents["b"]
    assert all(x != y for x, y in zip(contents["a"], contents["c"], strict=True))


def test_files_have_reading_brains_columns_and_layout(tmp_path: Path) -> None:
    write_readers(tmp_path, CORPUS, readers=2, seed=1, profile="native")
    files = reader_files([tmp_path])
    assert sorted(files) == ["sub-01", "sub-02"]
    assert [path.name for path in files["sub-01"]] == [f"sub-01_task-read_run-{k}_events.tsv" for k in range(1, 6)]
    first = files["sub-01"][0].read_text(encoding="utf-8").splitlines()
    assert first[0].split("\t") == COLUMNS
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in first[1:]]
    assert len({row["SentenceID"][:4] for row in rows}) == 1, "one run is one article"
    onsets = np.array([int(row["onset"]) for row in rows])
    assert (np.diff(onsets) > 0).all(), "in time order"
    orders = [[read_events(path)["article"].iloc[0] for path in paths] for paths in files.values()]
    assert all(sorted(order) == [1, 2, 3, 4, 5] for order in orders)
    assert orders[0] != orders[1]
