"""What is left of the authors' released attention once a sceptic has looked: beyond b0, b1 and b2, and swapped.

On real readers, saccade number. Numbers were written down when they were first computed; that they are those of plain
loops is tested elsewhere (`unit/test_resemblance.py`, `unit/test_swaps.py`), of b0 also against `expected.csv`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from readalike.corpus import Corpus, FloatArray
from readalike.gaze.events import rebuild_corpus
from readalike.gaze.saccades import group_gaze
from readalike.imports import gao2023
from readalike.measures.held_out import Split
from readalike.measures.regression import orthonormal, shuffles
from readalike.measures.regressors import baselines
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import swaps
from tests import oracles
from tests.conftest import SHARED

SEEN = 6e-5  # numbers are written with four digits
DRAWN = 0.002  # how far the mean over some other arrangements may be from that over 100
EVENTS = {"L1": ("ds003974", {"sub-01": "excluded by the paper's authors"}), "L2": ("ds003988", {})}
GPT2, LLAMA = "gpt2/large/rb_p1_layer{}.npy", "llama/30B/rb_p1_layer{}.npy"
# Held out, mean over readers: b0, b1 and b2 alone.
ALONE = {"L1": (0.0826, 0.1105, 0.1177), "L2": (0.1458, 0.2184, 0.2241)}
# Model, layer, group -> r2_cv, r2_swap, r2_unique_b0, _b1, _b2, _b2_null.
FOUND: Mapping[tuple[str, int, str], tuple[float, ...]] = {
    (GPT2, 3, "L1"): (0.0482, 0.0435, 0.0030, 0.0019, 0.0008, -0.0025),
    (GPT2, 3, "L2"): (0.0874, 0.0762, 0.0037, 0.0002, -0.0010, -0.0021),
    (LLAMA, 1, "L1"): (0.0821, 0.0437, 0.0154, 0.0029, -0.0002, -0.0066),
    (LLAMA, 1, "L2"): (0.1609, 0.0806, 0.0388, 0.0050, 0.0017, -0.0057),
    (LLAMA, 15, "L1"): (0.0393, 0.0317, -0.0040, -0.0061, -0.0070, -0.0067),
    (LLAMA, 15, "L2"): (0.0858, 0.0660, 0.0011, -0.0078, -0.0092, -0.0058),
    (LLAMA, 30, "L1"): (0.0323, 0.0234, -0.0097, -0.0135, -0.0161, -0.0068),
    (LLAMA, 30, "L2"): (0.0770, 0.0510, -0.0020, -0.0151, -0.0174, -0.0060),
}
COLUMNS = ("r2_cv", "r2_swap", "r2_unique_b0", "r2_unique_b1", "r2_unique_b2", "r2_unique_b2_null")


@cache
def corpus() -> Corpus:
    return rebuild_corpus([SHARED / "openneuro" / folder for folder, _ in EVENTS.values()])


@cache
def readers(group: str) -> FloatArray:
    """(pairs, readers)"""
    folder, exclude = EVENTS[group]
    gaze = group_gaze(group, [SHARED / "openneuro" / folder], corpus(), exclude=exclude, simulated=False)
    return gaze.signals["number"].T


def heads(authors: Path, model: str, layer: int) -> FloatArray:
    """(pairs, heads)"""
    path = authors / "model_attention" / model.format(layer)
    return gao2023.in_pairs(np.load(path), path, corpus(), True, {}).T.astype(np.float64)


# What even attention, 1 / (i + 1), adds to b2 by itself, and what LLaMA's layer 1 and GPT-2's layer 3 add, less it
# with shuffled attention, once it is known (docs/results.md).
EVEN = {"L1": (0.0040, 0.0024, -0.0002), "L2": (0.0017, 0.0055, -0.0001)}


@pytest.mark.parametrize("group", EVEN)
def test_even_attention_is_something_that_b2_does_not_know(authors: Path, group: str) -> None:
    even = 1 / (corpus().pairs.from_word + 1.0)
    split = Split(readers(group), corpus().articles[corpus().pairs.sentence])
    b2 = baselines(corpus())["b2"]
    known = np.column_stack([b2, even])
    basis = orthonormal(known)
    found = [float((split.held_out(basis).r2 - split.held_out(orthonormal(b2)).r2).mean())]
    for model, layer in ((LLAMA, 1), (GPT2, 3)):
        X = heads(authors, model, layer)
        both, shuffled = orthonormal(np.column_stack([known, X])), orthonormal(X)
        null = np.mean(
            [split.held_out(np.column_stack([basis, shuffled[order]])).r2.mean() for order in shuffles(corpus(), 1, 5)]
        )
        found.append(float(split.held_out(both).r2.mean() - null))
    assert found == pytest.approx(EVEN[group], abs=SEEN)


@pytest.mark.parametrize(("model", "layer", "group"), FOUND)
def test_what_attention_adds_and_what_is_specific_to_the_sentence(
    authors: Path, model: str, layer: int, group: str
) -> None:
    beside = baselines(corpus()), shuffles(corpus(), 1), swaps(corpus(), 1)
    columns = layer_scores(heads(authors, model, layer), readers(group), corpus(), *beside).columns
    found = {name: float(columns[name].mean()) for name in COLUMNS}
    assert tuple(found.values()) == pytest.approx(FOUND[model, layer, group], abs=SEEN)
    # What is added to position and word length is, but for a tenth, that long words are looked at again.
    if layer == 1:
        assert found["r2_unique_b2"] < 0.1 * found["r2_unique_b0"]


@pytest.mark.parametrize("group", EVENTS)
def test_what_is_known_without_attention(reading_brain: Path, group: str) -> None:
    article = corpus().articles[corpus().pairs.sentence]
    found = [oracles.held_out(B, readers(group), article).r2.mean() for B in baselines(corpus()).values()]
    assert found == pytest.approx(ALONE[group], abs=SEEN)


@pytest.mark.parametrize(
    ("model", "layer", "own", "swapped"),
    [(GPT2, 3, 0.048, 0.044), (LLAMA, 1, 0.082, 0.044), (LLAMA, 15, 0.022, 0.028), (LLAMA, 30, 0.030, 0.025)],
)
def test_by_plain_least_squares_too_another_sentence_does_almost_as_well(
    authors: Path, model: str, layer: int, own: float, swapped: float
) -> None:
    """Fitted anew for each of ten arrangements; the numbers are of other arrangements, drawn by another program."""
    X, Y, article = heads(authors, model, layer), readers("L1"), corpus().articles[corpus().pairs.sentence]
    arrangements = swaps(corpus(), 5, 10)
    found = [oracles.least_squares(X[arrangements.order(k)], Y, article).r2.mean() for k in range(10)]
    assert oracles.least_squares(X, Y, article).r2.mean() == pytest.approx(own, abs=6e-4)
    assert np.mean(found) == pytest.approx(swapped, abs=DRAWN)
