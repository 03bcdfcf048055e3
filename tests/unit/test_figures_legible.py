"""Every figure at print width: no text on another, nothing outside, series apart without colour, for 1 to 20 models."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures import (
    all_layers,
    controls,
    divergence,
    fmri,
    landing,
    loss,
    patterns,
    planning,
    reading_times,
    reliance,
    resemblance,
    robustness,
    transfer,
)
from readalike.figures.style import Style, drawing
from readalike.statistics.transfer import AGREEMENT, BEYOND, DEPTH, SIZE, SIZE_POOLED
from tests import artists
from tests.legible import alike, colliding

STYLE = Style(dpi=100)
GROUPS = ("L1", "L2")
RNG = np.random.default_rng(11)
Draw = Callable[[list[str]], tuple[Figure, pd.DataFrame]]


def names(count: int) -> list[str]:
    """Of 40 characters."""
    return [f"an-instruction-tuned-model-of-{k:02d}-billions"[:40].ljust(40, "x") for k in range(count)]


def scores(models: list[str]) -> pd.DataFrame:
    frame = artists.resemblance(models=len(models), layers=12)
    return frame.assign(model=frame["model"].map({f"m{k}": name for k, name in enumerate(models)}))


def pairs(models: list[str]) -> list[tuple[str, str]]:
    return [(a, b) for a, b in zip(models, models[1:] or models, strict=False)]


def divergences(models: list[str], unit: str) -> pd.DataFrame:
    index = range(4 if unit == "quarter" else 12)
    rows = [
        (a, b, condition, unit, k, 1, s, RNG.uniform(0.01, 0.05))
        for a, b in pairs(models)
        for condition in ("plain", "translate", "paraphrase", "noise")
        for k in index
        for s in range(3)
    ]
    columns = ["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"]
    return pd.DataFrame(rows, columns=columns)


def figure_2(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    frame = divergences(models, "quarter")
    reference = divergences(models[:1], "quarter")
    return divergence.divergence_between_models(frame, reference, "scaling", STYLE)


def figure_3(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    frame = divergences(models, "layer")
    return divergence.divergence_between_models(frame, divergences(models[:1], "layer"), "tuning", STYLE)


def figure_4(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    one = divergences(["one"], "layer").drop(columns=["a", "b"]).rename(columns={"index": "layer"})
    one = one[one["condition"].isin(["translate", "paraphrase"])]
    frame = pd.concat([one.assign(model=model) for model in models], ignore_index=True)
    tests = pd.DataFrame(
        [
            (question, model, condition, layer, RNG.uniform(0, 0.1))
            for question in divergence.QUESTIONS
            for model in models
            for condition in ("translate", "paraphrase")
            for layer in range(12)
        ],
        columns=["question", "a", "condition", "index", "p_holm"],
    )
    return divergence.sensitivity(frame, divergences(models[:1], "layer"), tests, STYLE)


def figure_5(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    rows = [(m, g, "simulated", *RNG.uniform(1, 9, 3)) for m in models for g in GROUPS]
    columns = ["model", "group", "readers_are", "loss_per_token", "loss_per_word", "percent_of_ceiling"]
    return loss.resemblance_by_loss(pd.DataFrame(rows, columns=columns), STYLE)


def figure_6(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    return resemblance.resemblance_by_layer(scores(models), artists.ceilings(), resemblance.Models(), STYLE)


def figure_6_by_size(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    """Sizes told by a ramp, every other model tuned from the one before."""
    about = resemblance.Models(
        {model: 10.0 ** (6 + k // 2) for k, model in enumerate(models)}, {}, models[1::2], models[2:3]
    )
    return resemblance.resemblance_by_layer(scores(models), artists.ceilings(), about, STYLE)


def figure_7(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    rows = [
        (
            group,
            "simulated",
            "number",
            column,
            10 ** (6 + 3 * k / len(models)),
            *RNG.uniform(0.1, 1, 4),
            "family",
            model,
        )
        for group in GROUPS
        for column in ("percent of ceiling", "nested r2_cv - r2_null", "nested r2_specific")
        for k, model in enumerate(models)
    ]
    columns = [
        "group",
        "readers_are",
        "signal",
        "column",
        "parameters",
        "score",
        "fit",
        "band_low",
        "fit_within",
        "family",
        "model",
    ]
    law = pd.DataFrame(rows, columns=columns).assign(band_high=1.0)
    told = law.drop_duplicates(["group", "column"]).assign(n=len(models), r=-0.75, p_permutation=0.125)
    return resemblance.resemblance_by_size(law, told, STYLE)


def figure_8(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    rows = [("scaling", a, b, "plain", q, RNG.normal()) for a, b in pairs(models) for q in range(4)]
    frame = pd.DataFrame(rows, columns=["comparison", "a", "b", "condition", "quarter", "change"])
    return reliance.change_by_quarter(
        frame.assign(ci_low=frame["change"] - 0.1, ci_high=frame["change"] + 0.1), "scaling", STYLE
    )


def heads(models: list[str]) -> pd.DataFrame:
    rows = [(m, "plain", layer, h, *RNG.random(4)) for m in models for layer in range(12) for h in range(3)]
    columns = ["model", "condition", "layer", "head", "r2", "to_first", "to_previous", "to_self"]
    return pd.DataFrame(rows, columns=columns)


def figure_11(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    return reliance.by_layer(heads(models), STYLE)


REGIONS = ("angular gyrus", "inferior frontal gyrus", "posterior temporal gyrus", "anterior temporal gyrus")


def figure_12(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    rows = [(m, g, "measured", r, *RNG.normal(size=2), 20) for m in models for g in GROUPS for r in REGIONS]
    columns = ["model", "group", "readers_are", "region", "r2", "r2_cv", "n"]
    return fmri.best_by_region(pd.DataFrame(rows, columns=columns), STYLE)


def figure_15(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    own = scores(models).query("group == 'L1'")
    return fmri.by_layer(pd.concat([own.assign(signal=region) for region in REGIONS]), STYLE)


def figure_16(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    rows = [(m, r, *RNG.normal(size=2), 10 ** (6 + k / 8)) for k, m in enumerate(models) for r in REGIONS]
    frame = pd.DataFrame(rows, columns=["model", "region", "r2", "r2_cv", "parameters"])
    return fmri.against(frame, "parameters", "parameters", STYLE, log_axis=True)


def figure_17(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    frame = scores(models)
    beside = artists.yardsticks(), artists.baselines(), artists.ceilings()
    return controls.controls(frame, *beside, STYLE, untrained=models[1:2])


def figure_18(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    return patterns.patterns_by_layer(heads(models), "raw", STYLE)


def figure_19(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    """As many corpora as models."""
    rows = [
        (claim, corpus[:20], f"readers of {k}", "simulated", 9, 9, *sorted(RNG.normal(size=3)), "R2 for each unit", "")
        for claim in (SIZE, SIZE_POOLED, BEYOND, DEPTH, AGREEMENT)
        for k, corpus in enumerate(models[:8])
    ]
    columns = ["claim", "corpus", "group", "readers_are", "n_readers", "n_models", "ci_low", "estimate", "ci_high"]
    return transfer.transfer_map(pd.DataFrame(rows, columns=[*columns, "unit", "withheld"]), STYLE)


def figure_20(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    gains = {"r2": "gain", "r2_cv": "gain_swapped", "r2_null": "gain_shuffled"}
    return landing.landing_by_layer(scores(models).query("signal == 'number'").rename(columns=gains), STYLE)


def figure_21(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    """As many groups as models."""
    return planning.power_by_readers(artists.planning([name[:20] for name in models[:8]]), STYLE)


def figure_22(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    """Every variant; of 20 models a run with as many readers' groups as there may well be."""
    groups = ("L1", "L2") if len(models) < 20 else ("L1", "L2", "Provo", "a-group-of-readers")
    return robustness.specification_curves(artists.variants(groups), STYLE)


def figure_35(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    head = pd.DataFrame([(group, model) for group in artists.GROUPS for model in models], columns=["group", "model"])
    for column in all_layers.SHOWN:
        low, mean, high = np.sort(RNG.normal(0.002, 0.002, (3, len(head))), axis=0)
        head = head.assign(**{column: mean, f"{column}_ci_low": low, f"{column}_ci_high": high})
    head = head.assign(readers_are="simulated", n=6)
    return all_layers.layer_and_all(head, {model: k for k, model in enumerate(models)}, {}, models[1:2], STYLE)


def figure_34(models: list[str]) -> tuple[Figure, pd.DataFrame]:
    return reading_times.reading_times(*artists.reading_times(models), STYLE)


FIGURES = {name: function for name, function in globals().items() if name.startswith("figure_")}


@pytest.fixture
def closing() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.usefixtures("closing")
@pytest.mark.parametrize(("one", "other"), [("#d62728", "#2ca02c"), ("#404040", "#454545"), ("#7f7f00", "#7f7f10")])
def test_lines_that_differ_in_a_colour_that_some_do_not_see_are_told(one: str, other: str) -> None:
    figure, axis = plt.subplots()
    axis.plot([0, 1], color=one, label="one")
    axis.plot([1, 0], color=other, label="other")
    assert alike(figure) == [("one", "other")]
    axis.lines[1].set_linestyle("--")
    assert alike(figure) == []


@pytest.mark.usefixtures("closing")
@pytest.mark.parametrize("count", [1, 8, 20])
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_touches_and_nothing_is_told_apart_by_colour_alone(name: str, count: int) -> None:
    function: Draw = FIGURES[name]
    with drawing(STYLE):
        figure, _ = function(names(count))
        assert alike(figure) == []
        assert colliding(figure) == []


@pytest.mark.usefixtures("closing")
@pytest.mark.parametrize("count", [5, 7])
def test_a_legend_in_an_empty_panel_touches_nothing(count: int) -> None:
    with drawing(STYLE):
        figure, _ = figure_4(names(count))
        assert figure.axes[-1].get_legend() is not None
        assert colliding(figure) == []
