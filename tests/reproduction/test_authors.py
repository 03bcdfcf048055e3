"""The authors' released attention through the same Snakefile: every value of expected.csv that rests on it."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from readalike.files.contracts.reproduction import REPRODUCTION
from readalike.files.tables import read_table
from readalike.reproduction.values import by_value, read_published
from tests.conftest import ROOT, SHARED
from tests.running import snakemake

pytestmark = pytest.mark.slow

MODELS = {"llama/30B": "llama-30b-gao", "gpt2/large": "gpt2-large-gao"}
FMRI = re.compile(r"fmri (\w+): (.*)")
# The values that must come out are of plain least squares.
LEAST_SQUARES = {"r2_cv": "r2_cv_ols", "r2_unique": "r2_unique_b0_ols"}
LAYER = re.compile(r"(llama/30B|gpt2/large) layer (\d+): (.*)")


def expected() -> list[pd.Series]:
    if not SHARED.is_dir():
        return []
    table = pd.read_csv(SHARED / "expected.csv", keep_default_na=False)
    return [row for _, row in table.iterrows() if LAYER.match(row["quantity"]) or FMRI.match(row["quantity"])]


def on_real_files(name: str, reading_brain: Path, authors: Path) -> dict[str, Any]:
    """A shipped configuration with the paths of the files that are here."""
    text = (ROOT / "config" / name).read_text(encoding="utf-8")
    text = text.replace("data/ds", f"{reading_brain}/openneuro/ds").replace("data/gao2023", str(authors))
    config: dict[str, Any] = yaml.safe_load(text)
    return config


@pytest.fixture(scope="module")
def config(reading_brain: Path, authors: Path) -> dict[str, Any]:
    return on_real_files("reproduce.yaml", reading_brain, authors) | {"bootstrap_draws": 100, "permutations": 100}


@pytest.fixture(scope="module")
def run(config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is looked at here."""
    folder = tmp_path_factory.mktemp("authors")
    tables = [f"tables/{name}.csv" for name in ("published-significance", "table-08-fmri", "reproduction")]
    # GPT-2's attention was released without an instruction before it.
    of_text = [f"reliance/reading-brain/{model}.csv" for model in MODELS.values()]
    of_text.append(f"sensitivity/reading-brain/{MODELS['llama/30B']}.csv")
    means = [f"human/{group}/means.csv" for group in ("L1", "L2")]
    looked_at = ["reproduction.md", *tables, *of_text, *means, "statistics/best-layer.csv"]
    done = snakemake(folder, config, *(f"results/{name}" for name in looked_at))
    assert done.returncode == 0, done.stdout[-6000:]
    return folder / "results"


@pytest.mark.rare
def test_figures_and_report_of_the_authors_files(run: Path, config: dict[str, Any]) -> None:
    done = snakemake(run.parent, config)
    assert done.returncode == 0, done.stdout[-6000:]
    assert (run / "report.html").is_file()
    summary = (run / "summary.txt").read_text(encoding="utf-8")
    assert summary.count("held out below zero in every layer and region") == 4
    assert "simulated" not in summary, "all readers are real"


@pytest.mark.parametrize("row", expected(), ids=lambda row: f"{row['quantity']} {row['group']}")
def test_expected_value(run: Path, row: pd.Series) -> None:
    if fmri := FMRI.match(row["quantity"]):
        value = fmri_value(run, str(row["group"]), fmri[1], fmri[2])
        assert value == pytest.approx(float(row["value"]), abs=float(row["tolerance"]))
        return
    found = LAYER.match(row["quantity"])
    assert found is not None
    model, layer, what = MODELS[found[1]], int(found[2]), found[3]
    if what.startswith("reliance"):
        table = pd.read_csv(run / f"reliance/reading-brain/{model}.csv")
        values = table[(table["condition"] == "plain") & (table["layer"] == layer)]["r2"]
    elif what.startswith("sensitivity"):
        table = pd.read_csv(run / f"sensitivity/reading-brain/{model}.csv")
        values = table[(table["condition"] == "translate") & (table["layer"] == layer)]["divergence"]
    else:
        table = pd.read_csv(run / f"resemblance/{model}/{row['group']}.csv")
        column = LEAST_SQUARES.get(what.split(",")[0], what.split(",")[0])
        values = table[(table["signal"] == "number") & (table["layer"] == layer)][column]
    assert values.mean() == pytest.approx(float(row["value"]), abs=float(row["tolerance"]))


def fmri_value(run: Path, group: str, region: str, what: str) -> float:
    if what.startswith("ceiling"):
        table = pd.read_csv(run / f"human/{group}-fmri/ceilings.csv")
        ceiling = what.split()[1].replace("leave_one_out_cv", "leave_one_out_cv_ols")
        values = table[(table["signal"] == region) & (table["ceiling"] == ceiling)]["value"]
        return float(values.mean())
    if what == "gpt2/large best layer r2_cv":
        table = pd.read_csv(run / f"resemblance/gpt2-large-gao/{group}-fmri.csv")
        return float(table[table["signal"] == region].groupby("layer")["r2_cv_ols"].mean().max())
    table = pd.read_csv(run / "tables/table-08-fmri.csv")
    row = table[
        (table["model"] == "gpt2-large-gao") & (table["group"] == f"{group}-fmri") & (table["region"] == region)
    ].iloc[0]
    columns = {
        "gpt2/large best layer, percent of ceiling gao2023": "percent_of_gao2023",
        "gpt2/large best layer, percent of ceiling pearson": "percent_of_pearson",
        "gpt2/large best layer r2": "r2",
    }
    return float(row[columns[what]])


@pytest.mark.parametrize(("group", "number"), [("L1", 1), ("L2", 2)])
def test_the_authors_fmri_scores_of_every_layer_and_reader(run: Path, authors: Path, group: str, number: int) -> None:
    theirs = np.load(
        authors / f"expected_results/lr_scores_reading_brain/heads_vs_fmri/num_{number}_angular_gpt2_large.npy"
    )
    table = pd.read_csv(run / f"resemblance/gpt2-large-gao/{group}-fmri.csv", dtype={"reader": str})
    ours = table[table["signal"] == "angular"].pivot(index="layer", columns="reader", values="r2")
    ours = ours[sorted(ours.columns, key=int)].to_numpy()
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)  # seen: 6e-16


def test_nothing_is_left_of_fmri_scores_held_out(run: Path) -> None:
    for model in MODELS.values():
        for group in ("L1-fmri", "L2-fmri"):
            table = pd.read_csv(run / f"resemblance/{model}/{group}.csv")
            assert (table.groupby(["signal", "layer"])["r2_cv"].mean() < 0).all()


def test_readers_without_numbers_are_named(run: Path) -> None:
    logs = {group: (run / f"logs/gaze/{group}.log").read_text(encoding="utf-8") for group in ("L1-fmri", "L2-fmri")}
    for reader in (20, 47, 49, 50, 51):
        assert f"superior: reader {reader} left out of scores: 0 of 5 articles" in logs["L1-fmri"]
    assert (
        "anterior: reader 31 left out of scores: article 1, sentence 1 holds cells that are no numbers"
        in logs["L1-fmri"]
    )
    assert "middle: reader 41 left out of scores: article 1, sentence 1 holds cells that are no" in logs["L2-fmri"]
    assert "angular: reader 41 left out of scores: 0 of 5 articles" in logs["L2-fmri"]


@pytest.mark.parametrize(("group", "r"), [("L1", 0.981), ("L2", 0.973)])
def test_public_events_come_near_the_authors_group_means(run: Path, group: str, r: float) -> None:
    table = pd.read_csv(run / f"human/{group}/means.csv").set_index("signal")
    assert round(table.loc["number", "r"], 3) == r


def released_lists() -> list[pd.Series]:
    if not SHARED.is_dir():
        return []
    table = pd.read_csv(SHARED / "expected.csv", keep_default_na=False)
    return [row for _, row in table.iterrows() if ".xlsx" in row["quantity"] or WITHIN_SIZE.match(row["quantity"])]


WITHIN_SIZE = re.compile(r"(7B|13B) (alpaca|vicuna): (.*)")
WORKBOOK = re.compile(r"(\S+\.xlsx) (\S+): above reference, p < 0\.05/(\d+)")
QUESTIONS = {
    "sensitivity to translation above base": ("tuned above base", "translate"),
    "sensitivity to noise above base": ("tuned above base", "noise"),
    "excess over noise": ("excess over noise", "translate"),
}


@pytest.mark.parametrize("row", released_lists(), ids=lambda row: row["quantity"])
def test_layers_of_every_significance_test(run: Path, row: pd.Series) -> None:
    lists = pd.read_csv(run / "tables/published-significance.csv", dtype=str, keep_default_na=False)
    if within := WITHIN_SIZE.match(row["quantity"]):
        question, condition = QUESTIONS[within[3]]
        chosen = (lists["source"] == f"instruct/{within[1]}") & (lists["a"] == within[2])
        chosen &= (lists["question"] == question) & (lists["condition"] == condition)
    else:
        found = WORKBOOK.match(row["quantity"])
        assert found is not None
        chosen = (lists["source"] == found[1]) & (lists["n_tests"] == found[3])
        names = found[2].split("-")
        chosen &= lists["a"].str.split().str[0] == names[0]
        chosen &= (lists["b"] == names[1]) if len(names) == 2 else True
    assert lists.loc[chosen, "layers"].tolist() == [row["value"]]


def reproduction(run: Path) -> pd.DataFrame:
    return read_table(run / "tables/reproduction.csv", REPRODUCTION)


def test_every_published_value_has_a_status_and_the_count_is_honest(run: Path) -> None:
    values = reproduction(run)
    published = read_published(ROOT / "resources" / "published-values.csv")
    best = by_value(values)
    assert len(best) == len(published)
    assert best["status"].value_counts().to_dict() == {
        **{"reproduced": 20, "close": 10, "differs": 10, "contradicts itself": 6, "not computable here": 80},
    }
    assert (values.loc[values["status"] == "not computable here", "why"] != "").all()
    for _, row in values[values["status"] == "reproduced"].iterrows():
        if row["quantity"] != "human_reliance_group_p":
            assert float(row["published"]) == pytest.approx(row["computed"], rel=2e-3)


def test_published_percentages_through_our_normalisation(run: Path) -> None:
    expected = {"GPT-2 Large": 0.3499263446442256, "LLaMA": 0.5304213068901467}
    values = reproduction(run)
    of_scores = values[values["basis"].str.startswith("authors' scores")]
    for model, share in expected.items():
        found = of_scores.loc[of_scores["model"] == model, "computed"]
        assert len(found)
        assert found.to_numpy() / 100 == pytest.approx(share, abs=1e-12)


def test_published_correlations(run: Path) -> None:
    values = reproduction(run).set_index(["quantity", "group"])["computed"]
    for quantity, group, r in (
        ("pearson_logsize_resemblance", "L1", 0.9888),
        ("pearson_logsize_resemblance", "L2", 0.9644),
        ("pearson_loss_resemblance", "L1", -0.8752),
        ("pearson_loss_resemblance", "L2", -0.9171),
        ("pearson_loss_fmri", "L1", 0.17),
        ("pearson_loss_fmri", "L2", 0.07),
    ):
        assert values[quantity, group] == pytest.approx(r, abs=5e-5 if abs(r) > 0.5 else 5e-3)


def test_our_scores_of_gpt2_follow_the_authors(run: Path, authors: Path) -> None:
    """Public events against the authors' export: readers in order of number, 02 to 52."""
    theirs = np.load(authors / "expected_results/lr_scores_reading_brain/heads_vs_saccade/num_1_gpt2_large.npy")
    table = pd.read_csv(run / "resemblance/gpt2-large-gao/L1.csv")
    ours = table[table["signal"] == "number"].pivot(index="layer", columns="reader", values="r2").to_numpy()
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(ours, theirs, strict=True)]
    assert min(r) == pytest.approx(0.979695, abs=1e-4)
    assert np.corrcoef(ours.mean(axis=1), theirs.mean(axis=1))[0, 1] == pytest.approx(0.99875, abs=1e-5)


def test_the_report_says_it_in_plain_words(run: Path) -> None:
    text = (run / "reproduction.md").read_text(encoding="utf-8")
    for said in (
        "- 20 reproduced: equal at the printed digits",
        "- sentences alone, LLaMA against Alpaca: above in layers 1 2 3 4 5 6\n",
        "LLaMA against Vicuna: above in layers 1 2 9 10 11 12 13 14 15 16 17 18 22\n",
        "every model, LLaMA too, is above the\nreference in all layers but layer 0",
        "Alpaca 7B: above LLaMA in 24 of 32 layers",
        "Vicuna 13B: above LLaMA in 36 of 40 layers",
        "the difference of the two above zero in 34",
        "in-sample R2, as in the paper: 0.190 against 0.107, t = 8.36, p = 1.5e-13",
        "as percent of the group's ceiling: 0.656 against 0.602, t = 1.24, p = 0.11",
        "each reader over that reader's own ceiling: 0.657 against 0.602, t = 2.65, p = 0.0046",
        "(best -0.0015, angular): nothing of the in-sample scores is left",
        "The published 11 to 20 percent (LLaMA, Alpaca and Vicuna, 7B and 13B) cannot be checked so",
        "gpt2-large-gao: rows and words differ in 147 of 148 sentences; not word level",
    ):
        assert said in text


def test_a_model_that_lacks_layers_has_no_best_layer(run: Path) -> None:
    best = pd.read_csv(run / "statistics/best-layer.csv")
    assert set(best["model"]) == {"gpt2-large-gao"}
    row = best[(best["group"] == "L1") & (best["signal"] == "number") & (best["column"] == "r2")]
    assert row["layer"].item() == 3 or row["layer"].item() == "3"
    assert sorted(path.name for path in (run / "attention/reading-brain/llama-30b-gao/plain").iterdir()) == [
        f"layers-{first}-{last}.h5" for first, last in ((0, 1), (15, 15), (30, 30), (45, 45), (59, 59))
    ]


def test_files_that_are_not_word_level_say_so(run: Path) -> None:
    log = (run / "logs/attention/reading-brain/gpt2-large-gao/plain/layers-0-35.log").read_text(encoding="utf-8")
    assert "rows and words differ in 147 of 148 sentences" in log
    assert "these files are not word level" in log
