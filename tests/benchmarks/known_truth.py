"""Scores, best layers and what attention adds, where the truth is known, for `calibration.py`.

Every function takes the seeds to run and gives rows of COLUMNS: what is asked, over how many seeds, what was found on
average, and the bounds within which it is right.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray, read_sentences
from readalike.measures.held_out import Split, left_out
from readalike.measures.regression import adjusted, orthonormal, shuffles
from readalike.measures.regressors import baselines
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import swaps
from readalike.statistics.best_layer import chosen_layers
from tests.benchmarks.calibration_worlds import Design, world

COLUMNS = ["what", "seeds", "found", "least", "most"]
SMALL_BIAS, NOTHING, RECOVERED = 0.002, 0.001, 0.95
HEADS, READERS, NULLS = 5, 8, 10
SENTENCES = Path(__file__).parents[2] / "resources/demo/sentences.tsv"
# Of the layer that is best, how much more of the text is in its heads than in those of the others.
MORE_TEXT = 0.12


def bias(seeds: Sequence[int]) -> pd.DataFrame:
    """Readers are linear in the heads, with noise that pairs of one looked-at word share; the truth is by arithmetic.

    In sample and above shuffled attention the truth is the share of variance that heads explain in all texts there
    could be. Held out it is what the coefficients of four articles score on all texts: with few pairs they are worse.
    """
    design = Design("", readers=2, sentences=60)
    rng = np.random.default_rng(0xB1A5)
    slopes = rng.normal(0, 0.25, (HEADS, READERS))
    population = world(Design("", readers=2, sentences=4000), 10**6)
    X = population.base[0]
    centre, covariance = X.mean(axis=0), np.cov(X, rowvar=False)
    noise = 0.5**2 + 1
    explained = np.einsum("hr,hk,kr->r", slopes, covariance, slopes)
    truth = explained / (explained + noise)
    found: list[list[float]] = []
    for seed in seeds:
        made = world(design, seed)
        X, draw = made.base[0], np.random.default_rng([seed, 0xB1A5])
        shared = 0.5 * draw.normal(size=(len(made.offsets), 10, READERS))
        sentence = np.repeat(np.arange(len(made.offsets) - 1), np.diff(made.offsets))
        Y = X @ slopes + shared[sentence, made.j] + draw.normal(size=(len(X), READERS))
        basis, split = orthonormal(X), Split(Y, made.article)
        in_sample = adjusted(split.in_sample(basis), len(X), basis.shape[1])
        held_out = split.held_out(basis).r2
        null = np.mean([split.held_out(basis[draw.permutation(len(X))]).r2 for _ in range(NULLS)], axis=0)
        on_all = _on_all_texts(X, Y, made.article, slopes, centre, covariance, noise)
        errors = in_sample - truth, held_out - on_all, held_out - null - truth
        found.append([float(error.mean()) for error in errors])
    names = "r2_adjusted", "r2_cv, against new texts", "r2_cv - r2_null"
    return _rows([f"bias of {name}" for name in names], len(seeds), np.mean(found, axis=0), -SMALL_BIAS, SMALL_BIAS)


def _on_all_texts(
    X: FloatArray,
    Y: FloatArray,
    article: np.ndarray,
    slopes: FloatArray,
    centre: FloatArray,
    covariance: FloatArray,
    noise: float,
) -> FloatArray:
    """R2 in all texts of the coefficients that leave out one article, mean over articles, (readers,)."""
    scores = []
    for inside in left_out(article):
        train = np.column_stack([np.ones((~inside).sum()), X[~inside]])
        fitted = np.linalg.lstsq(train, Y[~inside], rcond=None)[0]
        off = fitted[1:] - slopes
        error = np.einsum("hr,hk,kr->r", off, covariance, off) + (fitted[0] + centre @ off) ** 2 + noise
        distance = np.einsum("hr,hk,kr->r", slopes, covariance, slopes) + noise
        distance = distance + (Y[~inside].mean(axis=0) - centre @ slopes) ** 2
        scores.append(1 - error / distance)
    return np.mean(scores, axis=0)


def best_layer(seeds: Sequence[int]) -> pd.DataFrame:
    """Three layers alike but for how much of the text is in the heads of the second."""
    highest, chosen, gaps = [], [], []
    fixed = np.random.default_rng(1)
    at_places, load = fixed.normal(size=(4, HEADS)), fixed.normal(size=HEADS)
    for seed in seeds:
        made = world(Design(""), seed)
        i, j = made.i, made.j
        places = np.stack([i == j, i - j == 1, i - j == 2, j == 0], axis=1) @ at_places
        split, frames, scores = Split(made.groups[0], made.article), [], []
        for layer in range(3):
            own = np.random.default_rng([seed, layer, 0xBE57]).normal(size=(len(i), HEADS))
            X = places + np.outer((0.5 + MORE_TEXT * (layer == 1)) * made.text, load) + own
            found = split.held_out(orthonormal(X))
            scores.append(float(found.r2.mean()))
            articles, readers = np.indices(found.sse.shape)
            columns = {"r2_train": found.r2_train, "sse": found.sse, "sst": found.sst}
            about = {"layer": layer, "article": articles.ravel(), "reader": readers.ravel()}
            frames.append(pd.DataFrame({**about, **{name: values.ravel() for name, values in columns.items()}}))
        highest.append(int(np.argmax(scores)) == 1)
        chosen.append(np.mean(chosen_layers(pd.concat(frames)) == 1))
        gaps.append(scores[1] - max(scores[0], scores[2]))
    gap = f"{np.mean(gaps):.4f} below it in r2_cv"
    names = f"best layer, maximum; the next is {gap}", f"best layer of an article's others, nested; the next is {gap}"
    return _rows(names, len(seeds), [np.mean(highest), np.mean(chosen)], RECOVERED, 1)


def position_and_length(seeds: Sequence[int]) -> pd.DataFrame:
    """Readers whose saccades follow places of words, each by the length of the word looked at, and nothing else.

    Attention follows places too, and what is not reading; once without and once with the lengths of the words.
    """
    corpus = read_sentences(SENTENCES)
    known, orders, swapped = baselines(corpus), shuffles(corpus, 1, NULLS), swaps(corpus, 1)
    places, long = _places_and_length(corpus)
    found: dict[str, list[float]] = {
        name: [] for name in ("r2_unique_b2", "above null", "r2_specific", "knows", "knows above null", "length")
    }
    for seed in seeds:
        draw = np.random.default_rng([seed, 0x1E46])
        by_place = np.exp(draw.normal(0, 0.4, (4, READERS))) * np.array([[0.3], [0.5], [0.15], [0.1]])
        by_length = by_place * draw.uniform(0, 0.3, READERS)
        rate = 0.15 + places @ by_place + (places * long[:, None]) @ by_length
        Y = draw.poisson(np.maximum(rate, 0)).astype(np.float64)
        noise = draw.normal(size=(corpus.n_pairs, HEADS))
        X = places @ draw.normal(size=(4, HEADS)) + noise
        Z = X + (places * long[:, None]) @ draw.normal(size=(4, HEADS))
        blind, sees = (layer_scores(heads, Y, corpus, known, orders, swapped).columns for heads in (X, Z))
        for name, scores in (("r2_unique_b2", blind), ("knows", sees)):
            beyond = float(scores["r2_unique_b2"].mean())
            found[name].append(beyond)
            above = "above null" if name == "r2_unique_b2" else "knows above null"
            found[above].append(beyond - float(scores["r2_unique_b2_null"].mean()))
        found["r2_specific"].append(float(blind["r2_specific"].mean()))
        found["length"].append(float(sees["r2_specific"].mean()))
    who = "readers follow places and word length only"
    means = {name: float(np.mean(values)) for name, values in found.items()}
    names = {
        "r2_unique_b2": f"{who}: r2_unique_b2",
        "above null": f"{who}: r2_unique_b2 - r2_unique_b2_null",
        "knows": f"{who}, attention knows lengths: r2_unique_b2",
        "knows above null": f"{who}, attention knows lengths: r2_unique_b2 - r2_unique_b2_null",
        "r2_specific": f"{who}: r2_specific",
    }
    bounded = _rows(list(names.values()), len(seeds), [means[name] for name in names], -np.inf, NOTHING)
    # Lengths are a sentence's own, so that to know them is specific to it: r2_specific is no measure beyond b2.
    open_ = _rows([f"{who}, attention knows lengths: r2_specific"], len(seeds), [means["length"]], -np.inf, np.inf)
    return pd.concat([bounded, open_])


def _places_and_length(corpus: Corpus) -> tuple[FloatArray, FloatArray]:
    """Self, previous word, the one before, first word (pairs, 4), and characters of the word looked at about 5."""
    sentence, i, j = corpus.pairs
    places = np.stack([i == j, i - j == 1, i - j == 2, j == 0], axis=1).astype(np.float64)
    characters = np.array([len(word) for item in corpus.sentences for word in item.words], dtype=np.float64)
    start = np.concatenate([[0], np.cumsum(corpus.lengths)])[sentence]
    return places, np.clip(characters[start + j] - 5, -3, 6)


def _rows(names: Sequence[str], seeds: int, found: Sequence[float], least: float, most: float) -> pd.DataFrame:
    rows = [(name, seeds, float(value), least, most) for name, value in zip(names, found, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)
