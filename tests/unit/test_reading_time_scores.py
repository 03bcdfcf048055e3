"""What predicts reading times: held-out likelihoods against statsmodels, word by word; planted truths are found."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from readalike.corpus import Corpus, FloatArray, IntArray, Sentence
from readalike.errors import CorpusError
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.contracts.reading_times import READING_TIMES
from readalike.files.reading_times import ReadingTimes
from readalike.measures.entropy import entropy_of_rows
from readalike.measures.incomplete import OF_GROUP, OF_READER, PER_COEFFICIENT, SLOPES, Incomplete
from readalike.measures.reading_times import PREDICTORS, Scores, Words, reading_time_scores
from readalike.measures.swaps import swaps

PRECISION = 1e-8  # of nats a word; sums of products stand in for the rows themselves
READERS = ("a", "b", "c")
Told = Callable[[FloatArray, np.random.Generator], FloatArray]


def corpus(articles: int = 3, sentences: int = 8) -> Corpus:
    rng = np.random.default_rng(8)
    return Corpus(
        tuple(
            Sentence(a + 1, s + 1, tuple("x" * int(k) + "," * int(k == 7) for k in rng.integers(1, 9, 6 + s % 3)))
            for a in range(articles)
            for s in range(sentences)
        )
    )


TEXT = corpus()
WORDS = Words(TEXT)
ZIPF = np.random.default_rng(2).uniform(2, 7, TEXT.n_words)
SURPRISAL = np.random.default_rng(3).uniform(1, 12, TEXT.n_words)
FIRST = np.concatenate([[0], np.cumsum(TEXT.lengths)[:-1]])
HEADS = np.random.default_rng(4).dirichlet(np.ones(3), (2, 3, TEXT.n_pairs))[..., 0]  # (layers, heads, pairs)


def read(effect: FloatArray | float = 0.0, seed: int = 5, text: Corpus = TEXT) -> ReadingTimes:
    """Log-normal times, some words skipped, and some of these looked at later: total times are of more words."""
    rng = np.random.default_rng(seed)
    log = 5.4 + effect + rng.normal(0, 0.4, (len(READERS), text.n_words))
    first = np.where(rng.random(log.shape) < 0.25, np.nan, np.exp(log))
    later = np.where(rng.random(log.shape) < 0.4, np.exp(rng.normal(5, 0.4, log.shape)), 0)
    total = np.nan_to_num(first) + later
    times = {"first-pass": first, "regression-path": first + later, "total": np.where(total > 0, total, np.nan)}
    return ReadingTimes("G", READERS, times)


def oracle(Y: FloatArray, X: FloatArray, article: IntArray, slopes: str) -> FloatArray:
    """Nats of each word by statsmodels, (readers, words): rows of all readers one under the other, an intercept each.

    Y : (readers, words); slopes : `group`, or `reader`, one by one
    """
    if slopes == "reader":
        return np.concatenate([oracle(y[None], X, article, "group") for y in Y])
    reader, word = np.nonzero(~np.isnan(Y))
    design = np.column_stack([np.eye(len(Y))[reader], X[word]])
    found = np.full(Y.shape, np.nan)
    for own in np.unique(article):
        train = article[word] != own
        fit = sm.OLS(Y[reader, word][train], design[train]).fit()
        error = Y[reader, word] - fit.predict(design)
        variance = np.array([(error[train & (reader == r)] ** 2).mean() for r in range(len(Y))])
        nats = stats.norm.logpdf(error, 0, np.sqrt(variance[reader]))
        found[reader[~train], word[~train]] = nats[~train]
    return found


@pytest.mark.parametrize("slopes", SLOPES)
def test_held_out_likelihoods_are_those_of_statsmodels(slopes: str) -> None:
    rng = np.random.default_rng(1)
    article = np.repeat([4, 5, 9], 40)
    X = rng.normal(3, 2, (120, 4))
    Y = rng.normal(6, 1, (2, 5, 120))
    Y[:, rng.random((5, 120)) < 0.3] = np.nan
    found = Incomplete(Y, article, 4).held_out(X, slopes)
    for value in range(2):
        np.testing.assert_allclose(found[value], oracle(Y[value], X, article, slopes), rtol=0, atol=PRECISION)


@pytest.mark.parametrize("slopes", SLOPES)
def test_a_column_that_does_not_vary_in_training_counts_as_nothing(slopes: str) -> None:
    rng = np.random.default_rng(1)
    article = np.repeat([1, 2], 40)
    X = rng.normal(0, 1, (80, 2))
    Y = rng.normal(6, 1, (1, 2, 80))
    only = np.where(article == 2, rng.normal(0, 1, 80), 0.0)  # varies in the second article alone
    model = Incomplete(Y, article, 4)
    more, plain = (model.held_out(Z, slopes) for Z in (np.column_stack([X, only, np.ones(80)]), X))
    np.testing.assert_allclose(more[:, :, 40:], plain[:, :, 40:], rtol=0, atol=PRECISION)
    assert np.abs(more[:, :, :40] - plain[:, :, :40]).max() > 0.001, "it does in the other fold"


def test_readers_with_too_few_words_or_nothing_that_varies_are_not_scored() -> None:
    rng = np.random.default_rng(1)
    article = np.repeat([1, 2], 20)
    Y = rng.normal(6, 1, (1, 4, 40))
    Y[0, 1, PER_COEFFICIENT * 4 : 20] = np.nan  # just enough in the first article
    Y[0, 2, PER_COEFFICIENT * 4 - 1 : 20] = np.nan
    X = rng.normal(0, 1, (40, 2))
    Y[0, 3] = 6 + X[:, 0]  # what is left is rounding
    model = Incomplete(Y, article, 3)
    assert model.scored.tolist() == [True, True, False, True]
    own, shared = model.held_out(X, OF_READER)[0], model.held_out(X, OF_GROUP)[0]
    assert np.isnan(own).all(axis=1).tolist() == [False, False, True, True]
    # Whom slopes of the group are not of: the reader with too few words.
    np.testing.assert_allclose(shared[[0, 1, 3]], oracle(Y[0, [0, 1, 3]], X, article, OF_GROUP), rtol=0, atol=PRECISION)
    assert np.isnan(shared[2]).all()
    with pytest.raises(CorpusError, match="one article"):
        Incomplete(Y, np.ones(40, dtype=np.int64), 3)


def slope_of(Y: FloatArray, X: FloatArray, last: int) -> float:
    """Sum of the last slopes by statsmodels, rows of all readers one under the other, an intercept each.

    Y : (readers, words)
    """
    reader, word = np.nonzero(~np.isnan(Y))
    fit = sm.OLS(Y[reader, word], np.column_stack([np.eye(len(Y))[reader], X[word]])).fit()
    return float(fit.params[-last:].sum())


def parts_of_words(Y: FloatArray, X: FloatArray, last: int, sentence: IntArray) -> tuple[FloatArray, FloatArray]:
    """What each sentence moves the slopes by, statsmodels without it, (sentences,); and of each word its part in that.

    All about the reader's means, which stay as they are. Words (readers, words) by solving for each by itself.
    """
    there = ~np.isnan(Y)
    y = Y - np.nanmean(Y, axis=1, keepdims=True)
    D = np.stack([X - X[own].mean(axis=0) for own in there])
    whole = sm.OLS(y[there], D[there]).fit()
    by_sentence, by_word = [], np.full(Y.shape, np.nan)
    for s in np.unique(sentence):
        others = there & (sentence != s)
        fit = sm.OLS(y[others], D[others]).fit()
        by_sentence.append((whole.params - fit.params)[-last:].sum())
        for r, w in zip(*np.nonzero(there & (sentence == s)), strict=True):
            error = y[r, w] - D[r, w] @ whole.params
            by_word[r, w] = np.linalg.solve(D[others].T @ D[others], D[r, w] * error)[-last:].sum()
    return np.array(by_sentence), by_word


def test_summed_slopes_are_those_of_statsmodels_and_parts_what_goes_without_a_sentence() -> None:
    rng = np.random.default_rng(1)
    article, sentence = np.repeat([4, 5, 9], 20), np.repeat(np.arange(6) + 3, 10)
    X = rng.normal(3, 2, (60, 4))
    Y = rng.normal(6, 1, (2, 5, 60)) + 0.3 * X[:, 3]
    Y[:, rng.random((5, 60)) < 0.3] = np.nan
    Y[:, 4, 13:] = np.nan  # too few words to be scored
    model = Incomplete(Y, article, 4)
    assert model.scored.tolist() == [True] * 4 + [False]
    total, moved = model.summed_slopes(X, 2, sentence, 2)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    for value in range(2):
        assert total[value] == pytest.approx(slope_of(Y[value, :4], Z, 2), abs=PRECISION)
        by_sentence, by_word = parts_of_words(Y[value, :4], Z, 2, sentence)
        np.testing.assert_allclose(moved[value, :4], by_word, atol=PRECISION)
        assert np.isnan(moved[value, 4]).all()
        found = [np.nansum(moved[value][:, sentence == s]) for s in np.unique(sentence)]
        np.testing.assert_allclose(found, by_sentence, atol=PRECISION)


@pytest.mark.parametrize(
    "told",
    [
        lambda X, rng: np.ones(len(X)),
        lambda X, rng: 5 + 1e-9 * rng.normal(size=len(X)),
        lambda X, rng: X[:, 0],
        lambda X, rng: X[:, 0] + 1e-8 * rng.normal(size=len(X)),
        lambda X, rng: X @ [1, 2],
    ],
    ids=["even", "even but for rounding", "a copy", "a copy but for rounding", "a sum"],
)
def test_a_column_that_the_others_tell_has_slope_0(told: Told) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 2))
    Y = X[:, 0] + rng.normal(size=(1, 3, 40))
    model, sentence = Incomplete(Y, np.repeat([1, 2], 20), 4), np.repeat(np.arange(4), 10)
    alone, _ = model.summed_slopes(X, 2, sentence, 1)
    total, moved = model.summed_slopes(np.column_stack([X, told(X, rng)]), 1, sentence, 1)
    assert abs(alone[0]) > 0.5
    np.testing.assert_array_equal(total, 0)
    np.testing.assert_allclose(moved, 0, atol=PRECISION)


def test_scored_words_have_words_on_either_side_and_regressors_of_both() -> None:
    expected, at = [], []
    flat = [word for item in TEXT.sentences for word in item.words]
    k = 0
    for item in TEXT.sentences:
        n = len(item.words)
        for i in range(n):
            if 0 < i < n - 1:
                own, before = flat[k], flat[k - 1]
                of_words = [len(own), len(before), own.endswith(","), before.endswith(","), ZIPF[k], ZIPF[k - 1]]
                expected.append([*of_words, i, np.log(i + 1), n])
                at.append(k)
            k += 1
    assert WORDS.at.tolist() == at
    np.testing.assert_allclose(WORDS.baseline(ZIPF), np.array(expected, dtype=float))
    np.testing.assert_allclose(WORDS.baseline(None), np.delete(np.array(expected, dtype=float), [4, 5], axis=1))
    assert set(WORDS.baseline(ZIPF)[:, 2]) == {0.0, 1.0}


def test_a_first_word_without_surprisal_has_the_mean_of_the_others() -> None:
    given = SURPRISAL.copy()
    given[FIRST] = np.nan
    found = WORDS.with_previous(given)
    last = FIRST + TEXT.lengths - 1
    others = np.setdiff1d(np.arange(TEXT.n_words), [*FIRST, *last])
    second = np.isin(WORDS.at - 1, FIRST)
    np.testing.assert_allclose(found[second, 1], given[others].mean())
    np.testing.assert_array_equal(found[~second, 1], given[WORDS.at - 1][~second])
    np.testing.assert_array_equal(found[:, 0], given[WORDS.at])


def test_evenness_is_entropy_over_its_largest_value() -> None:
    heads = HEADS[0].copy()
    row = slice(int(TEXT.offsets[1]) + 3, int(TEXT.offsets[1]) + 6)
    heads[1, row] = 0  # word 2 of the second sentence, second head: no mass
    heads[0, row] = 0.2  # and even in the first
    found = WORDS.evenness(heads)
    by_head = entropy_of_rows(heads, TEXT)
    for word in range(TEXT.n_words):
        i = word - FIRST[word >= FIRST].max()
        rows = [value for value in by_head[:, word] if not np.isnan(value)]
        expected = np.mean(rows) / np.log(i + 1) if i else np.nan
        assert found[word] == pytest.approx(expected, nan_ok=True)
    even = WORDS.evenness(np.ones((1, TEXT.n_pairs)))
    np.testing.assert_allclose(np.delete(even, FIRST), 1)
    assert found[FIRST[1] + 2] == pytest.approx((1 + by_head[2, FIRST[1] + 2] / np.log(3)) / 2)


def scores(
    folder: Path, found: ReadingTimes, *, surprisal: FloatArray | None = SURPRISAL, heads: FloatArray = HEADS
) -> Scores:
    path = folder / "layers-0-1.h5"
    labels = {"model": "m", "layers": len(heads), "heads": heads.shape[1]}
    result = ConditionResult(heads.astype(np.float32))
    write_attention(path, {"plain": result}, TEXT, first=0, attributes=labels)
    with open_attention([path], TEXT) as model:
        return reading_time_scores(model, found, TEXT, surprisal=surprisal, zipf=ZIPF, seed=1)


def columns_of(predictor: str, layer: int) -> FloatArray:
    """Of scored words, word by word."""
    heads = HEADS[layer].astype(np.float32).astype(np.float64)
    if predictor == "entropy, another sentence's":
        heads = heads[:, swaps(TEXT, 1, 1).order(0)]
    rows = np.nanmean(entropy_of_rows(heads, TEXT), axis=0)
    place = np.concatenate([np.arange(n) for n in TEXT.lengths])
    even = rows[place > 0] / np.log(place[place > 0] + 1)
    # Of words that are scored or come before one, those that have a choice: all but first and last ones.
    whole = np.full(TEXT.n_words, even[TEXT.lengths[_sentence(place)][place > 0] - 1 > place[place > 0]].mean())
    whole[place > 0] = even
    of_surprisal = [SURPRISAL[WORDS.at], SURPRISAL[WORDS.at - 1]]
    of_entropy = [whole[WORDS.at], whole[WORDS.at - 1]]
    return np.column_stack({"surprisal": of_surprisal, "both": of_surprisal + of_entropy}.get(predictor, of_entropy))


def _sentence(place: FloatArray) -> FloatArray:
    return np.cumsum(place == 0) - 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    return scores(tmp_path_factory.mktemp("made"), read())


@pytest.mark.parametrize("slopes", SLOPES)
@pytest.mark.parametrize("scale", ["log", "ms"])
@pytest.mark.parametrize("predictor", PREDICTORS)
def test_the_table_is_what_statsmodels_says_of_each_reader(
    made: Scores, predictor: str, scale: str, slopes: str
) -> None:
    found = read()
    base = WORDS.baseline(ZIPF)
    assert made.table.columns.tolist() == READING_TIMES.names
    assert len(made.table) == 3 * 2 * 2 * (1 + 3 * 2) * len(READERS)
    for measure, times in found.times.items():
        y = times[:, WORDS.at]
        y = np.log(y) if scale == "log" else y
        without, mean = (oracle(y, Z, WORDS.article, slopes) for Z in (base, base[:, :0]))
        for layer in range(2):
            own = made.table.query(
                "measure == @measure and scale == @scale and slopes == @slopes and predictor == @predictor"
            )
            own = own[own["layer"].isna() if predictor == "surprisal" else own["layer"] == layer].set_index("reader")
            X = np.column_stack([base, columns_of(predictor, layer)])
            gains = oracle(y, X, WORDS.article, slopes) - without
            for k, reader in enumerate(READERS):
                row, gain = own.loc[reader], gains[k]
                assert row["words"] == (~np.isnan(y[k])).sum()
                assert row["delta_log_likelihood"] == pytest.approx(np.nanmean(gain), abs=PRECISION)
                assert row["baseline"] == pytest.approx(np.nanmean(without[k] - mean[k]), abs=PRECISION)
                if (scale, slopes) == ("log", "group"):
                    sums = made.sums[f"{measure} {predictor}"]
                    sums = sums[k] if predictor == "surprisal" else sums[layer, k]
                    for s in range(len(TEXT.sentences)):
                        inside = WORDS.sentence == s
                        assert sums[s] == pytest.approx(np.nansum(gain[inside]), abs=100 * PRECISION)
                        assert made.sums[f"{measure} words"][k, s] == (~np.isnan(y[k][inside])).sum()


def test_slopes_stand_beside_what_else_is_in_the_model(made: Scores) -> None:
    """Each by statsmodels; contributions of sentences sum to it, and each is a sentence's."""
    found, base = read(), WORDS.baseline(ZIPF)

    def standardised(X: FloatArray) -> FloatArray:
        return (X - X.mean(axis=0)) / X.std(axis=0)

    for measure, times in found.times.items():
        y = np.log(times[:, WORDS.at])
        for layer in range(2):
            surprisal, entropy = columns_of("surprisal", layer), columns_of("entropy", layer)
            beside = {"surprisal": (base, surprisal), "entropy": (base, entropy),
                      "entropy beyond surprisal": (np.column_stack([base, surprisal]), entropy),
                      "entropy beyond another sentence's": (
                          np.column_stack([base, columns_of("entropy, another sentence's", layer)]), entropy
                      )}  # fmt: skip
            for name, (others, own) in beside.items():
                sums = made.sums[f"{measure} slope of {name}"]
                sums = sums if name == "surprisal" else sums[layer]
                assert sums.shape == (len(READERS), len(TEXT.sentences))
                X = standardised(np.column_stack([others, own]))
                slope = slope_of(y, X, 2)
                assert sums.sum() == pytest.approx(slope, abs=PRECISION)
                if measure == "total":
                    _, by_word = parts_of_words(y, X, 2, WORDS.sentence)
                    by_word = np.nan_to_num(by_word)
                    parts = np.stack(
                        [by_word[:, WORDS.sentence == s].sum(axis=1) for s in range(sums.shape[1])], axis=1
                    )
                    np.testing.assert_allclose(sums, parts + (slope - parts.sum()) / sums.size, atol=PRECISION)


def test_what_is_planted_is_found_and_nothing_else(tmp_path: Path) -> None:
    """Times that follow surprisal, and those that follow the evenness of layer 1 of the word before."""
    even = WORDS.evenness(HEADS[1])
    before = np.concatenate([[0], np.nan_to_num((even - np.nanmean(even)) / np.nanstd(even))[:-1]])
    for effect, true in ((0.1 * SURPRISAL, "surprisal"), (0.4 * before, "entropy")):
        found = scores(tmp_path, read(effect))
        slopes = {
            name: found.sums[f"first-pass slope of {name}"].sum(axis=(-2, -1)) for name in ("surprisal", "entropy")
        }
        of_surprisal = np.std(SURPRISAL[WORDS.at]) * 0.1 if true == "surprisal" else 0
        assert slopes["surprisal"] == pytest.approx(of_surprisal, abs=0.1)
        assert slopes["entropy"] == pytest.approx([0, 0.4 if true == "entropy" else 0], abs=0.1)
        table = found.table.query("scale == 'log' and slopes == 'group' and measure == 'first-pass'")
        mean = table.groupby(["predictor", table["layer"].fillna(-1)])["delta_log_likelihood"].mean()
        assert (mean["surprisal", -1] > 0.05) == (true == "surprisal")
        assert (mean["entropy", 1] > 0.05) == (true == "entropy")
        assert mean["entropy", 0] < 0.02
        assert mean["entropy, another sentence's", 1] < 0.02


def test_without_surprisal_there_is_entropy_alone(tmp_path: Path, made: Scores) -> None:
    found = scores(tmp_path, read(), surprisal=None)
    table = found.table
    assert set(table["predictor"]) == {"entropy", "entropy, another sentence's"}
    same = made.table[made.table["predictor"].isin(set(table["predictor"]))].reset_index(drop=True)
    pd.testing.assert_frame_equal(table, same)
    assert not [name for name in found.sums if "surprisal" in name]
    own = "total slope of entropy"
    np.testing.assert_allclose(found.sums[own], made.sums[own], atol=PRECISION)


def test_a_reader_who_read_little_has_no_score(tmp_path: Path) -> None:
    found = read()
    for ms in found.times.values():
        ms[1, 60:] = np.nan
    few = scores(tmp_path, found)
    own = few.table[few.table["reader"] == "b"]
    assert (own["words"] == 0).all()
    assert own[["baseline", "delta_log_likelihood"]].isna().all(axis=None)
    assert few.table[few.table["reader"] != "b"]["delta_log_likelihood"].notna().all()
    for name, values in few.sums.items():
        without = np.delete(values, 1, axis=-2)
        assert np.isfinite(without).all()
        assert np.isnan(values[..., 1, :]).all() if "slope" in name else not values[..., 1, :].any()


def test_lengths_alone_are_refused() -> None:
    with pytest.raises(CorpusError, match="lengths only"):
        Words(Corpus((Sentence(1, 1, ("", "", "")), Sentence(2, 1, ("", "", "")))))
