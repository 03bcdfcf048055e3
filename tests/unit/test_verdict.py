"""The verdict on constructed results: each of the four words of each question, and one screen of text."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from readalike.files.contracts.robustness import CONCLUSIONS
from readalike.files.contracts.statistics import SLOPES, TESTS
from readalike.files.contracts.verdict import VERDICT
from readalike.statistics.clustered import clustered, clustered_t
from readalike.statistics.reading_times import OF_ALL, SLOPE_OF_ALL, SLOPE_OF_MODEL
from readalike.tables.verdict import QUESTIONS, WHY_NOT, beyond_margin, verdict, warnings
from readalike.tables.verdict_text import LINES, WIDTH, orders_of, screen
from tests.skewed import by_hand

pytestmark = pytest.mark.usefixtures("holm_without_collection")
NO_TESTS = pd.DataFrame(columns=TESTS.names)
BOUND, ERROR = 0.01, 0.002
MODELS = {"size": "pairs", "tuning": "pairs", "groups": "mean", "beyond": "mean", "instructions": "mean"}
# Estimate -> the word. Errors are 0.002, the margin 0.01; 39 degrees of freedom.
DIRECTED = [(0.02, "yes"), (0.0, "no"), (-0.02, "no"), (0.007, "yes"), (0.003, "no"), (math.nan, "not asked here")]
EITHER_WAY = [(0.02, "yes"), (-0.02, "yes"), (0.001, "no"), (math.nan, "not asked here")]
WIDE = 0.02  # an error with which nothing can be told


def row(conclusion: str, estimate: float, error: float = ERROR, **more: Any) -> dict[str, Any]:
    """Of CONCLUSIONS, with the interval and p of its t."""
    counts = {"n_readers": 42.0 if conclusion == "groups" else 41.0, "n_sentences": 40.0, "n_models": 4.0}
    counts |= {name: more[name] for name in counts if name in more}
    df = counts["n_sentences"] - 1
    half = stats.t.ppf(0.975, df) * error
    found = {
        "estimate": estimate,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "df": df,
        "bound": BOUND,
        **counts,
    }
    found["p"] = 2 * stats.t.sf(abs(estimate) / error, df)
    readers = {"groups": "L2 above L1", "instructions": ""}.get(conclusion, "L1")
    about: dict[str, Any] = {"score": "beyond b2", "test": "readers and sentences", "layers": "best"}
    if conclusion == "instructions":
        about = {"score": "tuned above the reference", "test": "sentences", "layers": "all"}
        found["n_readers"] = math.nan
    place = {"corpus": "news", "readers": readers, "readers_are": "measured" if readers else "", "condition": "plain"}
    return {"conclusion": conclusion, "models": MODELS[conclusion], **place, **about, **found, "unit": "R2", **more}


def equal(estimate: float, error: float = ERROR) -> dict[str, Any]:
    """The equivalence test of every pair: twice the larger one-sided p."""
    p = min(1, 2 * stats.t.cdf((abs(estimate) - BOUND) / error, 39))
    return row("tuning", estimate, error, test="equivalence", models="every pair", p=p)


def answers(
    rows: list[dict[str, Any]], divergence: pd.DataFrame = NO_TESTS, reading_times: pd.DataFrame = NO_TESTS
) -> pd.DataFrame:
    table = verdict(pd.DataFrame(rows, columns=CONCLUSIONS.names), divergence, reading_times)
    assert list(table.columns) == VERDICT.names
    return table[table["main"] == "yes"].set_index("question")


def of(question: str, estimate: float, error: float = ERROR) -> Any:
    """The one answer to a question, all others not being asked."""
    if question == "divergence":
        frame = NO_TESTS if math.isnan(estimate) else divergence([estimate] * 4, error)
        found = answers([], frame)
    elif question == "reading times":
        found = answers([], reading_times=NO_TESTS if math.isnan(estimate) else reading_times(estimate, error))
    else:
        rows = [] if math.isnan(estimate) else [row(question, estimate, error)]
        rows += [equal(estimate, error)] if rows and question == "tuning" else []
        found = answers(rows)
    others = found.drop(index=QUESTIONS[question])
    assert set(others["answer"]) == {"not asked here"}
    return found.loc[QUESTIONS[question]]


def divergence(differences: list[float], error: float) -> pd.DataFrame:
    """Of TESTS: layers of a pair, one-sided; near-twins diverge by ten times the margin."""
    rows = []
    for k, difference in enumerate(differences):
        half = stats.t.ppf(0.975, 39) * error
        p = float(stats.t.sf(difference / error, 39))
        rows.append({"corpus": "news", "comparison": "tuning", "a": "base", "b": "tuned", "condition": "plain",
                     "index": k, "family": "one", "n_a": 40, "mean_b": 10 * BOUND, "difference": difference,
                     "ci_low": difference - half, "ci_high": difference + half,
                     "p_holm": min(1.0, p * len(differences))})  # fmt: skip
    return pd.DataFrame(rows, columns=TESTS.names)


def reading_times(estimate: float, error: float, **more: Any) -> pd.DataFrame:
    """Of TESTS: the mean over models, and beside it what the answer does not go by."""
    half = stats.t.ppf(0.975, 39) * error
    given = {"question": SLOPE_OF_ALL, "corpus": "news", "group": "L1", "readers_are": "measured",
             "test": "clustered t", "signal": "first-pass", "scale": "slope of entropy", "n_a": 41,
             "n_sentences": 40, "df": 39, "bound": BOUND,
             "difference": estimate, "ci_low": estimate - half, "ci_high": estimate + half, "side": "two-sided",
             "p": 2 * stats.t.sf(abs(estimate) / error, 39)} | more  # fmt: skip
    others = ({"question": SLOPE_OF_MODEL}, {"question": OF_ALL}, {"signal": "total"}, {"scale": "entropy"})
    return pd.DataFrame([given, *({**given, "difference": 0.5, **other} for other in others)], columns=TESTS.names)


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_has_each_of_the_four_words(question: str) -> None:
    for estimate, word in EITHER_WAY if question in ("tuning", "groups", "reading times") else DIRECTED:
        assert of(question, estimate)["answer"] == word, estimate
    unclear = of(question, 0.003, WIDE)
    assert (unclear["answer"], unclear["why"].startswith("not found, nor shown")) == ("cannot tell", True)
    assert of(question, math.nan)["why"] == WHY_NOT[question]
    assert "smaller than the margin" not in of(question, 0.02)["why"]


def test_what_is_found_within_the_margin_is_yes_and_says_so() -> None:
    for question in ("size", "groups", "beyond"):
        found = of(question, 0.006, 0.001)
        assert (found["answer"], found["why"]) == ("yes", "found, and smaller than the margin of 0.01 "
                                                   + ("R2 a pair" if question == "size" else "R2"))  # fmt: skip
    assert of("size", -0.02)["why"] == "the other way round"


@pytest.mark.parametrize("estimate", [-0.004, 0.0, 0.004, 0.02])
def test_the_margin_is_tested_as_scipy_does(estimate: float) -> None:
    sample = np.random.default_rng(3).normal(0, 0.02, 40)
    sample += estimate - sample.mean()
    low, high = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    given = {"estimate": estimate, "ci_low": low, "ci_high": high, "bound": BOUND, "skewness": math.nan}
    upper = stats.ttest_1samp(sample, BOUND, alternative="less").pvalue
    lower = stats.ttest_1samp(sample, -BOUND, alternative="greater").pvalue
    assert beyond_margin(given, 39, "groups") == pytest.approx(min(1, 2 * max(upper, lower)), rel=1e-6)
    assert beyond_margin(given, 39, "size") == pytest.approx(min(1, 2 * upper), rel=1e-6)
    within = low > -BOUND and high < BOUND
    assert within == (beyond_margin(given, 39, "groups") < 0.05)
    assert math.isnan(beyond_margin({**given, "bound": math.nan}, 39, "size"))


@pytest.mark.parametrize("estimate", [-0.004, 0.004])
def test_the_margin_goes_by_the_skewness_of_the_interval(estimate: float, tmp_path: Path) -> None:
    cells = np.random.default_rng(7).gamma(0.3, 1, (1, 40)) * np.ones((50, 1)) / 50_000
    cells += (estimate - cells.sum()) / cells.size
    found = clustered_t((cells,), "two-sided")
    expected = by_hand(cells, clustered((cells,)).error, 39)
    assert expected.G > 0.1
    # As a table holds it.
    file = tmp_path / "table.csv"
    rows = [{"estimate": estimate, "bound": BOUND, **found}, {"estimate": estimate, "bound": BOUND, **found}]
    pd.DataFrame(rows).assign(skewness=[found["skewness"], None]).to_csv(file, index=False)
    given, without = pd.read_csv(file).to_dict("records")
    one_sided = stats.t.cdf(expected.t(BOUND), 39)
    assert beyond_margin(given, 39, "groups") == pytest.approx(expected.p_margin(BOUND), rel=1e-6)
    assert beyond_margin(given, 39, "size") == pytest.approx(2 * one_sided, rel=1e-6)
    assert 2 * one_sided < 0.9
    # The interval of a t that is not adjusted, which reaches as far up as down.
    half = (found["ci_high"] - found["ci_low"]) / 2
    t = (estimate - BOUND) / (half / stats.t.ppf(0.975, 39))
    assert beyond_margin(without, 39, "size") == pytest.approx(2 * stats.t.cdf(t, 39), rel=1e-6)
    assert 2 * stats.t.cdf(t, 39) != pytest.approx(2 * one_sided, rel=0.05)


def test_tuning_is_no_only_where_every_pair_is_shown_equal() -> None:
    assert answers([row("tuning", 0.0)]).loc[QUESTIONS["tuning"], "answer"] == "cannot tell"
    assert answers([row("tuning", 0.0), equal(0.009)]).loc[QUESTIONS["tuning"], "answer"] == "cannot tell"
    assert answers([row("tuning", 0.0), equal(0.0)]).loc[QUESTIONS["tuning"], "answer"] == "no"


def test_divergence_is_no_only_where_no_layer_is_above() -> None:
    def word(*differences: float) -> str:
        return str(answers([], divergence(list(differences), ERROR)).loc[QUESTIONS["divergence"], "answer"])

    assert word(0.0, 0.0, 0.02) == "yes"
    assert word(0.0, 0.0, 0.0095 - 0.006) == "no"
    assert word(0.0, -0.5, 0.0) == "no"
    noise = divergence([0.5], ERROR).assign(condition="noise")
    assert answers([], noise).loc[QUESTIONS["divergence"], "answer"] == "not asked here"


def test_holm_counts_the_questions() -> None:
    p = 0.03
    estimate = float(stats.t.isf(p / 2, 39)) * 0.02
    assert of("size", estimate, 0.02)["answer"] == "yes"
    both = answers([row("size", estimate, 0.02), row("beyond", estimate, 0.02)])
    assert both["answer"].tolist().count("yes") == 0
    assert both.loc[QUESTIONS["size"], "p"] == pytest.approx(2 * p)
    assert both.loc[QUESTIONS["size"], "correction"] == "Holm over 2 tests of a difference and 2 of equivalence"


def test_one_fit_tells_of_size_families_first() -> None:
    rows = [row("size", 0.02, models=models, n_models=float(k))
            for k, models in enumerate(("all models", "pairs", "within families"), start=3)]  # fmt: skip
    for kept, models, unit in ((3, 5, "R2 a doubling"), (2, 4, "R2 a pair"), (1, 3, "R2 a doubling")):
        found = answers(rows[:kept]).loc[QUESTIONS["size"]]
        assert (found["n"], found["unit"]) == (f"41 readers, 40 sentences, {models} models", unit)
    other = row("size", 0.5, layers="own best")
    assert answers([row("size", 0.0), other]).loc[QUESTIONS["size"], "answer"] == "no"
    assert answers([row("size", 0.0, test="readers")]).loc[QUESTIONS["size"], "answer"] == "not asked here"


def test_tests_that_are_wrong_too_often_are_not_asked() -> None:
    for score in ("percent of ceiling", "percent of own ceiling", "in sample", "beyond b0"):
        assert answers([row("groups", 0.5, score=score)]).loc[QUESTIONS["groups"], "answer"] == "not asked here"


@pytest.mark.parametrize(
    ("readers", "sentences", "word"), [(7, 40, "cannot tell"), (8, 20, "yes"), (9, 19, "cannot tell")]
)
def test_fewer_than_the_tests_were_tried_with_are_not_answered(readers: int, sentences: int, word: str) -> None:
    rows = [row("size", 0.05, n_readers=float(readers), n_sentences=float(sentences))]
    found = answers(rows).loc[QUESTIONS["size"]]
    assert found["answer"] == word
    assert ("the tests were tried with" in found["why"]) == (word != "yes")
    both = answers([*rows, row("groups", 0.5, n_sentences=float(sentences))]).loc[QUESTIONS["groups"]]
    assert both["answer"] == word, "one small group of two is enough"


@pytest.mark.parametrize(
    ("readers", "sentences", "word"), [(7, 40, "cannot tell"), (8, 20, "yes"), (9, 19, "cannot tell")]
)
def test_reading_times_of_few_are_not_answered(readers: int, sentences: int, word: str) -> None:
    found = answers([], reading_times=reading_times(0.05, ERROR, n_a=readers, n_sentences=sentences))
    row = found.loc[QUESTIONS["reading times"]]
    assert (row["answer"], row["n"]) == (word, f"{readers} readers, {sentences} sentences")


def test_what_stands_beside_the_entropy_counts_in_holm_and_is_said() -> None:
    of_entropy = reading_times(0.02, ERROR).iloc[:1]
    of_surprisal = reading_times(0.0, ERROR, scale="slope of surprisal").iloc[:1]
    table = verdict(pd.DataFrame(columns=CONCLUSIONS.names), NO_TESTS, pd.concat([of_entropy, of_surprisal]))
    own = table[table["question"] == QUESTIONS["reading times"]]
    assert own["answer"].tolist() == ["yes", "no"]
    assert set(own["correction"]) == {"Holm over 2 tests of a difference and 2 of equivalence"}
    said = " ".join(screen(table, [], [], "mine").split())
    assert "L1: yes, +0.02 of the time per SD" in said
    assert "; slope of surprisal: no, +0" in said


def test_small_groups_and_corpora_are_warned_of() -> None:
    rows = [row("beyond", 0.0, n_readers=9.0, n_sentences=29.0), row("groups", 0.0, n_sentences=29.0)]
    table = pd.DataFrame(rows, columns=CONCLUSIONS.names)
    assert warnings(table) == ["L1 has 9 readers, fewer than 10", "corpus news has 29 sentences, fewer than 30"]
    assert warnings(pd.DataFrame([row("beyond", 0.0, n_readers=10.0, n_sentences=30.0)])) == []
    text = screen(verdict(table, NO_TESTS, NO_TESTS), warnings(table), [], "mine")
    assert "WARNING: L1 has 9 readers, fewer than 10; corpus news has 29 sentences" in text


def many(places: int) -> pd.DataFrame:
    rows = [
        {**row(name, 0.02 - 0.02 * (k % 2)), "readers": f"L{k}"} for name in ("size", "beyond") for k in range(places)
    ]
    rows += [{**row(name, 0.02), "score": "held out, above shuffled"} | {"readers": "L0"} for name in ("size",)]
    return verdict(pd.DataFrame(rows, columns=CONCLUSIONS.names), divergence([0.02], ERROR), NO_TESTS)


@pytest.mark.parametrize("places", [1, 3, 40])
def test_the_text_is_one_screen(places: int) -> None:
    table = many(places)
    text = screen(table, [], ["L1 p 0.31 over the orders of 4"], "results/mine")
    lines = text.splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= WIDTH
    assert lines[0] == "VERDICT of results/mine"
    assert "simulated" not in text
    for question in QUESTIONS.values():
        assert sum(question in line for line in lines) == 1
    if places == 1:
        assert "1 Does size raise resemblance? YES" in lines
        assert "L0: yes, +0.02 R2 a pair [+0.016, +0.024], p" in text
        assert "uncontrolled: yes, +0.02" in " ".join(text.split())
        assert "    for models other than these, uncontrolled: L1 p 0.31 over the orders of 4" in lines
        assert "2 Does instruction tuning change resemblance? NOT ASKED HERE" in lines
    if places == 3:
        assert "1 Does size raise resemblance? L0 YES, L1 NO, L2 YES" in lines
        assert any("L1: no" in line for line in lines)
        one = table[(table["readers"] == "L1") & (table["answer"] == "no")].iloc[0]
        assert f"(more than {one['margin']:.2g} ruled out, p {one['p_margin']:.2g})" in " ".join(text.split())
    if places == 40:
        assert "1 Does size raise resemblance? YES (20 of 40), NO (20 of 40)" in lines
        assert not any("L1: no" in line for line in lines)
    simulated = table.assign(readers_are="simulated")
    assert "The readers are simulated" in screen(simulated, [], [], "results/mine").splitlines()[1]


@pytest.mark.parametrize(("p", "said"), [(0.031, True), (0.06, False), (math.nan, False)])
def test_the_screen_says_where_articles_differ(p: float, said: bool) -> None:
    table = verdict(pd.DataFrame([row("size", 0.02, p_articles=p)], columns=CONCLUSIONS.names), NO_TESTS, NO_TESTS)
    assert table["p_articles"].iloc[0] == pytest.approx(p, nan_ok=True)
    text = " ".join(screen(table, [], [], "mine").split())
    assert ("; articles differ in it, p 0.031" in text) == said
    assert ("articles differ" in text) == said


def test_nothing_asked_says_so() -> None:
    text = screen(verdict(pd.DataFrame(columns=CONCLUSIONS.names), NO_TESTS, NO_TESTS), [], [], "results/mine")
    assert text.count("NOT ASKED HERE") == len(QUESTIONS)
    assert all(why[:40] in text for why in WHY_NOT.values())


def test_models_as_drawn_are_told_by_orders() -> None:
    rows = [{"group": "L1", "signal": signal, "column": column, "fit": fit, "p_permutation": 0.25, "n": 4,
             "permutations": 24}
            for signal, column, fit in (("number", "nested r2_cv - r2_null", "within families"),
                                        ("duration", "nested r2_cv - r2_null", "within families"),
                                        ("number", "r2_specific", "within families"),
                                        ("number", "nested r2_cv - r2_null", "pooled"))]  # fmt: skip
    assert orders_of(pd.DataFrame(rows, columns=SLOPES.names), "number") == [
        "L1 p 0.25 over the orders of 4, which is never below 0.083"
    ]
    assert orders_of(pd.DataFrame(columns=SLOPES.names), "number") == []


@pytest.mark.parametrize("question", ["size", "tuning", "groups", "beyond"])
def test_all_layers_at_once_stand_beside_the_answer(question: str) -> None:
    """Of all layers there is one score; it is no answer, but counted where tests are corrected for."""
    at_once = row(question, 0.03, score="beyond b2, all layers at once", layers="all")
    rows = [row(question, 0.0), *([equal(0.0)] if question == "tuning" else []), at_once]
    table = verdict(pd.DataFrame(rows, columns=CONCLUSIONS.names), NO_TESTS, NO_TESTS)
    own = table[table["question"] == QUESTIONS[question]].set_index("scale")
    assert own["answer"].tolist() == ["no", "yes"]
    assert own["main"].tolist() == ["yes", ""]
    found = own.loc["beyond b2, all layers at once"]
    assert found["p"] == pytest.approx(2 * at_once["p"])
    assert found["rests_on"].startswith("held out, beyond b2, all layers at once; by ridge regression; readers and")
    assert "; all layers at once: yes, +0.03" in " ".join(screen(table, [], [], "mine").split())


def test_of_all_layers_at_once_it_is_told_what_was_learned() -> None:
    at_once = "beyond b2, all layers at once"
    scores = {at_once: 0.03, f"{at_once}, untrained": 0.01, f"{at_once}, above untrained": 0.02}
    rows = [*twins(0.016), *(row("beyond", own, score=score, layers="all") for score, own in scores.items())]
    table = verdict(pd.DataFrame(rows, columns=CONCLUSIONS.names), NO_TESTS, NO_TESTS)
    text = " ".join(screen(table, [], [], "mine").split())
    assert (
        "; all layers at once: yes, +0.03 (untrained: yes, +0.01; above untrained: yes, +0.02 [+0.016, +0.024], p"
        in text
    )


def twins(estimate: float, error: float = ERROR, readers: str = "L1") -> list[dict[str, Any]]:
    """What attention adds of all models, of untrained ones, and of trained ones above these."""
    scores = {"beyond b2": 0.02, "beyond b2, untrained": 0.004, "beyond b2, above untrained": estimate}
    return [row("beyond", own, error, score=score, readers=readers) for score, own in scores.items()]


@pytest.mark.parametrize(("estimate", "word"), [(0.016, "yes"), (0.001, "no"), (-0.02, "no"), (0.0035, "no")])
def test_what_was_learned_stands_beside_what_attention_adds(estimate: float, word: str) -> None:
    table = verdict(pd.DataFrame(twins(estimate), columns=CONCLUSIONS.names), NO_TESTS, NO_TESTS)
    own = table[table["question"] == QUESTIONS["beyond"]].set_index("scale")
    assert own["main"].tolist() == ["yes", "", ""], "the answer goes by trained models as before"
    assert own["answer"].tolist()[::2] == ["yes", word]
    found = own.loc["beyond b2, above untrained"]
    each = [2 * stats.t.sf(abs(one) / ERROR, 39) for one in (0.02, 0.004, estimate)]
    assert own["p"].tolist() == pytest.approx(multipletests(each, method="holm")[1].tolist())
    assert found["rests_on"].startswith("held out, beyond b2, above untrained; at the layer")
    text = " ".join(screen(table, [], [], "mine").split())
    low, high, p = (f"{found[name]:{form}}" for name, form in (("low", "+.2g"), ("high", "+.2g"), ("p", ".2g")))
    assert (
        f"(untrained: {own['answer'].iloc[1]}, +0.004; above untrained: {word}, {estimate:+.2g} [{low}, {high}], p {p})"
        in text
    )


def test_what_was_learned_stays_on_the_screen_when_other_scales_go() -> None:
    places = [f"readers-with-a-long-name-{k}" for k in range(4)]
    rows = [one for place in places for one in twins(0.016, readers=place)]
    for question in ("size", "tuning", "groups"):
        for score in ("beyond b2", "beyond b2, all layers at once", "held out, above shuffled"):
            rows += [row(question, 0.02, score=score, readers=place) for place in places]
    lines = screen(
        verdict(pd.DataFrame(rows, columns=CONCLUSIONS.names), NO_TESTS, NO_TESTS), [], [], "mine"
    ).splitlines()
    text = " ".join(" ".join(lines).split())
    assert len(lines) <= LINES
    assert "uncontrolled: " not in text
    assert text.count("above untrained: yes, +0.016") == 4
