"""Tables for readers: means that pandas gives, LaTeX that compiles, a summary in sentences."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.files.contracts import Table, number, text
from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.contracts.names import R2, READERS_ARE
from readalike.files.contracts.resemblance import SCORES
from readalike.files.contracts.statistics import SLOPES, TESTS
from readalike.files.contracts.tables import LOSS_AND_RESEMBLANCE
from readalike.measures.regressors import BASELINES
from readalike.sizes import parameters_of, size_name
from readalike.tables.headline import headline
from readalike.tables.latex import latex, rounded, save
from readalike.tables.layers import changed_layers, printed_layers, printed_numbers
from readalike.tables.models import loss_and_resemblance, printed_loss, printed_scale, printed_tuning, scale, tuning
from readalike.tables.readers import printed, reader_reliance
from readalike.tables.regions import printed_regions, regions
from readalike.tables.summary import size_sentences, summary

RNG = np.random.default_rng(4)
COLUMNS = tuple(score.name for score in SCORES)
NOTHING_AT_ONCE = pd.DataFrame(columns=ALL_LAYERS.names)
AT_ONCE = pd.DataFrame(
    [("m_1", "L1", "simulated", "number", f"r{k}", 0.005 * k + 0.0025, 8, 1.0) for k in range(5)],
    columns=ALL_LAYERS.names,
)


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
            ("nested", "r2_cv - r2_null", "2 1", 0.02, np.nan, np.nan),
            ("nested", "r2_cv", "2 1", 0.05, 0.16, 31.0),
        ],
        columns=["rule", "column", "layer", "score", "ceiling", "percent"],
    ).assign(model="m_1", group="L1", readers_are="simulated", signal="number")
    kinds = ("group_mean", "leave_one_out_cv", "group_mean_residual", "split_half_cv", "split_half_beyond_b2")
    ceilings = pd.DataFrame(
        [("L1", "number", kind, f"r{k}", RNG.uniform(0.1, 0.3)) for kind in kinds for k in range(5)],
        columns=["group", "signal", "ceiling", "reader", "value"],
    )
    baseline = pd.DataFrame(
        [("L1", "number", name, f"r{k}", 0.01 * k + at) for at, name in enumerate(BASELINES) for k in range(5)],
        columns=["group", "signal", "baseline", "reader", "r2_cv"],
    )
    return resemblance, best, ceilings, baseline


def losses(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Of m_1, which has a million parameters: corpus, condition, nats a token and a word."""
    frame = pd.DataFrame(rows, columns=["corpus", "condition", "loss_per_token", "loss_per_word"])
    return frame.assign(model="m_1", parameters=1e6)


def test_parameters_are_told_of_models_that_have_weights() -> None:
    counted = pd.DataFrame({"model": ["a", "b", "a", "released"], "parameters": [1e6, 2e6, 1e6, np.nan]})
    assert parameters_of(counted) == {"a": 1e6, "b": 2e6}


def test_headline_is_the_mean_of_the_best_layer() -> None:
    resemblance, best, ceilings, baseline = inputs()
    row = headline(resemblance, best, ceilings, baseline, "number", {}, {}, {}, NOTHING_AT_ONCE).iloc[0]
    means = resemblance[resemblance["layer"] == 2][list(COLUMNS)].mean()
    for name in COLUMNS:
        assert row[name] == pytest.approx(means[name])
    ceiling = ceilings[ceilings["ceiling"] == "group_mean"]["value"].mean()
    assert row["percent_of_ceiling"] == pytest.approx(100 * means["r2"] / ceiling)
    assert [row[f"baseline_{name}_cv"] for name in BASELINES] == pytest.approx([0.02, 1.02, 2.02])
    assert row["r2_unique_b2_above_null"] == pytest.approx(means["r2_unique_b2"] - means["r2_unique_b2_null"])
    assert row["r2_unique_b3_above_null"] == pytest.approx(means["r2_unique_b3"] - means["r2_unique_b3_null"])
    assert row["withheld"] == ""
    assert row["n"] == 5
    left = ceilings[ceilings["ceiling"] == "group_mean_residual"]["value"].mean()
    assert row["percent_residual"] == pytest.approx(100 * means["r2_residual"] / left)
    bound = ceilings.groupby("ceiling")["value"].mean()
    above, beyond = row["r2_cv_above_null"], row["r2_unique_b2_above_null"]
    assert row["percent_of_bound"] == pytest.approx(100 * above / bound["split_half_cv"])
    assert row["percent_beyond_b2"] == pytest.approx(100 * beyond / bound["split_half_beyond_b2"])


def test_mending_8_a_percentage_of_no_ceiling_is_withheld_with_its_reason() -> None:
    resemblance, best, ceilings, baseline = inputs()
    ceilings.loc[ceilings["ceiling"] == "leave_one_out_cv", "value"] -= 1
    row = headline(resemblance, best, ceilings, baseline, "number", {}, {}, {}, NOTHING_AT_ONCE).iloc[0]
    assert np.isnan(row["percent_held_out"])
    assert row["percent_of_ceiling"] > 0
    assert row["withheld"] == "percent_held_out: ceiling not above zero"
    ceilings["value"] = np.nan
    head = headline(resemblance, best, ceilings, baseline, "number", {}, {}, {}, NOTHING_AT_ONCE)
    assert head.iloc[0]["withheld"].startswith("percent_of_ceiling: no ceiling: a single reader, none whose")
    said = summary(head, pd.DataFrame(), pd.DataFrame(), [], "number", pd.DataFrame())
    assert "no percentage of the group's ceiling (no ceiling: a single reader, none whose" in said
    assert "nan" not in said
    best.loc[best["rule"] == "nested", ["ceiling", "percent"]] = -0.1, np.nan
    row = loss_and_resemblance(best, losses(("demo", "plain", 4.5, 5.4)), {"L1": "demo"}, "number").iloc[0]
    assert row["withheld"] == "nested_percent_held_out: ceiling not above zero"
    assert r" & -- & " in latex(rounded(head), "x")


def test_the_headline_says_why_there_is_nothing_beyond_b3() -> None:
    resemblance, best, ceilings, baseline = inputs()
    resemblance[["r2_unique_b3", "r2_unique_b3_null", "baseline_b3_cv"]] = np.nan
    why = {"m_1": "wordfreq is not installed", "other": "no"}
    row = headline(resemblance, best, ceilings, baseline, "number", why, {}, {}, NOTHING_AT_ONCE).iloc[0]
    assert row["withheld"] == "r2_unique_b3: wordfreq is not installed"
    assert np.isnan(row["r2_unique_b3_above_null"])
    ceilings.loc[ceilings["ceiling"] == "leave_one_out_cv", "value"] -= 1
    row = headline(resemblance, best, ceilings, baseline, "number", why, {}, {}, NOTHING_AT_ONCE).iloc[0]
    assert row["withheld"] == "percent_held_out: ceiling not above zero; r2_unique_b3: wordfreq is not installed"


def test_table_5_is_pandas_sem() -> None:
    values = RNG.uniform(0, 0.1, 8)
    frame = pd.DataFrame(
        {"group": "L1", "readers_are": "measured", "signal": "number", "reader": range(8), "r2": values}
    )
    other = frame.assign(signal="duration", r2=9.0)
    row = reader_reliance(pd.concat([frame, other]), "number").iloc[0]
    assert (row["n"], row["min"], row["max"]) == (8, values.min(), values.max())
    assert row["se"] == pytest.approx(values.std(ddof=1) / np.sqrt(8))


def test_table_1_puts_the_papers_score_beside_the_held_out_one() -> None:
    _, best, _, _ = inputs()
    loss = losses(("demo", "noise", 9.0, 9.0), ("demo", "plain", 4.5, 5.4))
    row = loss_and_resemblance(best, loss, {"L1": "demo"}, "number").iloc[0]
    assert (row["loss_per_token"], row["percent_of_ceiling"], row["nested_percent_held_out"]) == (4.5, 40, 31)
    assert (row["r2_cv_above_null"], row["nested_above_null"]) == (0.03, 0.02)


def test_table_1_has_the_loss_on_the_corpus_that_the_group_read() -> None:
    _, best, _, _ = inputs()
    best = pd.concat([best, best.assign(group="Provo"), best.assign(group="lengths")])
    loss = losses(("demo", "plain", 4.5, 5.4), ("provo", "plain", 3.5, 4.4))
    rows = loss_and_resemblance(best, loss, {"L1": "demo", "Provo": "provo", "lengths": "only"}, "number")
    assert rows.set_index("group")["loss_per_token"].to_dict() == pytest.approx(
        {"L1": 4.5, "Provo": 3.5, "lengths": np.nan}, nan_ok=True
    )
    assert rows.set_index("group")["loss_per_word"]["Provo"] == 4.4
    assert set(rows["parameters"]) == {1e6}


def test_latex_is_escaped_and_simulated_readers_are_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"model_name": ["a_b & 5%"], "readers_are": ["simulated"], "r2": [0.123456789], "x": [np.nan]})
    columns = (text("model_name", meaning="x"), READERS_ARE, R2, number("x", meaning="x"))
    contract = Table(paths=("table.csv",), keys=columns[:2], values=columns[2:])
    save(frame, contract, tmp_path / "table.csv", tmp_path / "table.tex", "A caption.")
    tex = (tmp_path / "table.tex").read_text(encoding="utf-8")
    assert r"a\_b \& 5\% & simulated & 0.1235 & --" in tex
    assert "model name" in tex
    assert "no person was measured" in tex
    assert "0.123456789" in (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_summary_says_first_that_readers_are_simulated() -> None:
    head = headline(*inputs(), "number", {}, {}, {}, AT_ONCE)
    text = summary(head, pd.DataFrame(), pd.DataFrame(), [Path("results/figures/f.png")], "number", pd.DataFrame())
    assert text.splitlines()[0].startswith("The readers of this run are simulated")
    assert "m_1 and L1 (5 simulated readers), layer 2" in text
    assert "results/figures/f.png" in text
    assert "    all layers at once: +0.0125\n" in text
    row = head.iloc[0]
    assert f"another sentence's {row['r2_swap']:.4f}, so that {row['r2_specific']:+.4f} is specific" in text
    assert f"(b0); all that is known of places, lengths and punctuation {row['baseline_b2_cv']:.4f} (b2)" in text
    assert f"what attention adds to b2: {row['r2_unique_b2']:+.4f} (shuffled" in text
    alone = f"to b3, which also knows how frequent and how unexpected words are ({row['baseline_b3_cv']:.4f} alone): "
    assert alone + f"{row['r2_unique_b3']:+.4f} (shuffled attention {row['r2_unique_b3_null']:+.4f})" in text
    head_without = headline(*inputs(), "number", {"m_1": "surprisal is not asked for"}, {}, {}, NOTHING_AT_ONCE).assign(
        r2_unique_b3=np.nan
    )
    without = summary(head_without, pd.DataFrame(), pd.DataFrame(), [], "number", pd.DataFrame())
    assert "all layers" not in without
    assert "b3" not in without
    assert "nan" not in without
    senseless = summary(head.assign(r2_cv=-0.1), pd.DataFrame(), pd.DataFrame(), [], "number", pd.DataFrame())
    assert "percent of the group's ceiling" in text
    assert "no percentage of the group's ceiling (held-out score not above zero)" in senseless
    measured = summary(
        head.assign(readers_are="measured"), pd.DataFrame(), pd.DataFrame(), [], "number", pd.DataFrame()
    )
    assert "simulated" not in measured
    assert "m_1 and L1 (5 readers), layer 2:" in measured


def test_a_reader_without_a_score_is_not_counted_beside_the_mean() -> None:
    resemblance, best, ceilings, baseline = inputs()
    resemblance.loc[resemblance["reader"] == "r3", list(COLUMNS)] = np.nan
    assert headline(resemblance, best, ceilings, baseline, "number", {}, {}, {}, NOTHING_AT_ONCE).iloc[0]["n"] == 4


def a_slope(
    group: str, fit: str, slope: float, half: float, *, families: int = 1, withheld: str = ""
) -> dict[str, object]:
    row = dict.fromkeys(SLOPES.names, np.nan)
    row |= {
        "group": group,
        "readers_are": "measured",
        "signal": "number",
        "column": "nested r2_cv - r2_null",
        "fit": fit,
    }
    row |= {"n": 6, "families": families, "slope": slope, "ci_low": slope - half, "ci_high": slope + half}
    return row | {"p_permutation": 0.25, "withheld": withheld}


def test_sentences_on_size_are_of_a_doubling_and_within_families_first() -> None:
    rows = [
        a_slope("L1", "pooled", 0.002, 0.001, families=1) | {"skill": 0.371},
        a_slope("L1", "within families", -0.004, 0.002, families=2) | {"skill": -0.25},
        a_slope("L2", "pooled", 0.003, np.nan, withheld="no degree of freedom is left: a line always fits"),
    ]
    specific = [a_slope("L1", "pooled", 0.001, 0.001) | {"column": "nested r2_specific"}]
    other = [a_slope("L1", "pooled", 9.0, 1.0) | {"column": "percent of ceiling"}]
    lines = size_sentences(pd.DataFrame(rows + specific + other), "number")
    assert lines == [
        "  held-out R2 above shuffled attention:",
        "    L1:",
        "      within families: -0.0028 for each doubling (95 percent interval -0.0042 to -0.0014; 6 models, 2 "
        "families; permutation p 0.250)",
        "        size predicts a model left out no better than the mean of the others does (skill -0.25 of at most 1)",
        "      over all models, whatever their family: +0.0014 for each doubling (95 percent interval +0.0007 to "
        "+0.0021; 6 models)",
        "        size predicts a model left out better than the mean of the others does (skill +0.37 of at most 1)",
        "    L2:",
        "      within families: cannot be said; no family has models of two sizes",
        "      over all models, whatever their family: +0.0021 for each doubling (no degree of freedom is left: a line "
        "always fits; 6 models)",
        "  held-out R2 above another sentence's attention:",
        "    L1:",
        "      within families: cannot be said; no family has models of two sizes",
        "      over all models, whatever their family: +0.0007 for each doubling (95 percent interval +0.0000 to "
        "+0.0014; 6 models)",
    ]


def test_the_summary_has_slopes_at_equal_numbers_of_features() -> None:
    head = pd.DataFrame(columns=["readers_are"])
    rows = [a_slope("L1", "pooled", 0.002, 0.001) | {"column": name, "features": 4} for name in ("subsets", "r2_cv")]
    said = summary(head, pd.DataFrame(), pd.DataFrame(), [], "number", pd.DataFrame(rows)).splitlines()
    assert said[2:7] == [
        "Size and resemblance at equal numbers of features (4 of every layer):",
        "  held-out R2 of random heads:",
        "    L1:",
        "      within families: cannot be said; no family has models of two sizes",
        "      over all models, whatever their family: +0.0014 for each doubling (95 percent interval +0.0007 to "
        "+0.0021; 6 models)",
    ]
    assert len(said) == 7


def table_1() -> pd.DataFrame:
    """Two sizes, each with a model tuned from it; of two groups, one of which has no ceiling for one model."""
    rows = [
        (model, size, loss, loss + 1, group, "measured", "3", percent, 20.0, above - 0.01, above, "")
        for model, size, loss, percent_l1, above in (
            *(("base", 6.738e9, 0.24081, 53.044, 0.05), ("tuned", 6.738e9, 0.26459, 52.508, 0.04)),
            *(("large", 13.02e9, 0.24062, 55.66, 0.06), ("large-tuned", 13.02e9, np.nan, 55.0, 0.07)),
        )
        for group, percent in (("L1", percent_l1), ("L2", percent_l1 + 9 if model != "tuned" else np.nan))
    ]
    return pd.DataFrame(rows, columns=LOSS_AND_RESEMBLANCE.names)


def test_table_1_is_printed_as_in_the_paper() -> None:
    cells = printed_loss(table_1())
    assert cells.columns.tolist() == ["Size", "Model", "Loss", "L1 (%)", "L2 (%)"]
    assert cells.to_numpy().tolist() == [
        ["6.74B", "base", "0.2408", "53.04", "62.04"],
        ["6.74B", "tuned", "0.2646", "52.51", "--"],
        ["13B", "large", "0.2406", "55.66", "64.66"],
        ["13B", "large-tuned", "--", "55.00", "64.00"],
    ]
    # Two corpora: a loss each.
    both = table_1().assign(loss_per_token=lambda f: f["loss_per_token"] + (f["group"] == "L2"))
    assert printed_loss(both)["Loss"][0] == "0.2408 / 1.2408"


def test_table_2_has_the_models_whose_sizes_are_compared() -> None:
    found = scale(table_1(), ["large", "base"])
    assert found["model"].tolist() == ["base", "base", "large", "large"]
    assert printed_scale(found)["L1 (%)"].tolist() == ["53.04", "55.66"]


def test_table_3_puts_each_tuned_model_behind_its_base() -> None:
    found = tuning(table_1(), [("large", "large-tuned"), ("base", "tuned"), ("base", "large")])
    assert found["model"].tolist() == ["large"] * 2 + ["large-tuned"] * 2 + ["base"] * 2 + ["tuned"] * 2 + ["large"] * 2
    assert found["base"].tolist() == ["large"] * 4 + ["base"] * 6
    change = found.set_index(["base", "model", "group"])
    assert np.isnan(change.loc[("base", "base", "L1"), "change_percent"])
    assert change.loc[("base", "tuned", "L1"), "change_percent"] == pytest.approx(52.508 - 53.044)
    assert change.loc[("base", "large", "L2"), "change_percent"] == pytest.approx(55.66 - 53.044)
    assert change.loc[("large", "large-tuned", "L1"), "change_above_null"] == pytest.approx(0.01)
    assert printed_tuning(found)["Model"].tolist() == ["large", "large-tuned", "base", "tuned", "large"]


def tuning_tests() -> pd.DataFrame:
    """Layers 0 to 3 of `tuned`: higher in 1 and 3, lower in 0; `clustered t` lower in 2; other rows."""
    rows = []
    for group in ("L1", "L2"):
        for test, greater, less in (("paired t", (1, 3), (0,)), ("clustered t", (), (2,))):
            for side, found in (("greater", greater), ("less", less)):
                for layer in range(4):
                    p = 0.01 if layer in found and (group == "L1" or layer == 0) else 0.2
                    other = 1.0 if test == "paired t" else p
                    row = {"question": "tuned against base", "a": "tuned", "b": "base", "group": group, "index": layer}
                    row |= {"signal": "number", "scale": "r2", "test": test, "side": side, "readers_are": "measured"}
                    rows.append(row | {"p_bonferroni": p if test == "paired t" else 1.0, "p_maxt": other})
    frame = pd.DataFrame(rows)
    # What is not counted: another signal, another kind of test.
    frame = pd.concat([frame, frame.assign(signal="duration", p_bonferroni=0.0), frame.assign(test="equivalence")])
    return frame.reindex(columns=TESTS.names)


def test_tables_4_and_6_count_and_list_the_same_layers() -> None:
    found = changed_layers(tuning_tests(), "number")
    lists = found.layers.set_index(["group", "test"])
    assert lists.loc[("L1", "paired t"), ["layers", "higher", "lower"]].tolist() == [4, "1, 3", "0"]
    assert lists.loc[("L2", "paired t"), ["layers", "higher", "lower"]].tolist() == [4, "", "0"]
    assert lists.loc[("L1", "clustered t"), ["higher", "lower"]].tolist() == ["", "2"]
    numbers = found.numbers.set_index(["group", "test"])
    assert numbers.loc[("L1", "paired t"), ["layers", "higher", "lower"]].tolist() == [4, 2, 1]
    assert len(found.numbers) == len(found.layers) == 4
    cells = printed_numbers(found.numbers)
    columns = ["Base", "Model", "Layers", "Higher, L1", "Higher, L2", "Lower, L1", "Lower, L2"]
    assert cells.columns.tolist() == columns
    assert cells.to_numpy().tolist() == [["base", "tuned", "4", "2", "0", "1", "1"]]
    listed = printed_layers(found.layers).to_numpy().tolist()
    assert listed == [["base", "tuned", "L1", "1, 3", "0"], ["base", "tuned", "L2", "", "0"]]


def test_table_5_is_printed_as_in_the_paper() -> None:
    frame = pd.DataFrame(
        {"group": "L1", "readers_are": "measured", "signal": "number", "reader": range(3), "r2": [0.0048, 0.1525, 0.02]}
    )
    cells = printed(reader_reliance(frame, "number"))
    assert cells.columns.tolist() == ["Group", "Readers", "Min", "Max", "Mean", "SE"]
    assert cells.to_numpy().tolist() == [["L1", "3", "0.0048", "0.1525", "0.0591", "0.0469"]]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        *((774e6, "774M"), (6.738e9, "6.74B"), (13.02e9, "13B"), (999_999_999, "1B"), (135e6, "135M")),
        *((311_880, "312k"), (1.5e12, "1.5T"), (12, "12"), (np.nan, "")),
    ],
)
def test_sizes_are_called_as_models_are(parameters: float, name: str) -> None:
    assert size_name(parameters) == name


def test_table_8_is_of_the_layers_with_the_highest_means() -> None:
    """Against plain numpy; scores so that each column is highest in another layer."""
    rng = np.random.default_rng(23)
    by_layer = {"r2": (0.1, 0.3, 0.2), "r2_cv": (0.05, 0.0, -0.02), "r2_null": (0.06, 0.0, -0.09)}
    rows = [
        (
            "m",
            group,
            "measured",
            region,
            layer,
            f"r{reader}",
            *(v[layer] + rng.normal(0, 0.001) for v in by_layer.values()),
        )
        for group in ("L1", "L2")
        for region in ("angular", "middle")
        for layer in range(3)
        for reader in range(4)
    ]
    columns = ["model", "group", "readers_are", "signal", "layer", "reader", *by_layer]
    scores = pd.DataFrame(rows, columns=columns)
    ceilings = pd.DataFrame(
        [
            (group, region, name, f"r{reader}", value)
            for group in ("L1", "L2")
            for region in ("angular", "middle")
            for name, value in {"gao2023": 0.5, "pearson": 0.4, "group_mean": 0.8, "leave_one_out_cv": 0.25}.items()
            for reader in range(4)
        ],
        columns=["group", "signal", "ceiling", "reader", "value"],
    )
    table = regions(scores, ceilings, {"m": 6})
    assert len(table) == 4
    for _, row in table.iterrows():
        own = scores[(scores["group"] == row["group"]) & (scores["signal"] == row["region"])]
        mean = {name: [own.loc[own["layer"] == k, name].to_numpy().mean() for k in range(3)] for name in by_layer}
        assert (row["best_layer"], row["best_layer_cv"], row["layers"], row["n"]) == (1, 0, "3 of 6", 4)
        assert row["r2"] == pytest.approx(mean["r2"][1])
        assert row["r2_cv"] == pytest.approx(mean["r2_cv"][0])
        above = [cv - null for cv, null in zip(mean["r2_cv"], mean["r2_null"], strict=True)]
        assert row["r2_cv_above_null"] == pytest.approx(max(above))
        assert row["r2_cv_above_null"] == pytest.approx(above[2]), "of a third layer"
        assert row["percent_of_gao2023"] == pytest.approx(100 * mean["r2"][1] / 0.5)
        assert row["ceiling_leave_one_out_cv"] == 0.25
    printed = printed_regions(table)
    assert printed.columns.tolist() == ["Model", "Region", "L1 (%)", "L2 (%)"]
    expected = [f"{value:.2f}" for value in table.loc[table["region"] == "middle", "percent_of_gao2023"]]
    assert printed.to_numpy().tolist()[1] == ["m", "middle", *expected]
