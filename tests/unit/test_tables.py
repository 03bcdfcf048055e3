"""Tables for readers: means that pandas gives, LaTeX that compiles, a summary in sentences."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike import tables
from readalike.files.contracts import Table, number, text
from readalike.files.contracts.names import R2, READERS_ARE
from readalike.files.contracts.resemblance import SCORES
from readalike.files.contracts.statistics import SLOPES

RNG = np.random.default_rng(4)
COLUMNS = tuple(score.name for score in SCORES)


def inputs() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rows = [
        ("m_1", "L1", "simulated", "number", layer, f"r{k}", *RNG.uniform(0.01, 0.1, len(COLUMNS)))
        for layer in range(3)
        for k in range(5)
    ]
    resemblance = pd.DataFrame(rows, columns=["model", "group", "readers_are", "signal", "layer", "reader", *COLUMNS])
    best = pd.DataFrame(
        [
            ("maximum", "r2", "2", 0.08, 0.2, 40.0),
            ("maximum", "r2_cv - r2_null", "1", 0.03, np.nan, np.nan),
            ("nested", "r2_cv", "2 1", 0.05, 0.16, 31.0),
        ],
        columns=["rule", "column", "layer", "score", "ceiling", "percent"],
    ).assign(model="m_1", group="L1", readers_are="simulated", signal="number")
    kinds = ("group_mean", "leave_one_out_cv")
    ceilings = pd.DataFrame(
        [("L1", "number", kind, f"r{k}", RNG.uniform(0.1, 0.3)) for kind in kinds for k in range(5)],
        columns=["group", "signal", "ceiling", "reader", "value"],
    )
    baseline = pd.DataFrame(
        [("L1", "number", f"r{k}", 0.01 * k) for k in range(5)], columns=["group", "signal", "reader", "r2_cv"]
    )
    return resemblance, best, ceilings, baseline


def losses(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Of m_1, which has a million parameters: corpus, condition, nats a token and a word."""
    frame = pd.DataFrame(rows, columns=["corpus", "condition", "loss_per_token", "loss_per_word"])
    return frame.assign(model="m_1", parameters=1e6)


def test_headline_is_the_mean_of_the_best_layer() -> None:
    resemblance, best, ceilings, baseline = inputs()
    row = tables.headline(resemblance, best, ceilings, baseline).iloc[0]
    means = resemblance[resemblance["layer"] == 2][list(COLUMNS)].mean()
    for name in COLUMNS:
        assert row[name] == pytest.approx(means[name])
    ceiling = ceilings[ceilings["ceiling"] == "group_mean"]["value"].mean()
    assert row["percent_of_ceiling"] == pytest.approx(100 * means["r2"] / ceiling)
    assert row["baseline_cv"] == pytest.approx(0.02)
    assert row["n"] == 5


def test_mending_8_a_percentage_of_no_ceiling_is_withheld_with_its_reason() -> None:
    resemblance, best, ceilings, baseline = inputs()
    ceilings.loc[ceilings["ceiling"] == "leave_one_out_cv", "value"] -= 1
    row = tables.headline(resemblance, best, ceilings, baseline).iloc[0]
    assert np.isnan(row["percent_held_out"])
    assert row["percent_of_ceiling"] > 0
    assert row["withheld"] == "percent_held_out: ceiling not above zero"
    ceilings["value"] = np.nan
    head = tables.headline(resemblance, best, ceilings, baseline)
    assert head.iloc[0]["withheld"].startswith("percent_of_ceiling: no ceiling: a single reader, or none whose")
    said = tables.summary(head, pd.DataFrame(), pd.DataFrame(), [])
    assert "no percentage of the group's ceiling (no ceiling: a single reader, or none whose signal varies)" in said
    assert "nan" not in said
    best.loc[best["rule"] == "nested", ["ceiling", "percent"]] = -0.1, np.nan
    row = tables.loss_and_resemblance(best, losses(("demo", "plain", 4.5, 5.4)), {"L1": "demo"}).iloc[0]
    assert row["withheld"] == "nested_percent: ceiling not above zero"
    assert r" & -- & " in tables.latex(head, "x")


def test_table_5_is_pandas_sem() -> None:
    values = RNG.uniform(0, 0.1, 8)
    frame = pd.DataFrame(
        {"group": "L1", "readers_are": "measured", "signal": "number", "reader": range(8), "r2": values}
    )
    other = frame.assign(signal="duration", r2=9.0)
    row = tables.reader_reliance(pd.concat([frame, other])).iloc[0]
    assert (row["n"], row["min"], row["max"]) == (8, values.min(), values.max())
    assert row["se"] == pytest.approx(values.std(ddof=1) / np.sqrt(8))


def test_table_1_puts_the_papers_score_beside_the_held_out_one() -> None:
    _, best, _, _ = inputs()
    loss = losses(("demo", "noise", 9.0, 9.0), ("demo", "plain", 4.5, 5.4))
    row = tables.loss_and_resemblance(best, loss, {"L1": "demo"}).iloc[0]
    assert (row["loss_per_token"], row["percent_of_ceiling"], row["nested_percent"]) == (4.5, 40, 31)
    assert row["r2_cv_above_null"] == 0.03


def test_table_1_has_the_loss_on_the_corpus_that_the_group_read() -> None:
    _, best, _, _ = inputs()
    best = pd.concat([best, best.assign(group="Provo"), best.assign(group="lengths")])
    loss = losses(("demo", "plain", 4.5, 5.4), ("provo", "plain", 3.5, 4.4))
    rows = tables.loss_and_resemblance(best, loss, {"L1": "demo", "Provo": "provo", "lengths": "only"})
    assert rows.set_index("group")["loss_per_token"].to_dict() == pytest.approx(
        {"L1": 4.5, "Provo": 3.5, "lengths": np.nan}, nan_ok=True
    )
    assert rows.set_index("group")["loss_per_word"]["Provo"] == 4.4
    assert set(rows["parameters"]) == {1e6}


def test_latex_is_escaped_and_simulated_readers_are_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"model_name": ["a_b & 5%"], "readers_are": ["simulated"], "r2": [0.123456789], "x": [np.nan]})
    columns = (text("model_name", meaning="x"), READERS_ARE, R2, number("x", meaning="x"))
    contract = Table(paths=("table.csv",), keys=columns[:2], values=columns[2:])
    tables.save(frame, contract, tmp_path / "table.csv", tmp_path / "table.tex", "A caption.")
    tex = (tmp_path / "table.tex").read_text(encoding="utf-8")
    assert r"a\_b \& 5\% & simulated & 0.1235 & --" in tex
    assert "model name" in tex
    assert "no person was measured" in tex
    assert "0.123456789" in (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_summary_says_first_that_readers_are_simulated() -> None:
    head = tables.headline(*inputs())
    text = tables.summary(head, pd.DataFrame(), pd.DataFrame(), [Path("results/figures/f.png")])
    assert text.splitlines()[0].startswith("The readers of this run are simulated")
    assert "m_1 and L1 (5 simulated readers), layer 2" in text
    assert "results/figures/f.png" in text
    measured = tables.summary(head.assign(readers_are="measured"), pd.DataFrame(), pd.DataFrame(), [])
    assert "simulated" not in measured
    assert "m_1 and L1 (5 readers), layer 2:" in measured


def test_a_reader_without_a_score_is_not_counted_beside_the_mean() -> None:
    resemblance, best, ceilings, baseline = inputs()
    resemblance.loc[resemblance["reader"] == "r3", list(COLUMNS)] = np.nan
    assert tables.headline(resemblance, best, ceilings, baseline).iloc[0]["n"] == 4


def a_slope(
    group: str, fit: str, slope: float, half: float, *, families: int = 1, withheld: str = ""
) -> dict[str, object]:
    row = dict.fromkeys(SLOPES.names, np.nan)
    row |= {"group": group, "readers_are": "measured", "signal": "number", "column": "r2_cv - r2_null", "fit": fit}
    row |= {"n": 6, "families": families, "slope": slope, "ci_low": slope - half, "ci_high": slope + half}
    return row | {"p_permutation": 0.25, "withheld": withheld}


def test_sentences_on_size_are_of_a_doubling_and_within_families_first() -> None:
    rows = [
        a_slope("L1", "pooled", 0.002, 0.001, families=1),
        a_slope("L1", "within families", -0.004, 0.002, families=2),
        a_slope("L2", "pooled", 0.003, np.nan, withheld="no degree of freedom is left: a line always fits"),
    ]
    other = [a_slope("L1", "pooled", 9.0, 1.0) | {"column": "percent of ceiling"}]
    lines = tables.size_sentences(pd.DataFrame(rows + other))
    assert lines == [
        "  L1:",
        "    within families: -0.0028 for each doubling (95 percent interval -0.0042 to -0.0014; 6 models, 2 families; "
        "permutation p 0.250)",
        "    over all models, whatever their family: +0.0014 for each doubling (95 percent interval +0.0007 to "
        "+0.0021; 6 models)",
        "  L2:",
        "    within families: cannot be said; no family has models of two sizes",
        "    over all models, whatever their family: +0.0021 for each doubling (no degree of freedom is left: a line "
        "always fits; 6 models)",
    ]
