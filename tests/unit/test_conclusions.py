"""Each conclusion as one number: against scipy and plain loops on the readers' own scores.

Of rows over readers and sentences the oracle is the clustered variance written out over sentences and readers.
"""

import math
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import FloatArray
from readalike.files.bootstrap import Draws
from readalike.files.sums import Sums, SumsOf
from readalike.statistics import conclusions as c
from readalike.statistics import conclusions_beyond as beyond
from readalike.statistics import conclusions_models as m
from readalike.statistics.scored import SCORES
from tests.skewed import by_hand

MULTIPLE = 0.5
SAME = 1e-9  # the same sums in another order
RNG = np.random.default_rng(31)
READERS = {"L2": tuple("pqrst"), "L1": tuple("abcd")}
MODELS, PARAMETERS = ("s", "m", "l", "l-tuned"), {"s": 1e6, "m": 2e6, "l": 16e6, "l-tuned": 16e6}
FAMILIES = {"s": "f", "m": "f", "l": "f"}
SCALING, LAW, TUNING = [["s", "m"], ["m", "l"]], ["l", "m", "s"], [["l", "l-tuned"]]
LAYERS = (0, 1, 2)
# Of seven sentences, by who read them.
ARTICLES = {"L1": np.array([1, 1, 1, 2, 2, 3, 3]), "L2": np.array([1, 1, 1, 1, 2, 2, 2])}
WITHOUT_SINKS = ["b2_renormalised", "b2_others", "b2_others_renormalised"]
AT_ONCE = "r2_unique_b2_all_layers"
COLUMNS = ["r2", "r2_cv", "r2_null", "r2_specific", "r2_unique_b0", "r2_unique_b1"]
COLUMNS += [f"r2_unique_{name}{end}" for name in ("b2", *WITHOUT_SINKS) for end in ("", "_null")]
NAMED = ["number/r2", "number/r2_cv", *(f"number/r2_unique_{name}" for name in ("b0", "b1", "b2", *WITHOUT_SINKS))]
SUMS = {
    (model, group): SumsOf(
        {
            name: Sums(RNG.uniform(0.2, 0.9, (3, 7, len(own))), RNG.uniform(0.9, 1.1, (7, len(own))), own)
            for name in NAMED
        },
        {},
        LAYERS,
        np.array([0.02, 0.03, 0.01]) * (2 if model == "l-tuned" else 1),
    )
    for model in MODELS
    for group, own in READERS.items()
}


# Of the heads of all layers at once: no layer has one of its own.
SUMS_AT_ONCE = {
    key: SumsOf(
        {f"number/{AT_ONCE}": own._replace(sse=RNG.uniform(0.2, 0.9, (1, *own.sst.shape)))},
        {},
    )
    for key, own in ((key, one.values["number/r2"]) for key, one in SUMS.items())
}


def scores() -> pd.DataFrame:
    """R2 of the sums where there are any, so that the table and the sums belong together."""
    rows = []
    for (model, group), sums in SUMS.items():
        for layer, (k, reader) in product(LAYERS, enumerate(READERS[group])):
            values = dict(zip(COLUMNS, RNG.uniform(0.01, 0.3, len(COLUMNS)), strict=True))
            for name, own in sums.values.items():
                values[name.removeprefix("number/")] = 1 - own.sse[layer][:, k].sum() / own.sst[:, k].sum()
            own = SUMS_AT_ONCE[model, group].values[f"number/{AT_ONCE}"]
            values[AT_ONCE] = 1 - own.sse[0][:, k].sum() / own.sst[:, k].sum()
            rows.append({"model": model, "group": group, "readers_are": "measured", "signal": "number",
                         "layer": layer, "reader": reader, **values})  # fmt: skip
    return pd.DataFrame(rows)


FRAME = scores()
BEST = {(model, group): (k + len(group)) % 3 for k, (model, group) in enumerate(product(MODELS, READERS))}
SUMS_OF = {key: [one, SUMS_AT_ONCE[key]] for key, one in SUMS.items()}
RUN = c.Run(FRAME, BEST, SUMS_OF, PARAMETERS, {"L1": "news", "L2": "news"}, ARTICLES, "number")


def value(model: str, group: str, name: str, layers: str) -> FloatArray:
    """Of each reader, by the definitions of layers and scores."""
    score = SCORES[name]
    own = FRAME[(FRAME["model"] == model) & (FRAME["group"] == group)]
    found = own[score.column] - (own[score.null] if score.null else 0)
    table = found.to_numpy().reshape(3, -1)
    if layers == "all":
        return np.asarray(table.mean(axis=0))
    return np.asarray(table[BEST[model, group] if layers == "best" else int(table.mean(axis=1).argmax())])


def contributions(model: str, group: str, name: str, layers: str) -> FloatArray:
    """C_sr by its definition, written out for each sentence and reader."""
    score = SCORES[name]
    own = (SUMS_AT_ONCE if score.column == AT_ONCE else SUMS)[model, group].values[f"number/{score.sums}"]
    at = LAYERS if layers == "all" else [BEST[model, group]]
    at = [0] if score.column == AT_ONCE else at
    S, R = own.sst.shape
    found = np.zeros((S, R))
    for layer, s, r in product(at, range(S), range(R)):
        total = own.sst[:, r].sum()
        r2 = 1 - own.sse[layer][:, r].sum() / total
        slope = (own.sst[s, r] - own.sse[layer][s, r] - r2 * own.sst[s, r]) / total
        reader = FRAME[(FRAME["model"] == model) & (FRAME["group"] == group) & (FRAME["layer"] == layer)].iloc[r]
        scored = reader[score.column] - (reader[score.null] if score.null else 0)
        found[s, r] += (slope + scored / S) / R / len(at)
    return found


def standard_error(*groups: FloatArray) -> float:
    """Cameron, Gelbach and Miller, term by term."""
    S = len(groups[0])
    deviations = [group - group.mean() for group in groups]
    sentences = S / (S - 1) * sum(sum(e[s].sum() for e in deviations) ** 2 for s in range(S))
    readers = sum(e.shape[1] / (e.shape[1] - 1) * (e.sum(axis=0) ** 2).sum() for e in deviations)
    cells = sum(e.size / (e.size - 1) * (e**2).sum() for e in deviations)
    variance = sentences + readers - cells
    return math.sqrt(max(variance, min(sentences, readers)) if variance > 0 else max(sentences, readers))


def row_of(table: pd.DataFrame, **labels: Any) -> Any:
    own = table[(table[list(labels)] == list(labels.values())).all(axis=1)]
    assert len(own) == 1, labels
    return own.iloc[0]


SIZE = c.table(c.size_rows(RUN, SCALING, LAW, FAMILIES, MULTIPLE))
TUNED = c.table(c.tuning_rows(RUN, TUNING, 1.5))
NO_SHARES = c.Beside(pd.DataFrame(), {}, {}, pd.DataFrame(columns=["group", "signal", "ceiling", "reader", "value"]))
GROUPED = c.table(c.group_rows(RUN, [["L2", "L1"]], NO_SHARES, MULTIPLE))
LOG2 = np.log2([1e6, 2e6, 16e6])
SLOPE = dict(zip("sml", (LOG2 - LOG2.mean()) / ((LOG2 - LOG2.mean()) ** 2).sum(), strict=True))
WEIGHTS = {"pairs": {"s": -0.5, "m": 0.0, "l": 0.5}, "all models": SLOPE, "within families": SLOPE}


@pytest.mark.parametrize(("name", "layers"), [(name, rule) for name, score in SCORES.items() for rule in score.rules])
@pytest.mark.parametrize("models", list(WEIGHTS))
def test_size_is_what_larger_models_score_more(name: str, layers: str, models: str) -> None:
    expected = sum(weight * value(model, "L1", name, layers) for model, weight in WEIGHTS[models].items())
    row = row_of(SIZE, readers="L1", score=name, layers=layers, models=models, test="readers")
    assert row["estimate"] == pytest.approx(expected.mean(), abs=SAME)
    assert row["p"] == pytest.approx(stats.ttest_1samp(expected, 0).pvalue, rel=1e-6)
    low, high = stats.ttest_1samp(expected, 0).confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), abs=SAME)
    assert (row["n_readers"], row["n_models"], row["corpus"], row["unit"]) == (4, 3, "news", "R2")


@pytest.mark.parametrize("layers", ["best", "all"])
def test_sentences_are_drawn_too(layers: str) -> None:
    for name in [name for name, score in SCORES.items() if score.sums and layers in score.rules]:
        found = sum(w * contributions(model, "L1", name, layers) for model, w in WEIGHTS["pairs"].items())
        error = standard_error(found)
        row = row_of(SIZE, readers="L1", score=name, layers=layers, models="pairs", test="readers and sentences")
        assert row["estimate"] == pytest.approx(found.sum(), abs=SAME)
        expected = by_hand(found, error, 3)
        assert row["p"] == pytest.approx(expected.p, rel=1e-6)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected.interval, rel=1e-6)
        assert row["skewness"] == pytest.approx(expected.G, rel=1e-6)
        assert row["n_sentences"] == 7
        by_sentence = found.sum(axis=1)
        by_article = [by_sentence[ARTICLES["L1"] == one] for one in (1, 2, 3)]
        assert row["p_articles"] == pytest.approx(stats.f_oneway(*by_article).pvalue, rel=1e-6)
        fixed = row_of(SIZE, readers="L1", score=name, layers=layers, models="pairs", test="readers")
        assert math.isnan(fixed["p_articles"])


def test_a_score_without_sums_by_sentence_has_no_row_that_draws_them() -> None:
    for table in (SIZE, TUNED, GROUPED):
        own = table[table["score"] == "above another sentence's"]
        assert set(own["test"]) == {"readers"}


@pytest.mark.parametrize("layers", ["best", "all"])
def test_tuned_is_compared_with_base_and_held_against_chance(layers: str) -> None:
    a, b = (contributions(model, "L2", "beyond b2", layers) for model in ("l-tuned", "l"))
    error, estimate = standard_error(a - b), (a - b).sum()
    row = row_of(TUNED, readers="L2", score="beyond b2", layers=layers, test="readers and sentences")
    assert (row["estimate"], row["models"], row["n_models"]) == (pytest.approx(estimate, abs=SAME), "pairs", 2)
    expected = by_hand(a - b, error, 4)
    assert row["p"] == pytest.approx(expected.p, rel=1e-6)
    by_sentence = (a - b).sum(axis=1)
    of_articles = stats.f_oneway(*(by_sentence[ARTICLES["L2"] == one] for one in (1, 2)))
    assert row["p_articles"] == pytest.approx(of_articles.pvalue, rel=1e-6)
    same = row_of(TUNED, readers="L2", score="beyond b2", layers=layers, test="equivalence")
    bound = 1.5 * 0.06  # the tuned model's layer of most heads
    assert (same["bound"], same["p"]) == (pytest.approx(bound), pytest.approx(expected.p_margin(bound), rel=1e-6))
    assert (same["ci_low"], same["ci_high"]) == pytest.approx(expected.interval, rel=1e-6)


def test_all_pairs_are_equal_where_the_one_that_is_least_so_is() -> None:
    several = [["l", "l-tuned"], ["s", "m"]]
    every = c.table(c.tuning_rows(RUN, several, 1.5))
    each = [c.table(c.tuning_rows(RUN, [pair], 1.5)) for pair in several]
    labels = {"readers": "L1", "score": "in sample", "layers": "all", "test": "equivalence"}
    own = [row_of(table, **labels) for table in each]
    worst = max(own, key=lambda row: float(row["p"]))
    together = row_of(every, **labels)
    assert (together["p"], together["estimate"], together["bound"]) == (worst["p"], worst["estimate"], worst["bound"])
    assert (together["models"], together["n_models"]) == ("every pair", 4)
    mean = row_of(every, **{**labels, "test": "readers"})
    assert mean["estimate"] == pytest.approx(np.mean([row["estimate"] for row in (
        row_of(table, **{**labels, "test": "readers"}) for table in each)]), abs=SAME)  # fmt: skip


@pytest.mark.parametrize("name", list(SCORES))
def test_groups_are_compared_over_the_mean_of_the_models(name: str) -> None:
    rule = SCORES[name].rules[0]
    high, low = (np.mean([value(model, group, name, rule) for model in MODELS], axis=0) for group in ("L2", "L1"))
    row = row_of(GROUPED, score=name, layers=rule, test="readers")
    assert row["estimate"] == pytest.approx(high.mean() - low.mean(), abs=SAME)
    assert row["p"] == pytest.approx(stats.ttest_ind(high, low).pvalue, rel=1e-6)
    assert (row["readers"], row["n_readers"], row["n_models"]) == ("L2 above L1", 9, 4)
    if SCORES[name].sums:
        a, b = (sum(contributions(model, g, name, rule) for model in MODELS) / 4 for g in ("L2", "L1"))
        error = standard_error(a, -b)
        found = row_of(GROUPED, score=name, layers=rule, test="readers and sentences")
        assert found["df"] == 3
        t = (a.sum() - b.sum()) / error
        assert (found["p"], found["skewness"]) == (pytest.approx(2 * stats.t.sf(abs(t), 3), rel=1e-6), 0)


def test_what_the_models_do_not_allow_has_no_row() -> None:
    alone = c.table(c.size_rows(RUN, [], ["l", "m"], {}, MULTIPLE))
    assert alone.empty, "two models make no line, and without a family none within one"
    cut = RUN._replace(best={})
    assert set(c.table(c.size_rows(cut, SCALING, LAW, FAMILIES, MULTIPLE))["layers"]) == {"all"}


def test_reliance_changes_by_the_mean_ratio() -> None:
    rows, draws = [], {}
    for model in "sml":
        values = RNG.uniform(0.1, 0.5, (4, 2))
        rows += [("news", model, "plain", layer, head, values[layer, head]) for layer in range(4) for head in range(2)]
        near = values.mean(axis=1)[:, None] * RNG.uniform(0.9, 1.1, (4, 200))
        draws["news", model] = Draws({"plain/r2": near}, {"sentences": "7"})
    frame = pd.DataFrame(rows, columns=["corpus", "model", "condition", "layer", "head", "r2"])
    table = c.table(m.pattern_rows(frame, draws, SCALING))
    mean = frame.groupby(["model", "layer"])["r2"].mean()
    for name, quarters in (("quarter 2", [1]), ("all", range(4))):
        logs = [math.log(mean[b, k] / mean[a, k]) for a, b in SCALING for k in quarters]
        drawn = np.mean([np.log(draws["news", b].values["plain/r2"][k] / draws["news", a].values["plain/r2"][k])
                         for a, b in SCALING for k in quarters], axis=0)  # fmt: skip
        row = row_of(table, layers=name)
        assert row["estimate"] == pytest.approx(100 * (math.exp(np.mean(logs)) - 1))
        assert row["ci_low"] == pytest.approx(100 * (math.exp(np.quantile(drawn, 0.025)) - 1))
        assert row["ci_high"] == pytest.approx(100 * (math.exp(np.quantile(drawn, 0.975)) - 1))
        z = np.mean(logs) / drawn.std(ddof=1)
        assert row["p"] == pytest.approx(2 * stats.norm.sf(abs(z)))
        assert (row["n_models"], row["n_sentences"], row["unit"]) == (3, 7, "percent")


def test_sensitivity_is_held_against_reference_base_and_noise() -> None:
    conditions = ("translate", "noise")
    rows = [
        ("news", model, condition, layer, 1, s, RNG.uniform(0, 1))
        for model, condition, layer, s in product(("l", "l-tuned"), conditions, range(3), range(6))
    ]
    frame = pd.DataFrame(rows, columns=["corpus", "model", "condition", "layer", "article", "sentence", "divergence"])
    twins = pd.DataFrame(
        [("news", "plain", "layer", k, 1, s, RNG.uniform(0, 0.1)) for k in range(2) for s in range(6)],
        columns=["corpus", "condition", "unit", "index", "article", "sentence", "divergence"],
    )
    table = c.table(m.instruction_rows(frame, twins, TUNING, {"l-tuned": 3}))
    mean = frame.groupby(["model", "condition", "sentence"])["divergence"].mean()
    change = {name: (mean["l-tuned", name] - mean["l", name]).to_numpy() for name in conditions}
    beside = twins.pivot(index="index", columns="sentence", values="divergence")
    # Three layers beside two: the first, and by Python's rounding of a half the first again, and the last.
    near = (beside.loc[0] * 2 + beside.loc[1]).to_numpy() / 3
    expected = {
        m.BASE: change["translate"],
        m.EXCESS: change["translate"] - change["noise"],
        m.REFERENCE: mean["l-tuned", "translate"].to_numpy() - near,
    }
    for score, values in expected.items():
        row = row_of(table, score=score)
        assert row["estimate"] == pytest.approx(values.mean(), abs=SAME)
        assert row["p"] == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-6)
        assert row["bound"] == pytest.approx(near.mean() / 10)
        assert (row["condition"], row["n_sentences"], row["unit"]) == ("translate", 6, "nats")


@pytest.mark.parametrize("layers", ["best", "all"])
def test_what_is_beyond_the_baseline_is_the_mean_over_models(layers: str) -> None:
    table = c.table(beyond.beyond_rows(RUN, MULTIPLE))
    asked = [name for name in ("beyond b2", "beyond b2, all layers at once") if layers in SCORES[name].rules]
    for group, name in product(READERS, asked):
        row = row_of(table, readers=group, layers=layers, score=name, test="readers and sentences")
        each = np.mean([value(model, group, name, layers) for model in MODELS], axis=0)
        assert row["estimate"] == pytest.approx(each.mean(), abs=SAME)
        parts = np.mean([contributions(model, group, name, layers) for model in MODELS], axis=0)
        df = min(6, len(each) - 1)
        assert row["p"] == pytest.approx(by_hand(parts, standard_error(parts), df).p, rel=1e-6)
        assert (row["n_models"], row["n_readers"], row["n_sentences"]) == (4, len(each), 7)
        assert row["bound"] == pytest.approx(0.5 * 0.06)


def test_what_counts_as_no_difference_follows_from_the_heads() -> None:
    """The layer of most heads explains 0.03 by chance, of the tuned model 0.06; s to l is four doublings."""
    for models, bound in (("pairs", 0.015), ("within families", 0.015 / 4), ("all models", 0.015 / 4)):
        own = SIZE[(SIZE["models"] == models) & (SIZE["test"] == "readers and sentences")]
        assert own["bound"].to_numpy() == pytest.approx(bound)
    shares = GROUPED["score"].isin(list(c.GROUP_SCALES))
    clustered = GROUPED["test"] == "readers and sentences"
    assert GROUPED.loc[~shares & clustered, "bound"].to_numpy() == pytest.approx(0.03)
    assert GROUPED.loc[shares, "bound"].isna().all()


@pytest.mark.parametrize("layers", ["best", "own best", "all"])
def test_a_trained_model_is_held_against_its_untrained_twin(layers: str) -> None:
    """`s` is `m` untrained, and `l` is `l-tuned`; a twin of what the run has not is no pair."""
    twins = [("m", "s"), ("l-tuned", "l"), ("m", "gone"), ("gone", "s")]
    table = c.table(beyond.twin_rows(RUN, twins, MULTIPLE))
    assert set(table["score"]) == {
        f"{score}, {end}"
        for score in ("beyond b2", "beyond b2, all layers at once")
        for end in ("untrained", "above untrained")
    }
    asked = [name for name in ("beyond b2", "beyond b2, all layers at once") if layers in SCORES[name].rules]
    for group, name in product(READERS, asked):
        before, after = (
            np.mean([value(model, group, name, layers) for model in models], axis=0)
            for models in (("s", "l"), ("m", "l-tuned"))
        )
        for score, expected, models in (("untrained", before, 2), ("above untrained", after - before, 4)):
            labels = {"readers": group, "layers": layers, "score": f"{name}, {score}", "conclusion": "beyond"}
            row = row_of(table, **labels, test="readers")
            assert row["estimate"] == pytest.approx(expected.mean(), abs=SAME)
            assert row["p"] == pytest.approx(stats.ttest_1samp(expected, 0).pvalue, rel=1e-6)
            assert (row["n_models"], row["models"], row["bound"]) == (models, "mean", pytest.approx(0.5 * 0.06))
            if layers != "own best":
                parts = {
                    m: contributions(m, group, name, layers) for m in ("s", "l", "m", "l-tuned")
                }  # fmt: skip
                drawn = (parts["s"] + parts["l"]) / 2
                found = drawn if score == "untrained" else (parts["m"] + parts["l-tuned"]) / 2 - drawn
                row = row_of(table, **labels, test="readers and sentences")
                df = min(6, len(expected) - 1)
                assert row["p"] == pytest.approx(by_hand(found, standard_error(found), df).p, rel=1e-6)


def test_without_pairs_of_twins_nothing_is_said_of_them() -> None:
    assert beyond.twin_rows(RUN, [], MULTIPLE) == beyond.twin_rows(RUN, [("m", "gone")], MULTIPLE) == []


def test_means_over_models_leave_out_those_that_are_named() -> None:
    fewer = RUN.without(["s", "gone"])
    table = c.table([*beyond.beyond_rows(fewer, MULTIPLE), *c.group_rows(fewer, [["L2", "L1"]], NO_SHARES, MULTIPLE)])
    assert set(table["n_models"]) == {3}
    row = row_of(table, conclusion="beyond", readers="L1", layers="all", score="beyond b2", test="readers")
    each = [value(model, "L1", "beyond b2", "all").mean() for model in MODELS if model != "s"]
    assert row["estimate"] == pytest.approx(np.mean(each), abs=SAME)
