"""Groups with brain regions in the DAG: with text and models, and known by lengths with imported attention."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, read_sentences
from tests.running import planned, snakemake
from tests.workflow.conftest import Finished

pytestmark = pytest.mark.slow  # a run of its own
TESTED = ("resemblance-tuning", "correlations")


def region(path: Path, corpus: Corpus, readers: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    data = [
        [
            [
                rng.gamma(1, 1, (len(item.words),) * 2).round(3).tolist()
                for item in corpus.sentences
                if item.article == article
            ]
            for article in np.unique(corpus.articles)
        ]
        for _ in range(readers)
    ]
    data[1] = []  # nothing of reader 1
    path.write_bytes(pickle.dumps(data, protocol=4))
    return path


def attention(folder: Path, corpus: Corpus) -> Path:
    folder.mkdir()
    size = int(corpus.lengths.max())
    for layer in range(4):
        rng = np.random.default_rng(layer)
        array = np.zeros((int(corpus.articles.max()), max(s.sentence for s in corpus.sentences), 3, size, size))
        for item in corpus.sentences:
            n = len(item.words)
            array[item.article - 1, item.sentence - 1, :, :n, :n] = np.tril(rng.uniform(0.1, 1, (3, n, n)))
        np.save(folder / f"rb_p1_layer{layer}.npy", array.astype(np.float16))
    return folder


@pytest.fixture(scope="module")
def results(one_run: Finished, shared: Path) -> Path:
    """Groups with brain regions added to a finished run, so that only what is theirs is made."""
    folder = shared / "regions"
    shutil.copytree(one_run.folder, folder, symlinks=True)
    config = one_run.changed() | {"equal_features": False}
    del config["models"]["large-twin"], config["comparisons"]["reference"]
    corpus = read_sentences(Path(config["corpora"]["short"]["sentences"]))
    files = {name: region(folder / f"{name}.pkl", corpus, 6, k) for k, name in enumerate(("anterior", "angular"))}
    regions = {name: {"layout": "gao2023", "path": str(path)} for name, path in files.items()}
    # A number for a key, as people write it.
    excluded = {**regions["anterior"], "exclude": {"score": {0: "tired"}, "ceiling": {2: "late"}}}
    config["corpora"]["lengths"] = {"lengths": str(files["anterior"])}
    config["groups"]["brain"] = {"corpus": "short", "regions": {**regions, "anterior": excluded}}
    config["groups"]["brain-lengths"] = {"corpus": "lengths", "regions": regions}
    folder_of_attention = str(attention(folder / "imported", corpus))
    config["models"]["released"] = {
        "imported": {"layout": "gao2023", "path": folder_of_attention},
        "layers": 6,
        "parameters": 5e6,
    }
    # Of a model that is not whole no layers' heads are compared, of the others regions too.
    of_heads = [path for path in planned(folder, config | {"equal_features": True}, "measures") if "/equal-" in path]
    assert any("/small/brain" in path for path in of_heads)
    assert not [path for path in of_heads if "/released/" in path]
    # The figures of regions, and what is looked at here.
    of_regions = [name for name in planned(folder, config, "figures") if "-fmri-" in name and name.endswith(".png")]
    looked_at = ("tables/table-08-fmri.csv", "summary.txt", *(f"statistics/{name}.csv" for name in TESTED))
    done = snakemake(folder, config, *of_regions, *(f"results/{name}" for name in looked_at))
    assert done.returncode == 0, done.stdout[-8000:]
    return folder / "results"


def test_table_8_has_every_model_and_region_that_can_be_compared(results: Path) -> None:
    table = pd.read_csv(results / "tables/table-08-fmri.csv")
    by_group = table.groupby("group")["model"].agg(set).to_dict()
    weights = {"small", "middle", "large", "large-tuned"}
    assert by_group == {"brain": weights | {"released"}, "brain-lengths": {"released"}}
    assert set(table["region"]) == {"anterior", "angular"}
    assert table.set_index(["group", "region"])["n"].groupby(level=[0, 1]).first().to_dict() == {
        ("brain", "anterior"): 4,
        ("brain", "angular"): 5,
        ("brain-lengths", "anterior"): 5,
        ("brain-lengths", "angular"): 5,
    }
    assert set(table.loc[table["model"] == "released", "layers"]) == {"4 of 6"}
    row = table[(table["model"] == "small") & (table["region"] == "anterior")].iloc[0]
    scores = pd.read_csv(results / "resemblance/small/brain.csv")
    mean = scores[scores["signal"] == "anterior"].groupby("layer")["r2"].mean()
    ceiling = pd.read_csv(results / "human/brain/ceilings.csv")
    r = ceiling[(ceiling["signal"] == "anterior") & (ceiling["ceiling"] == "gao2023")]
    assert row["best_layer"] == mean.idxmax()
    assert row["percent_of_gao2023"] == pytest.approx(100 * mean.max() / r["value"].mean())
    assert sorted(r["reader"]) == [0, 3, 4, 5]


def test_figures_are_those_that_can_be_drawn(results: Path) -> None:
    drawn = {path.stem for path in (results / "figures").glob("*.png") if "fmri" in path.name}
    assert drawn == {
        "figure-12-fmri-regions",
        *(
            f"figure-{n}-fmri-{what}-brain"
            for n, what in ((13, "loss"), (14, "matrices"), (15, "layers"), (16, "size"))
        ),
        "figure-14-fmri-matrices-brain-lengths",
        "figure-15-fmri-layers-brain-lengths",
    }
    points = pd.read_csv(results / "figures/figure-16-fmri-size-brain.csv")
    assert set(points["model"]) == {"small", "middle", "large", "large-tuned"}
    assert points["parameters"].notna().all()


def test_the_summary_says_what_is_left_held_out(results: Path) -> None:
    text = (results / "summary.txt").read_text(encoding="utf-8")
    assert "released (4 of 6 layers) and the brain regions of brain-lengths:" in text
    assert "held out below zero in every layer and region" in text, "random numbers predict nothing"


def test_tests_keep_saccades_and_regions_apart(results: Path) -> None:
    tuning = pd.read_csv(results / "statistics/resemblance-tuning.csv")
    assert set(tuning.loc[tuning["group"] == "brain", "signal"]) == {"anterior", "angular"}
    assert set(tuning.loc[tuning["group"] == "L1", "signal"]) == {"number", "duration"}
    assert "brain-lengths" not in set(tuning["group"]), "large has no attention there"
    correlations = pd.read_csv(results / "statistics/correlations.csv")
    assert {"L1", "L2", "brain"} <= set(correlations["group"])


def test_groups_of_regions_alone_have_the_tables_and_figures_of_regions(one_run: Finished, tmp_path: Path) -> None:
    config = one_run.changed()
    corpus = read_sentences(Path(config["corpora"]["short"]["sentences"]))
    files = {"anterior": {"layout": "gao2023", "path": str(region(tmp_path / "anterior.pkl", corpus, 6, 1))}}
    config["groups"] = {"brain": {"corpus": "short", "regions": files}}
    config["contrasts"] = []
    assert len(config["scaling_law"]) >= 3
    assert config["comparisons"]["tuning"]
    outputs = planned(tmp_path / "run", config)
    made = {Path(path).stem for path in outputs if path.startswith(("results/tables/", "results/figures/"))}
    assert {"table-08-fmri", "figure-12-fmri-regions", "figure-16-fmri-size-brain"} <= made
    of_saccades = ("table-01", "table-02", "table-03", "table-04", "table-05", "table-06", "figure-05", "figure-07")
    assert not [stem for stem in made if stem.startswith(of_saccades)]
