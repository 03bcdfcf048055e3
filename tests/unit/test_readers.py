"""Tests over readers: every row against scipy on the readers' own scores, with its labels and corrections."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import FloatArray
from readalike.files.bootstrap import Draws
from readalike.statistics.corrections import max_t_independent, max_t_paired
from readalike.statistics.differences import crossed_bootstrap, equivalence
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


def scores() -> pd.DataFrame:
    rows = [
        (model, group, KIND[group], signal, layer, reader, *RNG.uniform(0.1, 0.5, 3))
        for model, layers in LAYERS.items()
        for group, signal in OF_SIGNALS
        for layer in layers
        for reader in READERS[group]
    ]
    names = ["model", "group", "readers_are", "signal", "layer", "reader", "r2", "r2_cv", "r2_null"]
    return pd.DataFrame(rows, columns=names)


def drawn(*names: str, readers: int, layers: int | None = None) -> Draws:
    shape = (12, readers) if layers is None else (layers, 12, readers)
    return Draws({name: RNG.uniform(0.1, 0.5, shape) for name in names}, {})


FRAME = scores()
DRAWS = {
    (model, group): drawn(
        *(f"{signal}/{column}" for signal in SIGNALS[group] for column in ("r2", "r2_cv")),
        readers=len(READERS[group]),
        layers=len(LAYERS[model]),
    )
    for model in LAYERS
    for group in READERS
}
HUMAN = {
    group: drawn(
        *(f"{signal}/{name}" for signal in SIGNALS[group] for name in (*CEILINGS, "reliance")), readers=len(readers)
    )
    for group, readers in READERS.items()
}
OF_READERS = pd.DataFrame(
    [(g, s, name, r, RNG.uniform(0.4, 0.8)) for g, s in OF_SIGNALS for name in CEILINGS for r in READERS[g]],
    columns=["group", "signal", "ceiling", "reader", "value"],
)
THINNED = pd.DataFrame(
    [
        (model, group, layer, draw, reader, RNG.uniform(0.1, 0.5))
        for model, layers in LAYERS.items()
        for group in ("L2", "L1")
        for layer in layers
        for draw in range(3)
        for reader in READERS[group]
    ],
    columns=["model", "group", "layer", "draw", "reader", "r2"],
)
THINNED_DRAWS = {
    (model, group): drawn("number/r2", readers=len(READERS[group]), layers=len(LAYERS[model]))
    for model in LAYERS
    for group in ("L2", "L1")
}


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


def crossed_row(point: float, a: Any, b: Any, side: str, *, paired: bool = False) -> dict[str, Any]:
    return dict(crossed_bootstrap(point, a, b, paired=paired, side=side, seed=SEED))  # type: ignore[arg-type]


# Of `base` two models were tuned; the first pair has a model that did not run.
TUNING = {"tuning": [("base", "absent"), ("base", "tuned"), ("base", "twin")]}
SCALES = ("r2", "r2_cv - r2_null")


@pytest.fixture(scope="module")
def of_tuning() -> pd.DataFrame:
    return resemblance_tuning_tests(FRAME, DRAWS, OF_READERS, TUNING, bound=BOUND, **ONCE)


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
        for side, (place, (layer, (a, b))) in product(("greater", "less"), enumerate(pairs.items())):
            found = stats.ttest_rel(a, b, alternative=side)
            flipped = max_t_paired(np.array([x - y for x, y in pairs.values()]), FLIPS, SEED, side)
            row = only(of_tuning, **what, index=layer, side=side, test="paired t")
            assert_row(row, **labels, n_tests=3 * 2 * len(pairs), statistic=found.statistic, p=found.pvalue)
            assert_row(row, mean_a=a.mean(), mean_b=b.mean(), n_a=len(a), n_b=len(b), p_maxt=flipped[place])


@pytest.mark.parametrize(("tuned", "scale"), list(product(("tuned", "twin"), SCALES)))
def test_beside_each_test_of_tuning_stands_a_bootstrap_of_the_same_readers(
    of_tuning: pd.DataFrame, tuned: str, scale: str
) -> None:
    column = "r2" if scale == "r2" else "r2_cv"
    for group, signal in OF_SIGNALS:
        what = {"a": tuned, "b": "base", "group": group, "signal": signal, "scale": scale}
        for side, (layer, (a, b)) in product(("greater", "less"), pairs_of(tuned, group, signal, scale).items()):
            both = [
                (DRAWS[model, group].values[f"{signal}/{column}"][sorted(LAYERS[model]).index(layer)], None)
                for model in (tuned, "base")
            ]
            expected = crossed_row((a - b).mean(), *both, side, paired=True)
            assert_row(only(of_tuning, **what, index=layer, side=side, test="crossed bootstrap"), **expected)


@pytest.mark.parametrize(("scale", "name"), [("r2", "group_mean"), ("r2_cv - r2_null", "leave_one_out_cv")])
def test_bounds_of_equivalence_are_a_share_of_the_ceiling(of_tuning: pd.DataFrame, scale: str, name: str) -> None:
    for tuned, (group, signal) in product(("tuned", "twin"), OF_SIGNALS):
        ceiling = artists.rows(OF_READERS, group=group, signal=signal, ceiling=name)["value"].mean()
        pairs = pairs_of(tuned, group, signal, scale)
        for layer, (a, b) in pairs.items():
            what = {"a": tuned, "group": group, "signal": signal, "scale": scale, "index": layer}
            row = only(of_tuning, **what, test="equivalence")
            expected = equivalence(a.to_numpy(), b.to_numpy(), BOUND * ceiling)
            assert_row(row, **expected, n_tests=len(pairs))


def test_tests_of_tuning_are_corrected_within_their_family(of_tuning: pd.DataFrame) -> None:
    assert_corrected(of_tuning)
    tests = len(OF_SIGNALS) * len(SCALES) * (2 + 3)
    assert of_tuning["test"].value_counts().to_dict() == {
        "paired t": 2 * tests,
        "crossed bootstrap": 2 * tests,
        "equivalence": tests,
    }


CONTRASTS = [("L2", "L1"), ("L2", "fmri")]


@pytest.fixture(scope="module")
def of_groups() -> pd.DataFrame:
    return resemblance_group_tests(FRAME, THINNED, DRAWS, THINNED_DRAWS, HUMAN, OF_READERS, CONTRASTS, **ONCE)


def ceiling(group: str, signal: str, name: str) -> pd.Series:
    own = artists.rows(OF_READERS, group=group, signal=signal, ceiling=name)
    return own.set_index("reader")["value"].sort_index()


def scaled(scale: str, model: str, group: str, signal: str, layer: int) -> tuple[FloatArray, Any]:
    """Scores of a group on a scale, and draws with what their mean is divided by."""
    place = sorted(LAYERS[model]).index(layer)
    if scale == "thinned" and group == "L2":
        own = artists.rows(THINNED, model=model, group=group)
        by_reader = own[own["layer"] == layer].groupby("reader")["r2"].mean()
        return by_reader.to_numpy(), (THINNED_DRAWS[model, group].values["number/r2"][place], None)
    column = "r2_cv" if scale == "percent_cv" else "r2"
    own, draws = of(model, group, signal, layer, column), DRAWS[model, group].values[f"{signal}/{column}"][place]
    if scale in ("r2", "thinned"):
        return own.to_numpy(), (draws, None)
    name = "leave_one_out_cv" if scale == "percent_cv" else "group_mean"
    above, drawn_above = ceiling(group, signal, name), HUMAN[group].values[f"{signal}/{name}"]
    if scale == "own_ceiling":
        return (own / above).to_numpy(), (draws / drawn_above, None)
    return (own / above.mean()).to_numpy(), (draws, drawn_above)


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
        corrected = max_t_independent(a, b, FLIPS, SEED, "greater")
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
            assert only(of_groups, **what, test="independent t")["p_maxt"] == corrected[k]
            point = a[k].mean() - b[k].mean()
            crossed = only(of_groups, **what, test="crossed bootstrap")
            of_draws = crossed_row(point, *(side[layer][1] for side in sides), "greater")
            assert_row(crossed, **{**labels, **of_draws}, n_tests=len(layers))


def test_tests_of_groups_are_corrected_and_of_signals_that_both_have(of_groups: pd.DataFrame) -> None:
    assert_corrected(of_groups)
    assert len(of_groups) == len(OF_GROUPS) * 3 * sum(map(len, LAYERS.values()))
    assert set(of_groups["b"]) == {"L1"}, "L2 and fmri share no signal"


def test_reliance_of_readers_is_tested_from_both_sides() -> None:
    rows = [(g, KIND[g], s, r, RNG.uniform(0.1, 0.5)) for g, s in OF_SIGNALS for r in READERS[g]]
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
        maxt = max_t_independent(a[None], b[None], FLIPS, SEED, "two-sided")[0]
        assert only(found, signal=signal, test="independent t")["p_maxt"] == maxt
        draws = [(HUMAN[group].values[f"{signal}/reliance"], None) for group in ("L2", "L1")]
        crossed = crossed_row(np.nanmean(a) - b.mean(), *draws, "two-sided")
        assert_row(only(found, signal=signal, test="crossed bootstrap"), **{**labels, **crossed})


def test_a_reader_without_a_score_is_left_out_of_tests_of_tuning() -> None:
    frame = FRAME[FRAME["group"] == "L2"].copy()
    frame.loc[(frame["reader"] == "s1") & (frame["signal"] == "number"), ["r2", "r2_cv"]] = np.nan
    found = resemblance_tuning_tests(frame, DRAWS, OF_READERS, {"tuning": [("base", "twin")]}, bound=BOUND, **ONCE)
    what = {"group": "L2", "signal": "number", "scale": "r2", "index": 1, "side": "less"}
    a, b = (of(model, "L2", "number", 1).drop("s1") for model in ("twin", "base"))
    expected = stats.ttest_rel(a, b, alternative="less").pvalue
    assert_row(only(found, **what, test="paired t"), p=expected, n_a=4, difference=(a - b).mean())
    assert_row(only(found, **what, test="crossed bootstrap"), difference=(a - b).mean())


def rows_of_scale(ceilings: pd.DataFrame, scale: str) -> pd.DataFrame:
    found = resemblance_group_tests(
        FRAME[FRAME["model"] == "base"], THINNED, DRAWS, THINNED_DRAWS, HUMAN, ceilings, [["L2", "L1"]], **ONCE
    )
    return found[(found["scale"] == scale) & (found["signal"] == "number")]


@pytest.mark.parametrize(
    ("scale", "ceiling", "value", "why"),
    [
        ("percent_of_ceiling", "group_mean", -0.1, "ceiling not above zero"),
        ("percent_cv", "leave_one_out_cv", 0.0, "ceiling not above zero"),
        ("own_ceiling", "group_mean", np.nan, "no ceiling: a single reader, or none whose signal varies"),
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


def test_mending_8_bounds_of_equivalence_are_no_share_of_nothing() -> None:
    without = OF_READERS.assign(value=-0.1)
    found = resemblance_tuning_tests(FRAME, DRAWS, without, {"tuning": [("base", "tuned")]}, bound=BOUND, **ONCE)
    within = found[found["test"].str.contains("equivalence")]
    assert set(within["test"]) == {"none: equivalence within a share of the ceiling: ceiling not above zero"}
