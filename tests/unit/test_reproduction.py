"""The rules by which a published value counts as reproduced, on invented evidence; workbooks of divergences."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.errors import FileFormatError
from readalike.imports.gao2023_results import read_divergences, read_scores
from readalike.reproduction.significance import LEVEL, layer_lists, significance
from readalike.reproduction.values import Evidence, by_value, compare, read_published
from readalike.reproduction.workbooks import WORKBOOKS
from tests.conftest import ROOT

RNG = np.random.default_rng(5)
PUBLISHED = read_published(ROOT / "resources" / "published-values.csv")


def evidence(**changes: float) -> Evidence:
    """Readers of the values given, GPT-2's best layer just at the printed percentage."""
    ceiling = {"L1": 0.2, "L2": 0.3, "region": 0.1422154901638094, **changes}
    reliance = [("L1", f"r{k}", 0.0473 + 0.001 * (k - 1)) for k in range(3)]
    reliance += [("L2", f"r{k}", 0.2 + 0.001 * k) for k in range(3)]
    scores = np.full((2, 4), 0.34992 * 0.1559854152570265)
    scores[0] = 0
    rows = [
        *((group, signal, "group_mean", ceiling[group]) for group in ("L1", "L2") for signal in ("number", "duration")),
        *((group, "number", "group_mean_residual", ceiling[group]) for group in ("L1", "L2")),
        *(
            (f"{group}-fmri", region, kind, ceiling["region"])
            for group in ("L1", "L2")
            for region in ("anterior", "angular", "middle", "inferior", "superior")
            for kind in ("gao2023", "pearson", "group_mean")
        ),
    ]
    resemblance = [("gpt2", g, "number", layer, "r0", 0.05 * layer) for g in ("L1", "L2") for layer in (0, 1)]
    return Evidence(
        scores={"gpt2_large": scores, "llama_7B": scores},
        fmri_scores={"L1": scores, "L2": scores},
        resemblance=pd.DataFrame(resemblance, columns=["model", "group", "signal", "layer", "reader", "r2"]),
        ceilings=pd.DataFrame(rows, columns=["group", "signal", "ceiling", "value"]),
        reliance=pd.DataFrame(reliance, columns=["group", "reader", "r2"]).assign(signal="number"),
        reliance_tests=pd.DataFrame(
            [("L2", "L1", "number", "independent t", 6.0, 100.0, changes.get("p", 1e-9))],
            columns=["a", "b", "signal", "test", "statistic", "df", "p"],
        ),
        models={"GPT-2 Large": "gpt2"},
        groups={"L1": "L1", "L2": "L2"},
        regions={"L1": "L1-fmri", "L2": "L2-fmri"},
        layers={"gpt2": 36},
    )


def status(found: pd.DataFrame, quantity: str, group: str, model: str = "") -> list[str]:
    rows = found[(found["quantity"] == quantity) & (found["group"] == group)]
    return list(rows.loc[rows["model"] == model, "status"])


def test_status_follows_the_printed_digits() -> None:
    found = compare(PUBLISHED, evidence())
    assert status(found, "human_reliance_mean", "L1") == ["reproduced"], "0.0473 as printed"
    assert status(found, "human_reliance_mean", "L2") == ["differs"]
    assert status(found, "ceiling_fmri_middle", "L1") == ["reproduced"], "equal at all digits"
    assert status(found, "ceiling_fmri_inferior", "L1") == ["close"], "3 percent off"
    assert status(found, "ceiling_fmri_middle", "L2") == ["close"]
    nearly = compare(PUBLISHED, evidence(region=0.1422154901638094 + 2e-12))
    assert status(nearly, "ceiling_fmri_middle", "L1") == ["close"], "a double's digits differ"
    assert status(found, "human_reliance_group_p", "L2 > L1") == ["reproduced"], "below the printed bound"
    assert status(compare(PUBLISHED, evidence(p=1e-3)), "human_reliance_group_p", "L2 > L1") == ["differs"]


def test_a_value_counts_once_with_the_best_way_to_it() -> None:
    found = compare(PUBLISHED, evidence())
    ways = found[(found["source"] == "Table 1") & (found["model"] == "GPT-2 Large") & (found["group"] == "L1")]
    assert ways["status"].tolist() == ["reproduced", "differs"], "34.99 from scores; 25 percent from attention"
    assert ways["computed"].tolist() == pytest.approx([34.992, 25.0])
    assert "best of the 2 of 36 layers that were released" in ways["why"].iloc[1]
    best = by_value(found)
    assert len(best) == len(PUBLISHED)
    one = best[(best["source"] == "Table 1") & (best["model"] == "GPT-2 Large") & (best["group"] == "L1")]
    assert one["status"].item() == "reproduced"


def test_what_is_not_public_is_not_computed_and_says_why() -> None:
    found = compare(PUBLISHED, evidence())
    empty = found[found["status"] == "not computable here"]
    assert empty["computed"].isna().all()
    assert (empty["why"] != "").all()
    counts = empty[(empty["quantity"] == "layers_higher") & (empty["model"] == "Alpaca") & (empty["group"] == "L1")]
    assert counts["why"].str.contains("Table [67] lists [34]").all()


def test_misprints_contradict_the_papers_other_tables() -> None:
    found = compare(PUBLISHED, evidence())
    rows = found[found["status"] == "contradicts itself"]
    assert set(rows["source"]) == {"Table 1", "Table 2", "Section 5.2.2", "Appendix D"}
    line = np.polyfit(np.log([0.774, 7, 13, 33, 65]), [34.99, 53.04, 55.66, 63.16, 64.05], 1)
    extrapolated = rows[(rows["quantity"] == "extrapolated_resemblance") & (rows["group"] == "L1")]
    assert extrapolated["computed"].item() == pytest.approx(np.polyval(line, np.log(100)))


def workbook(path: Path, columns: list[str], sheets: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pd.ExcelWriter(path) as writer:
        for k, name in enumerate(sheets):
            values = {column: RNG.normal(0.1 + 0.05 * k * (column == columns[0]), 0.02, 30) for column in columns}
            pd.DataFrame(values).to_excel(writer, sheet_name=name, index=False)
    return path


@pytest.mark.slow
def test_layers_are_those_of_scipys_tests(tmp_path: Path) -> None:
    for name, released in WORKBOOKS.items():
        pairs = ["llama-alpaca", "llama-vicuna", "alpaca-vicuna", "noise"]
        columns = pairs if released.question == "tuning" else ["llama", "alpaca", "vicuna", "noise"]
        parts = 4 if released.question == "scaling" else 3
        workbook(tmp_path / name, columns, [f"layer {k}" for k in range(parts)])
    lists = layer_lists(significance(tmp_path, permutations=50, seed=1))
    path = tmp_path / "instruct/7B/instr_js.xlsx"
    sheets = pd.read_excel(path, sheet_name=None)
    expected = [
        k
        for k, sheet in enumerate(sheets.values())
        if stats.ttest_rel(sheet["llama"], sheet["noise"], alternative="greater").pvalue < LEVEL / 9
    ]
    row = lists[(lists["source"] == "instruct/7B/instr_js.xlsx") & (lists["a"] == "llama")].iloc[0]
    assert (row["n_tests"], row["of"]) == (9, 3)
    assert [int(k) for k in row["layers"].split()] == expected
    assert expected, "the second and third layer lie 2.5 standard deviations higher"


def test_damaged_results_are_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")
    with pytest.raises(FileFormatError, match="cannot be read as a workbook"):
        read_divergences(tmp_path / "broken.xlsx")
    with pytest.raises(FileFormatError, match="sheet 'layer 2' stands where layer or part 1 should"):
        read_divergences(workbook(tmp_path / "x.xlsx", ["llama", "noise"], ["layer 0", "layer 2"]))
    np.save(tmp_path / "scores.npy", np.zeros(3))
    with pytest.raises(FileFormatError, match=r"expected floats \(layers, readers\)"):
        read_scores(tmp_path / "scores.npy")
