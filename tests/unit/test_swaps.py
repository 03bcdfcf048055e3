"""Swapped attention: derangements, and scores against attention that is swapped matrix by matrix and fitted anew."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.measures import swaps as module
from readalike.measures.held_out import Split
from readalike.measures.regression import orthonormal, shuffles
from readalike.measures.regressors import baselines
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import derangement, fit, swapped_scores, swaps
from tests import oracles

SAME = 1e-10  # sums of products against fits to the rows


def corpus_of(*lengths: tuple[int, ...]) -> Corpus:
    """An article for each tuple of numbers of words; words of 1 to 9 letters, some with a comma, a stop at the end."""
    rng = np.random.default_rng(3)
    articles = []
    for a, own in enumerate(lengths, start=1):
        for s, n in enumerate(own, start=1):
            words = ["x" * int(k) + ("," if rng.random() < 0.1 else "") for k in rng.integers(1, 10, n)]
            articles.append(Sentence(a, s, (*words[:-1], words[-1] + ".")))
    return Corpus(tuple(articles))


# 4 and 12 stand alone; of 9, 10 and 11 there are several, within articles and over them.
CORPUS = corpus_of((9, 10, 9, 12, 11), (10, 9, 11, 9), (4, 10, 10, 11, 9))
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]


def sentence_taken(corpus: Corpus, order: np.ndarray) -> list[int]:
    """Whose attention each sentence has in an arrangement."""
    found = []
    for s in range(len(corpus.sentences)):
        (only,) = set(corpus.pairs.sentence[order[corpus.pairs_of(s)]])
        found.append(int(only))
    return found


def test_no_sentence_keeps_its_own_and_lengths_are_equal_where_another_has_it() -> None:
    found, others = swaps(CORPUS, 1, 50), Counter(CORPUS.lengths.tolist())
    met = set()
    for k in range(50):
        order = found.order(k)
        assert order.shape == (CORPUS.n_pairs,)
        taken = sentence_taken(CORPUS, order)
        met.add(tuple(taken))
        several = [s for s in range(len(taken)) if others[CORPUS.lengths[s]] > 1]
        assert all(s != t for s, t in enumerate(taken))
        assert [CORPUS.lengths[taken[s]] for s in several] == [CORPUS.lengths[s] for s in several]
        assert sorted(taken[s] for s in several) == several, "each attention once"
        for s in several:
            first = CORPUS.offsets[taken[s]]
            assert order[CORPUS.pairs_of(s)].tolist() == list(range(first, first + len(order[CORPUS.pairs_of(s)])))
    assert len(met) > 40


def test_a_sentence_alone_takes_the_nearest_length_and_of_two_as_near_the_longer() -> None:
    taken = np.array([sentence_taken(CORPUS, swaps(CORPUS, 1, 60).order(k)) for k in range(60)])
    assert set(CORPUS.lengths[taken[:, 3]]) == {11}
    assert set(taken[:, 3]) == set(np.flatnonzero(CORPUS.lengths == 11)), "any of them"
    assert set(CORPUS.lengths[taken[:, 9]]) == {9}
    between = corpus_of((5, 5, 7), (9, 9))
    assert {sentence_taken(between, swaps(between, 1, 9).order(k))[2] for k in range(9)} == {3, 4}


@pytest.mark.parametrize("n", [2, 3, 4])
def test_every_derangement_is_as_likely(n: int) -> None:
    expected = {p for p in permutations(range(n)) if all(k != x for k, x in enumerate(p))}
    rng = np.random.default_rng(5)
    found = Counter(tuple(derangement(n, rng).tolist()) for _ in range(1800))
    assert set(found) == expected
    share = 1800 / len(expected)
    # Counts are multinomial: five standard errors.
    assert max(abs(count - share) for count in found.values()) <= 5 * np.sqrt(share)


def test_a_seed_brings_arrangements_back() -> None:
    first, again, other = (swaps(CORPUS, seed, 20) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.takes, again.takes)
    assert not np.array_equal(first.takes, other.takes)
    assert len(swaps(CORPUS, 1).takes) == 100


def stands_for(i: int, j: int, theirs: int) -> tuple[int, int]:
    """As `measures/swaps.py` says it."""
    if i < theirs:
        return i, j
    if j == 0 or theirs == 1:
        return theirs - 1, 0
    return theirs - 1, max(1, theirs - 1 - (i - j))


@pytest.mark.parametrize(("theirs", "length"), [(7, 4), (4, 7), (3, 4), (2, 6), (1, 3), (5, 1), (12, 11)])
def test_the_first_words_of_a_longer_sentence_and_the_last_word_of_a_shorter_one(theirs: int, length: int) -> None:
    pairs = [(i, j) for i in range(theirs) for j in range(i + 1)]
    expected = [pairs.index(stands_for(i, j, theirs)) for i in range(length) for j in range(i + 1)]
    assert fit(theirs, length).tolist() == expected


def test_beyond_a_shorter_sentence_by_hand() -> None:
    # Pairs of three words: 00 10 11 20 21 22. Row 3 of four words: first, farther than its row goes, previous, self.
    assert fit(3, 4).tolist() == [0, 1, 2, 3, 4, 5, 3, 4, 4, 5]


def swapped_by_loop(X: FloatArray, taken: list[int]) -> FloatArray:
    """Whole matrices of every head in the place of others, cell by cell."""
    rows = []
    for s, t in enumerate(taken):
        theirs = [CORPUS.matrix(head, t) for head in X.T]
        for i in range(int(CORPUS.lengths[s])):
            for j in range(i + 1):
                at = stands_for(i, j, int(CORPUS.lengths[t]))
                rows.append([matrix[at] for matrix in theirs])
    return np.array(rows)


def by_refits(X: FloatArray, Y: FloatArray, number: int) -> tuple[FloatArray, FloatArray]:
    """R2 and squared errors by article, means over the arrangements."""
    arrangements = swaps(CORPUS, 2, number)
    taken = [sentence_taken(CORPUS, arrangements.order(k)) for k in range(number)]
    folds = [oracles.held_out(swapped_by_loop(X, t), Y, ARTICLE) for t in taken]
    return np.mean([own.r2 for own in folds], axis=0), np.mean([own.sse for own in folds], axis=0)


@pytest.mark.parametrize("rare", [False, True], ids=["every head varies everywhere", "one varies in one sentence"])
@pytest.mark.parametrize("memory", [2**27, 1], ids=["all at once", "one by one"])
def test_swapped_scores_equal_fits_to_swapped_matrices(
    rare: bool, memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    X, Y = rng.random((CORPUS.n_pairs, 4)), rng.poisson(0.6, (CORPUS.n_pairs, 3)).astype(float)
    if rare:
        X[:, 3] = np.where(CORPUS.pairs.sentence == 6, X[:, 3], 0.25)
    monkeypatch.setattr(module, "MOST_BYTES", memory)
    found = swapped_scores(orthonormal(X), Split(Y, ARTICLE), CORPUS, swaps(CORPUS, 2, 7))
    r2, sse = by_refits(X, Y, 7)
    np.testing.assert_allclose(found.r2, r2, rtol=0, atol=SAME)
    np.testing.assert_allclose(found.sse, sse, rtol=SAME)


def test_attention_of_places_alone_is_as_good_in_any_sentence_of_the_length() -> None:
    """All sentences of one length, all with one attention: swapped scores are the scores."""
    corpus = corpus_of((8,) * 4, (8,) * 4)
    X = np.tile(np.random.default_rng(1).random((36, 3)), (8, 1))
    Y = np.random.default_rng(2).poisson(0.6, (corpus.n_pairs, 3)).astype(float)
    split, basis = Split(Y, corpus.articles[corpus.pairs.sentence]), orthonormal(X)
    found = swapped_scores(basis, split, corpus, swaps(corpus, 1, 9))
    np.testing.assert_allclose(found.r2, split.held_out(basis).r2, rtol=0, atol=SAME)


NOTHING = 0.001  # of R2: what the mean over readers may be where there is nothing
PLANTED = corpus_of(*(tuple(np.random.default_rng(a).integers(6, 14, 30).tolist()) for a in range(5)))


def planted(readers_follow: FloatArray, heads: FloatArray) -> dict[str, float]:
    """Means over 60 readers who are Poisson about `readers_follow`, against heads (pairs, heads)."""
    rng = np.random.default_rng(9)
    Y = rng.poisson(readers_follow[:, None], (PLANTED.n_pairs, 60)).astype(float)
    orders = shuffles(PLANTED, 1, 3)
    columns = layer_scores(heads, Y, PLANTED, baselines(PLANTED), orders, swaps(PLANTED, 1, 20)).columns
    return {name: float(values.mean()) for name, values in columns.items()}


def pieces() -> tuple[FloatArray, FloatArray, FloatArray]:
    """What readers may follow, (pairs,): places; the length of a word that looks at itself; meaning, new in a pair."""
    sentence, i, j = PLANTED.pairs
    characters = np.concatenate([[len(word) for word in item.words] for item in PLANTED.sentences])
    start = np.concatenate([[0], np.cumsum(PLANTED.lengths)])[sentence]
    places = 0.3 * (j == 0) + 0.5 * (i == j) + 0.4 * (i - j == 1) + 0.02 * (14 - i)
    meaning = np.random.default_rng(4).exponential(0.5, PLANTED.n_pairs)
    return places, 0.15 * (i == j) * characters[start + i], meaning


def heads_of(*parts: FloatArray) -> FloatArray:
    """A head a part, and two with nothing but chance."""
    return np.column_stack([*parts, np.random.default_rng(6).random((PLANTED.n_pairs, 2))])


def test_readers_of_place_and_length_leave_nothing_to_attention() -> None:
    places, length, meaning = pieces()
    found = planted(0.5 * places + length, heads_of(places, meaning))
    assert found["r2_cv"] > 0.05
    assert found["r2_unique_b2"] <= NOTHING
    assert abs(found["r2_specific"]) <= NOTHING


def test_readers_who_follow_the_attention_show_it() -> None:
    places, length, meaning = pieces()
    found = planted(0.5 * places + length + 0.3 * meaning, heads_of(places, meaning))
    assert found["r2_specific"] > 10 * NOTHING
    assert found["r2_unique_b2"] > 10 * NOTHING


def test_attention_that_knows_lengths_needs_both_scores() -> None:
    """Long words are looked at again, by readers and by the head: beyond b0 that looks like understanding."""
    places, length, _ = pieces()
    found = planted(0.5 * places + length, heads_of(places, length))
    assert found["r2_unique_b0"] > 10 * NOTHING
    assert found["r2_unique_b1"] <= NOTHING
    assert found["r2_unique_b2"] <= NOTHING
    assert found["r2_specific"] > 10 * NOTHING, "another sentence has its long words elsewhere"
