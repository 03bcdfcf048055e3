"""Figure 34 draws the tests of each model and the means by layer."""

import numpy as np

from readalike.figures.reading_times import GAINS, SLOPES, reading_times
from readalike.gaze.reading_times import MEASURES
from readalike.statistics.reading_times import OF_MODEL, SLOPE_OF_MODEL
from tests import artists


def test_panels_have_slopes_and_gains_of_each_model_and_gains_by_layer() -> None:
    tests, scores = artists.reading_times(["m0", "m1"])
    # A model without surprisal.
    tests = tests[(tests["model"] != "m1") | ~tests["scale"].str.contains("surprisal")]
    figure, table = artists.draw(reading_times, tests, scores, artists.STYLE)
    panels = np.array(figure.axes).reshape(6, 3)
    assert set(table["group"]) == set(artists.GROUPS)
    for k, group in enumerate(artists.GROUPS):
        for first, second, lower, measure in zip(*panels[3 * k : 3 * k + 3], MEASURES, strict=True):
            for upper, question, what, known, times in (
                (first, SLOPE_OF_MODEL, "slope", SLOPES, 100),
                (second, OF_MODEL, "by model", GAINS, 1000),
            ):
                own = artists.rows(tests, group=group, signal=measure, test="clustered t", question=question)
                drawn = artists.bars(upper)
                assert list(drawn) == ["m0", "m1"]
                for model, bar in drawn.items():
                    of_model = own[own["model"] == model].set_index("scale")
                    there = [scale for scale in known if scale in of_model.index]
                    expected = of_model.loc[there, ["difference", "ci_low", "ci_high"]]
                    np.testing.assert_allclose(bar[~np.isnan(bar[:, 1])][:, 1:], times * expected)
                    places = [list(known).index(scale) for scale in there]
                    np.testing.assert_allclose(bar[~np.isnan(bar[:, 1])][:, 0].round(), places)
                    shown = artists.rows(table, what=what, group=group, measure=measure, model=model)
                    found = shown.set_index("scale").loc[there, ["mean", "ci_low", "ci_high"]]
                    np.testing.assert_allclose(found, expected)
                assert [tick.get_text() for tick in upper.get_xticklabels()] == list(known.values())
                assert upper.get_xlabel() == f"{measure} time"
                assert artists.levels(upper) == [0]
            assert list(artists.bars(lower)) == ["m0", "m1"]
            for model, line in artists.bars(lower).items():
                means = artists.intervals(
                    artists.rows(scores, group=group, measure=measure, model=model, scale="log", slopes="group",
                                 predictor="entropy"),
                    "layer", "delta_log_likelihood",
                )  # fmt: skip
                np.testing.assert_allclose(line[:, 1:], 1000 * means)
                shown = artists.rows(table, what="by layer", group=group, measure=measure, model=model)
                np.testing.assert_allclose(shown[["mean", "ci_low", "ci_high"]], means)
            assert lower.get_xlabel() == f"layer ({measure} time)"
            assert artists.levels(lower) == [0]
        for axes, unit in zip(panels[3 * k : 3 * k + 3, 0], ("percent", "nats / 1000", "nats / 1000"), strict=True):
            assert unit in axes.get_ylabel()
        assert artists.title(panels[3 * k, 0]) == f"{group}: 6 simulated readers"
        for row in panels[3 * k : 3 * k + 3]:
            assert len({axes.get_ylim() for axes in row}) == 1
    artists.one_colour_a_label(figure)
