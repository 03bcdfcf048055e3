"""The paper's figures, drawn again from released divergences and printed values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.figures.published import published_divergence, published_loss, published_sensitivity, published_size
from readalike.reproduction.significance import significance
from readalike.reproduction.values import read_published
from readalike.reproduction.workbooks import WORKBOOKS
from tests import artists
from tests.running import ROOT

PUBLISHED = read_published(ROOT / "resources" / "published-values.csv")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workbooks of other numbers, with the columns and sheets of the authors'."""
    folder = tmp_path_factory.mktemp("divergence")
    rng = np.random.default_rng(15)
    for name, kind in WORKBOOKS.items():
        pairs = ["llama-alpaca", "llama-vicuna", "alpaca-vicuna", "noise"]
        columns = pairs if kind.question == "tuning" else ["llama", "alpaca", "vicuna", "noise"]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with pd.ExcelWriter(folder / name) as writer:
            for part in range(4 if kind.question == "scaling" else 5):
                values = {
                    column: rng.normal(0.1 + 0.1 * (part == 2) * (column != "noise"), 0.02, 20) for column in columns
                }
                pd.DataFrame(values).to_excel(writer, sheet_name=f"layer {part}", index=False)
    return folder


def sheets(path: Path, column: str) -> list[pd.Series]:
    return [sheet[column] for sheet in pd.read_excel(path, sheet_name=None).values()]


@pytest.mark.parametrize(
    ("comparison", "plain", "pair", "column"),
    [
        ("tuning", "name/7B/js-name.xlsx", "llama to vicuna", "llama-vicuna"),
        ("scaling", "size/js-size.xlsx", "alpaca 7B to alpaca 13B", "alpaca"),
    ],
)
def test_divergences_are_means_over_the_released_sentences(
    released: Path, comparison: str, plain: str, pair: str, column: str
) -> None:
    figure, _ = artists.draw(published_divergence, released, comparison, artists.STYLE)
    assert [artists.title(axes) for axes in figure.axes] == ["plain", "translate"]
    lines = artists.lines(figure.axes[0])
    np.testing.assert_allclose(lines[pair].get_ydata(), [values.mean() for values in sheets(released / plain, column)])
    noise = [values.mean() for values in sheets(released / plain, "noise")]
    np.testing.assert_allclose(lines["reference: vicuna v0 13B to vicuna v1.1 13B"].get_ydata(), noise)


@pytest.mark.parametrize(("condition", "name"), [("translate", "instr_js"), ("noise", "ctrl_js")])
def test_sensitivities_have_a_panel_a_model_and_size(released: Path, condition: str, name: str) -> None:
    tests = significance(released, permutations=50, seed=1)
    figure, table = artists.draw(published_sensitivity, released, condition, tests, artists.STYLE)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert {artists.title(axes) for axes in shown} == {
        f"{m} {s}" for m in ("llama", "alpaca", "vicuna") for s in ("7B", "13B")
    }
    for axes in shown:
        model, size = artists.title(axes).split()
        expected = sheets(released / f"instruct/{size}/{name}.xlsx", model)
        np.testing.assert_allclose(artists.lines(axes)[condition].get_ydata(), [values.mean() for values in expected])
    # The workbook of 13B has all layers of the reference, that of 7B not.
    reference = artists.lines(shown[0])["reference: vicuna v0 13B to vicuna v1.1 13B"].get_ydata()
    np.testing.assert_allclose(reference, [v.mean() for v in sheets(released / f"instruct/13B/{name}.xlsx", "noise")])
    told = table[table["model"] == "alpaca 13B"].set_index("layer")["sensitivity_above_reference"]
    noise = sheets(released / f"instruct/13B/{name}.xlsx", "noise")
    own = sheets(released / f"instruct/13B/{name}.xlsx", "alpaca")
    p = [stats.ttest_rel(a, b, alternative="greater").pvalue for a, b in zip(own, noise, strict=True)]
    assert told[2]
    assert p[2] < 0.001
    if condition == "translate":
        assert "tuned_above_base" in table


def test_sizes_are_those_of_table_2_with_the_printed_r() -> None:
    figure, table = artists.draw(published_size, PUBLISHED, artists.STYLE)
    (axes,) = figure.axes
    own = PUBLISHED[(PUBLISHED["source"] == "Table 2") & (PUBLISHED["quantity"] == "resemblance")]
    for group, points in zip(("L1", "L2"), artists.points(axes)[:2], strict=True):
        expected = own.loc[own["group"] == group, "value"].astype(float)
        np.testing.assert_allclose(sorted(points[:, 1]), sorted(expected))
        r = np.corrcoef(np.log(points[:, 0]), points[:, 1])[0, 1]
        printed = PUBLISHED[(PUBLISHED["quantity"] == "pearson_logsize_resemblance") & (PUBLISHED["group"] == group)]
        assert round(r, 3) == float(printed["value"].item())
    assert set(table["column"]) == {"percent of ceiling"}


def test_losses_are_those_of_table_1() -> None:
    figure, table = artists.draw(published_loss, PUBLISHED, artists.STYLE)
    assert len(figure.axes) == 2, "the loss a word is not known"
    own = PUBLISHED[PUBLISHED["source"] == "Table 1"]
    losses = own.loc[own["quantity"] == "ntp_loss", "value"].astype(float)
    for group in ("L1", "L2"):
        expected = own.loc[(own["quantity"] == "resemblance") & (own["group"] == group), "value"].astype(float)
        found = table[table["group"] == group]
        np.testing.assert_allclose(sorted(found["percent_of_ceiling"]), sorted(expected))
        np.testing.assert_allclose(sorted(found["nats"]), sorted(losses))
        assert found["r"].iloc[0] == pytest.approx(stats.pearsonr(found["nats"], found["percent_of_ceiling"]).statistic)
