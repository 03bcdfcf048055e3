"""One rule says which layer stands for a model, wherever a single layer is shown."""

import numpy as np
import pandas as pd
import pytest
import yaml

from readalike.figures.controls import ALONE, scores
from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.contracts.resemblance import SCORES
from readalike.statistics.best_layer import RULE, best_layers, standing, standing_of
from readalike.statistics.transfer import DEPTH, transfer
from readalike.tables.headline import headline
from tests import artists
from tests.running import ROOT

MODELS = ("m0", "m1")


def resemblance() -> pd.DataFrame:
    frame = artists.resemblance()
    return frame.assign(**{score.name: 0.0 for score in SCORES if score.name not in frame})


def test_the_layer_is_the_best_in_sample_of_that_model_group_and_signal() -> None:
    rows = [
        ("other", "L1", "number", "maximum", "r2", "1"),
        ("m", "L2", "number", "maximum", "r2", "2"),
        ("m", "L1", "duration", "maximum", "r2", "3"),
        ("m", "L1", "number", "nested", "r2", "4 4"),
        ("m", "L1", "number", "maximum", "r2_cv", "5"),
        ("m", "L1", "number", "maximum", "r2", "6"),
    ]
    table = pd.DataFrame(rows, columns=["model", "group", "signal", "rule", "column", "layer"])
    assert standing(table, "number") == {("other", "L1"): 1, ("m", "L2"): 2, ("m", "L1"): 6}


def test_headline_transfer_and_figure_17_show_the_same_layer() -> None:
    frame = resemblance()
    own = frame[frame["signal"] == "number"]
    folds = pd.DataFrame(columns=["model", "group", "readers_are", "signal"])
    best = best_layers(frame, folds, artists.ceilings())
    expected = {}
    for model in MODELS:
        for group in artists.GROUPS:
            means = {
                layer: float(np.mean(own.loc[(own["model"] == model) & (own["group"] == group)
                                             & (own["layer"] == layer), "r2"]))
                for layer in sorted(set(own["layer"]))
            }  # fmt: skip
            expected[model, group] = max(means, key=lambda layer: means[layer])
    by_held_out = own.groupby(["model", "group", "layer"])["r2_cv"].mean().groupby(["model", "group"]).idxmax()
    assert {(m, g): layer for m, g, layer in by_held_out} != expected, "the rules must differ on these scores"
    assert standing(best, "number") == expected
    assert standing_of(own) == expected
    shown = scores(frame, artists.baselines(), "number")
    drawn = shown[shown["what"] == ALONE].drop_duplicates(["model", "group"]).set_index(["model", "group"])["layer"]
    assert drawn.to_dict() == expected
    head = headline(
        frame,
        best,
        artists.ceilings(),
        artists.baselines(),
        "number",
        {},
        {},
        {},
        pd.DataFrame(columns=ALL_LAYERS.names),
    )
    assert head.set_index(["model", "group"])["layer"].to_dict() == expected
    heads = pd.DataFrame(columns=["model", "layer", "head", "group", "signal", "r"])
    slopes = pd.DataFrame(columns=["group", "signal", "fit", "column"])
    depth = dict.fromkeys(MODELS, 3)
    found = transfer(own, best, slopes, heads, {artists.GROUPS[0]: "c"}, depth, "number")
    mean = np.mean([expected[model, artists.GROUPS[0]] / 2 for model in MODELS])
    assert float(found.set_index("claim").loc[DEPTH, "estimate"]) == mean


def test_a_model_without_any_score_has_no_layer() -> None:
    frame = resemblance()
    frame.loc[frame["model"] == MODELS[0], "r2"] = np.nan
    assert {model for model, _ in standing_of(frame[frame["signal"] == "number"])} == set(MODELS[1:])


REPORT = ROOT / "workflow" / "report"
ONE_LAYER = ("01-saccades", "05-loss", "07-resemblance-size", "17-controls", "19-transfer")
OF_REGIONS = ("12-fmri-regions", "13-fmri-loss", "16-fmri-size")


@pytest.mark.parametrize("figure", [*ONE_LAYER, *OF_REGIONS])
def test_the_caption_of_a_figure_of_one_layer_names_the_rule(figure: str) -> None:
    caption = (REPORT / f"figure-{figure}.rst").read_text(encoding="utf-8")
    assert RULE in " ".join(caption.split())


def test_no_caption_and_no_table_speaks_of_a_best_layer_without_the_rule() -> None:
    catalogue = yaml.safe_load((REPORT / "catalogue.yaml").read_text(encoding="utf-8"))
    said = {name: entry for kind in ("tables", "figures") for name, entry in catalogue[kind].items()}
    texts = {
        name: " ".join(entry[part] for part in ("methods", "misled_by") if part in entry)
        for name, entry in said.items()
    }
    texts |= {path.stem: path.read_text(encoding="utf-8") for path in REPORT.glob("*.rst")}
    texts |= {page: (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/results.md")}
    texts |= {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "scripts" / "tables").glob("*.py")}
    without = {name for name, text in texts.items() if "best layer" in text and RULE not in " ".join(text.split())}
    assert not without - {"best_layer"}
    for table in (
        "table-01-loss-and-resemblance",
        "table-02-scale",
        "table-03-tuning",
        "table-08-fmri",
        "table-headline",
    ):
        assert RULE in texts[table]
    for script in ("loss_and_resemblance", "scale", "tuning", "fmri", "headline"):
        assert "{RULE}" in texts[script]
