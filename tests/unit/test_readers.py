"""Tests over readers: every row against scipy on the readers' own scores, with its labels and corrections.

Of rows over readers and sentences the numbers are those of `statistics.clustered`, which has its own tests, on scores
that are put together here anew.
"""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import FloatArray
from readalike.files.sums import Sums, SumsOf
from readalike.statistics import clustered
from readalike.statistics.ceilings import withheld
from readalike.statistics.clustered import Scores, max_t_flips, minus, over, parts, ratio_parts
from readalike.statistics.readers import reliance_group_tests, resemblance_group_tests, resemblance_tuning_tests
from tests import artists

pytestmark = pytest.mark.usefixtures("holm_without_collection")
RNG = np.random.default_rng(4)
READERS = {"L2": ("s2", "s1", "s5", "s3", "s4"), "L1": ("r3", "r1", "r2", "r4"), "fmri": ("b1", "b2", "b3")}
KIND = {"L2": "simulated", "L1": "measured", "fmri": "measured"}
SIGNALS = {"L2": ("number", "duration"), "L1": ("number", "duration"), "fmri": ("angular",)}
LAYERS = {"base": (0, 1, 4), "tuned": (4, 0), "twin": (0, 1, 4)}
CEILINGS = ("group_mean", "leave_one_out", "leave_one_out_cv")
SEED, FLIPS, BOUND = 7, 60, 0.3
ONCE = {"permutations": FLIPS, "seed": SEED}
OF_SIGNALS = [(group, signal) for group, signals in SIGNALS.items() for signal in signals]


def drawn(names: dict[str, tuple[str, ...]], layers: tuple[int, ...] = (0,), *, chance: bool = False) -> SumsOf:
    """Sums of squares of 9 sentences. names : of each score its readers"""
    values = {
        name: Sums(RNG.uniform(0.1, 0.9, (len(layers), 9, len(own))), RNG.uniform(0.9, 1.1, (9, len(own))), own)
        for name, own in names.items()
    }
    return SumsOf(values, {}, layers, RNG.uniform(0.1, 0.2, len(layers)) if chance else None)


def value(sums: SumsOf, name: str, layer: int = 0) -> dict[str, float]:
    """R2 by reader."""
    own = sums.values[name]
    r2 = 1 - own.sse[sums.layers.index(layer)].sum(axis=0) / own.sst.sum(axis=0)
    return dict(zip(own.readers, r2, strict=True))


SUMS = {
    (model, group): drawn(
        {f"{signal}/{column}": READERS[group] for signal in SIGNALS[group] for column in ("r2", "r2_cv")},
        tuple(sorted(layers)),
        chance=True,
    )
    for model, layers in LAYERS.items()
    for group in READERS
}
HUMAN = {
    group: drawn({f"{signal}/{name}": readers for signal in SIGNALS[group] for name in (*CEILINGS, "reliance")})
    for group, readers in READERS.items()
}
THINNED_SUMS = {
    (model, group): drawn({"number/r2": READERS[group]}, tuple(sorted(layers)))
    for model, layers in LAYERS.items()
    for group in ("L2", "L1")
}


def scores() -> pd.DataFrame:
    """The table of resemblance that these sums of squares belong to."""
    rows = []
    for (model, group), sums in SUMS.items():
        for signal, layer in product(SIGNALS[group], LAYERS[model]):
            r2, r2_cv = (value(sums, f"{signal}/{column}", layer) for column in ("r2", "r2_cv"))
            for reader in READERS[group]:
                scored = r2[reader], r2_cv[reader], RNG.uniform(0.1, 0.5)
                rows.append((model, group, KIND[group], signal, layer, reader, *scored))
    names = ["model", "group", "readers_are", "signal", "layer", "reader", "r2", "r2_cv", "r2_null"]
    return pd.DataFrame(rows, columns=names)


FRAME = scores()
OF_READERS = pd.DataFrame(
    [
        (g, s, name, r, r2)
        for g, s in OF_SIGNALS
        for name in CEILINGS
        for r, r2 in value(HUMAN[g], f"{s}/{name}").items()
    ],
    columns=["group", "signal", "ceiling", "reader", "value"],
)
THINNED = pd.DataFrame(
    [
        (model, group, layer, draw, reader, r2 + 0.01 * (draw - 1))
        for (model, group), sums in THINNED_SUMS.items()
        for layer in LAYERS[model]
        for draw in range(3)
        for reader, r2 in value(sums, "number/r2", layer).items()
    ],
    columns=["model", "group", "layer", "draw", "reader", "r2"],
)


def of(model: str, group: str, signal: str, layer: int, scale: str = "r2") -> pd.Series:
    """Scores by reader, in the order of their names."""
    own = FRAME[FRAME["layer"] == layer].pipe(artists.rows, model=model, group=group, signal=signal)
    own = own.set_index("reader").sort_index()
    return own["r2_cv"] - own["r2_null"] if scale == "r2_cv - r2_null" else own[scale]


def only(table: pd.DataFrame, **values: Any) -> dict[str, Any]:
    """The one row that has these values."""
    (row,) = artists.rows(table, **values).to_dict("records")
    return row


def assert_row(row: dict[str, Any], **expected: Any) -> None:
    assert {name: row[name] for name in expected} == {
        name: value if isinstance(value, str) else pytest.approx(value) for name, value in expected.items()
    }


def assert_corrected(table: pd.DataFrame) -> None:
    """Bonferroni over n_tests; Holm and Benjamini-Hochberg over the rows of one family and test."""
    bonferroni = np.minimum(table["p"] * table["n_tests"], 1)
    np.testing.assert_allclose(table["p_bonferroni"], bonferroni)
    for _, rows in table.groupby(["family", "test"]):
        np.testing.assert_allclose(rows["p_bh"], stats.false_discovery_control(rows["p"]))
        ordered = rows["p"].sort_values()
        holm = (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1)
        np.testing.assert_allclose(rows["p_holm"][ordered.index], holm)


def score_of(sums: SumsOf, name: str, layer: int = 0) -> Scores:
    own = sums.values[name]
    return clustered.r2_scores(own.sse[sums.layers.index(layer)], own.sst, own.readers)


# Of `base` two models were tuned; the first pair has a model that did not run.
TUNING = {"tuning": [("base", "absent"), ("base", "tuned"), ("base", "twin")]}
SCALES = ("r2", "r2_cv - r2_null")


@pytest.fixture(scope="module")
def of_tuning() -> pd.DataFrame:
    return resemblance_tuning_tests(FRAME, SUMS, TUNING, bound=BOUND, **ONCE)


def pairs_of(tuned: str, group: str, signal: str, scale: str) -> dict[int, tuple[pd.Series, pd.Series]]:
    """Layer -> scores of the tuned model and of its base, over the layers that both have."""
    layers = sorted(LAYERS[tuned])
    return {layer: tuple(of(model, group, signal, layer, scale) for model in (tuned, "base")) for layer in layers}


@pytest.mark.parametrize(("tuned", "scale"), list(product(("tuned", "twin"), SCALES)))
def test_tuned_models_are_tested_against_their_base_by_layer(of_tuning: pd.DataFrame, tuned: str, scale: str) -> None:
    for group, signal in OF_SIGNALS:
        pairs = pairs_of(tuned, group, signal, scale)
        what = {"a": tuned, "b": "base", "group": group, "signal": signal, "scale": scale}
        labels = {
            **{"question": "tuned against base", "readers_are": KIND[group], "unit": "layer"},
            "family": f"{group} {signal} {scale} {min('absent', 'base')}",
        }
        for side, (layer, (a, b)) in product(("greater", "less"), pairs.items()):
            found = stats.ttest_rel(a, b, alternative=side)
            row = only(of_tuning, **what, index=layer, side=side, test="paired t")
            assert_row(row, **labels, n_tests=3 * 2 * len(pairs), statistic=found.statistic, p=found.pvalue)
            assert_row(row, mean_a=a.mean(), mean_b=b.mean(), n_a=len(a), n_b=len(b))


def contributions(tuned: str, group: str, signal: str, scale: str, layer: int) -> tuple[FloatArray]:
    column = "r2" if scale == "r2" else "r2_cv"
    found = minus(*(score_of(SUMS[model, group], f"{signal}/{column}", layer) for model in (tuned, "base")))
    a, b = pairs_of(tuned, group, signal, scale)[layer]
    return (parts(found._replace(value=(a - b)[list(found.readers)].to_numpy())),)


@pytest.mark.parametrize(("tuned", "scale"), list(product(("tuned", "twin"), SCALES)))
def test_beside_each_test_of_tuning_stands_one_over_readers_and_sentences(
    of_tuning: pd.DataFrame, tuned: str, scale: str
) -> None:
    for group, signal in OF_SIGNALS:
        what = {"a": tuned, "b": "base", "group": group, "signal": signal, "scale": scale}
        for side, (layer, (a, b)) in product(("greater", "less"), pairs_of(tuned, group, signal, scale).items()):
            row = only(of_tuning, **what, index=layer, side=side, test="clustered t")
            groups = contributions(tuned, group, signal, scale, layer)
            assert_row(row, **clustered.clustered_t(groups, side))
            assert_row(row, mean_a=a.mean(), mean_b=b.mean(), difference=(a - b).mean(), n_a=len(a), n_sentences=9)
            assert row["df"] == len(a) - 1


@pytest.mark.parametrize("scale", SCALES)
def test_flips_go_over_all_that_bonferroni_counts(of_tuning: pd.DataFrame, scale: str) -> None:
    for group, signal in OF_SIGNALS:
        what = {"group": group, "signal": signal, "scale": scale, "test": "clustered t"}
        layers = [(tuned, layer) for tuned in ("tuned", "twin") for layer in sorted(LAYERS[tuned])]
        family = [contributions(tuned, group, signal, scale, layer) for tuned, layer in layers]
        expected = max_t_flips(family, FLIPS, SEED, ("greater", "less"))
        for side, (k, (tuned, layer)) in product(("greater", "less"), enumerate(layers)):
            row = only(of_tuning, **what, a=tuned, index=layer, side=side)
            assert row["p_maxt"] == expected[side][k]


@pytest.mark.parametrize("scale", SCALES)
def test_bounds_of_equivalence_are_a_multiple_of_what_heads_explain_by_chance(
    of_tuning: pd.DataFrame, scale: str
) -> None:
    for tuned, (group, signal) in product(("tuned", "twin"), OF_SIGNALS):
        pairs = pairs_of(tuned, group, signal, scale)
        for layer in pairs:
            what = {"a": tuned, "group": group, "signal": signal, "scale": scale, "index": layer}
            row = only(of_tuning, **what, test="equivalence")
            chance = []
            for model in (tuned, "base"):
                sums = SUMS[model, group]
                assert sums.chance is not None
                chance.append(sums.chance[sums.layers.index(layer)])
            groups = contributions(tuned, group, signal, scale, layer)
            assert_row(row, **clustered.equivalence(groups, BOUND * max(chance)), n_tests=3 * len(pairs))
            assert row["bound"] == pytest.approx(BOUND * max(chance))


def test_tests_of_tuning_are_corrected_within_their_family(of_tuning: pd.DataFrame) -> None:
    assert_corrected(of_tuning)
    tests = len(OF_SIGNALS) * len(SCALES) * (2 + 3)
    assert of_tuning["test"].value_counts().to_dict() == {
        "paired t": 2 * tests,
        "clustered t": 2 * tests,
        "equivalence": tests,
    }


CONTRASTS = [("L2", "L1"), ("L2", "fmri")]


@pytest.fixture(scope="module")
def of_groups() -> pd.DataFrame:
    return resemblance_group_tests(FRAME, THINNED, SUMS, THINNED_SUMS, HUMAN, OF_READERS, CONTRASTS, **ONCE)


def ceiling(group: str, signal: str, name: str) -> pd.Series:
    own = artists.rows(OF_READERS, group=group, signal=signal, ceiling=name)
    return own.set_index("reader")["value"].sort_index()


def scaled(scale: str, model: str, group: str, signal: str, layer: int) -> tuple[FloatArray, FloatArray]:
    """Scores of a group on a scale, and contributions to their mean."""
    if scale == "thinned" and group == "L2":
        own = artists.rows(THINNED, model=model, group=group)
        by_reader = own[own["layer"] == layer].groupby("reader")["r2"].mean()
        return by_reader.to_numpy(), parts(score_of(THINNED_SUMS[model, group], "number/r2", layer))
    column = "r2_cv" if scale == "percent_cv" else "r2"
    own, found = of(model, group, signal, layer, column), score_of(SUMS[model, group], f"{signal}/{column}", layer)
    if scale in ("r2", "thinned"):
        return own.to_numpy(), parts(found)
    name = "leave_one_out_cv" if scale == "percent_cv" else "group_mean"
    above, over_this = ceiling(group, signal, name), score_of(HUMAN[group], f"{signal}/{name}")
    if scale == "own_ceiling":
        return (own / above).to_numpy(), parts(over(found, over_this))
    return (own / above.mean()).to_numpy(), ratio_parts(found, over_this)


OF_GROUPS = [
    (scale, signal)
    for scale in ("r2", "percent_of_ceiling", "percent_cv", "own_ceiling", "thinned")
    for signal in ("number", "duration")
    if (scale, signal) != ("thinned", "duration")
]


@pytest.mark.parametrize(("scale", "signal"), OF_GROUPS)
def test_groups_are_compared_on_every_scale(of_groups: pd.DataFrame, scale: str, signal: str) -> None:
    for model, layers in LAYERS.items():
        sides = [
            {layer: scaled(scale, model, group, signal, layer) for layer in sorted(layers)} for group in ("L2", "L1")
        ]
        a, b = (np.array([values for values, _ in side.values()]) for side in sides)
        tests = [(sides[0][layer][1], -sides[1][layer][1]) for layer in sorted(layers)]
        corrected = max_t_flips(tests, FLIPS, SEED, ("greater",))["greater"]
        for k, layer in enumerate(sorted(layers)):
            labels = {
                **{"question": "resemblance of a above b", "a": "L2", "b": "L1", "model": model},
                **{"readers_are": "simulated", "signal": signal, "unit": "layer", "scale": scale, "side": "greater"},
                "family": f"L2 L1 {model} {signal} {scale}",
            }
            what = {"model": model, "signal": signal, "scale": scale, "index": layer}
            for test, equal in (("independent t", True), ("Welch t", False)):
                row = only(of_groups, **what, test=test)
                found = stats.ttest_ind(a[k], b[k], equal_var=equal, alternative="greater")
                assert_row(row, **labels, n_tests=len(layers), statistic=found.statistic, p=found.pvalue)
                assert_row(row, mean_a=a[k].mean(), mean_b=b[k].mean(), n_a=5, n_b=4)
            row = only(of_groups, **what, test="clustered t")
            assert_row(row, **{**labels, **clustered.clustered_t(tests[k], "greater")}, n_tests=len(layers))
            means = a[k].mean(), b[k].mean()
            assert_row(row, mean_a=means[0], mean_b=means[1], difference=means[0] - means[1], n_a=5, n_b=4, df=3)
            assert row["p_maxt"] == corrected[k]


def test_tests_of_groups_are_corrected_and_of_signals_that_both_have(of_groups: pd.DataFrame) -> None:
    assert_corrected(of_groups)
    assert len(of_groups) == len(OF_GROUPS) * 3 * sum(map(len, LAYERS.values()))
    assert set(of_groups["b"]) == {"L1"}, "L2 and fmri share no signal"


def test_reliance_of_readers_is_tested_from_both_sides() -> None:
    rows = [(g, KIND[g], s, r, r2) for g, s in OF_SIGNALS for r, r2 in value(HUMAN[g], f"{s}/reliance").items()]
    rows.append(("L2", "simulated", "number", "s9", np.nan))
    frame = pd.DataFrame(rows, columns=["group", "readers_are", "signal", "reader", "r2"])
    found = reliance_group_tests(frame, HUMAN, CONTRASTS, **ONCE)
    assert_corrected(found)
    assert len(found) == 2 * 3
    for signal in ("number", "duration"):
        a, b = (artists.rows(frame, group=group, signal=signal)["r2"].to_numpy() for group in ("L2", "L1"))
        labels = {
            **{"question": "readers' reliance", "a": "L2", "b": "L1", "signal": signal, "readers_are": "simulated"},
            **{"scale": "r2", "family": f"L2 L1 {signal}", "side": "two-sided", "n_tests": 1},
        }
        for test, equal in (("independent t", True), ("Welch t", False)):
            expected = stats.ttest_ind(a, b, equal_var=equal, nan_policy="omit")
            row = only(found, signal=signal, test=test)
            assert_row(row, **labels, statistic=expected.statistic, p=expected.pvalue, n_a=5, n_b=4)
        groups = [parts(score_of(HUMAN[group], f"{signal}/reliance")) for group in ("L2", "L1")]
        pair = groups[0], -groups[1]
        row = only(found, signal=signal, test="clustered t")
        assert_row(row, **{**labels, **clustered.clustered_t(pair, "two-sided")})
        assert_row(row, mean_a=np.nanmean(a), mean_b=b.mean(), difference=np.nanmean(a) - b.mean())
        assert row["p_maxt"] == max_t_flips([pair], FLIPS, SEED, ("two-sided",))["two-sided"][0]


def test_a_reader_without_a_score_is_left_out_of_tests_of_tuning() -> None:
    frame = FRAME[FRAME["group"] == "L2"].copy()
    frame.loc[(frame["reader"] == "s1") & (frame["signal"] == "number"), ["r2", "r2_cv"]] = np.nan
    found = resemblance_tuning_tests(frame, SUMS, {"tuning": [("base", "twin")]}, bound=BOUND, **ONCE)
    what = {"group": "L2", "signal": "number", "scale": "r2", "index": 1, "side": "less"}
    a, b = (of(model, "L2", "number", 1).drop("s1") for model in ("twin", "base"))
    expected = stats.ttest_rel(a, b, alternative="less").pvalue
    assert_row(only(found, **what, test="paired t"), p=expected, n_a=4, difference=(a - b).mean())
    assert_row(only(found, **what, test="clustered t"), difference=(a - b).mean(), n_a=4, df=3)


def rows_of_scale(ceilings: pd.DataFrame, scale: str) -> pd.DataFrame:
    found = resemblance_group_tests(
        FRAME[FRAME["model"] == "base"], THINNED, SUMS, THINNED_SUMS, HUMAN, ceilings, [["L2", "L1"]], **ONCE
    )
    return found[(found["scale"] == scale) & (found["signal"] == "number")]


@pytest.mark.parametrize(
    ("scale", "ceiling", "value", "why"),
    [
        ("percent_of_ceiling", "group_mean", -0.1, "ceiling not above zero"),
        ("percent_cv", "leave_one_out_cv", 0.0, "ceiling not above zero"),
        ("own_ceiling", "group_mean", np.nan, withheld(np.nan)),
    ],
)
def test_mending_8_a_scale_over_no_ceiling_is_withheld(scale: str, ceiling: str, value: float, why: str) -> None:
    without = OF_READERS.copy()
    without.loc[(without["group"] == "L1") & (without["ceiling"] == ceiling), "value"] = value
    (row,) = rows_of_scale(without, scale).to_dict("records")
    assert row["test"] == f"none: L1: {why}"
    assert np.isnan(row["p"])
    # Scales that need no ceiling stay.
    assert (rows_of_scale(without, "r2")["test"] != "none").all()


def test_mending_8_readers_with_a_score_and_no_ceiling_are_no_traceback() -> None:
    less = OF_READERS[~((OF_READERS["group"] == "L1") & (OF_READERS["reader"] == "r1"))]
    (row,) = rows_of_scale(less, "own_ceiling").to_dict("records")
    assert row["test"] == "none: L1: not every reader has a score and a ceiling"
