"""Heads one by one, and the table and the figure of where conclusions transfer."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import Corpus, Sentence
from readalike.figures.transfer import transfer_map
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.gaze import Gaze
from readalike.measures.heads import heads
from readalike.statistics import transfer as claims
from readalike.statistics.transfer import transfer
from tests import artists

RNG = np.random.default_rng(8)
CORPUS = Corpus(tuple(Sentence(a, s, tuple("abcdef"[: 3 + s])) for a in (1, 2) for s in (1, 2, 3)))


def test_a_head_is_correlated_with_the_groups_mean(tmp_path: Path) -> None:
    values = RNG.random((2, 3, CORPUS.n_pairs), dtype=np.float32)
    values[1, 2] = 0.25
    attributes = {"model": "m", "layers": 2, "heads": 3}
    file = tmp_path / "layers-0-1.h5"
    write_attention(file, {"plain": ConditionResult(values)}, CORPUS, first=0, attributes=attributes)
    number = RNG.poisson(0.4, (4, CORPUS.n_pairs)).astype(float)
    signals = {"number": number, "duration": np.full(number.shape, 3.3)}
    gaze = Gaze("G", tuple("abcd"), signals, number.sum(axis=1).astype(np.int64))
    with open_attention([file], CORPUS) as attention:
        table = heads(attention, gaze)
    found = table[table["signal"] == "number"].set_index(["layer", "head"])["r"]
    for layer in range(2):
        for head in range(3):
            if (layer, head) == (1, 2):
                assert np.isnan(found[layer, head])
            else:
                expected = stats.pearsonr(values[layer, head], number.mean(axis=0)).statistic
                assert found[layer, head] == pytest.approx(expected, abs=1e-6)
    assert table[table["signal"] == "duration"]["r"].isna().all(), "the mean never varies"


CORPORA = {"L1": "news", "P": "prose"}
LAYERS = {"m0": 4, "m1": 4}


def inputs() -> dict[str, pd.DataFrame]:
    frame = artists.resemblance()
    frame = frame.assign(group=frame["group"].replace("L2", "P"), readers_are="measured", r2_unique_b2_null=0.001)
    frame = pd.concat([frame, frame.assign(signal="duration", r2_unique_b2=9.0)], ignore_index=True)
    best = [
        (model, group, "measured", signal, "maximum", column, str(layer))
        for group in CORPORA
        for signal, column, layers in (
            ("number", "r2", (1, 3)),
            ("number", "r2_cv", (0, 0)),
            ("duration", "r2", (0, 0)),
        )
        for model, layer in zip(LAYERS, layers, strict=True)
    ]
    fits = [
        (group, "measured", "number", column, fit, 4, 2, slope, slope - 1, slope + 1, "")
        for group in CORPORA
        for column, sign in (("nested r2_cv - r2_null", 1), ("r2_cv - r2_null", 7), ("percent of ceiling", -9))
        for fit, slope in (("pooled", sign * 0.3), ("within families", sign * -0.2), ("family a", sign * 5.0))
    ]
    rng = np.random.default_rng(1)
    of_heads = [
        (model, group, "measured", signal, layer, head, rng.random())
        for model in LAYERS
        for group in CORPORA
        for signal in ("number", "duration")
        for layer in range(4)
        for head in range(3)
    ]
    return {
        "resemblance": frame,
        "best_layer": pd.DataFrame(
            best, columns=["model", "group", "readers_are", "signal", "rule", "column", "layer"]
        ),
        "slopes": pd.DataFrame(
            fits,
            columns=[
                *("group", "readers_are", "signal", "column", "fit", "n", "families", "slope", "ci_low", "ci_high"),
                "withheld",
            ],
        ),
        "heads": pd.DataFrame(of_heads, columns=["model", "group", "readers_are", "signal", "layer", "head", "r"]),
    }


def interval(values: np.ndarray) -> tuple[float, float, float]:
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    return float(values.mean()), float(low), float(high)


def test_every_claim_has_a_row_for_every_group() -> None:
    given = inputs()
    table = transfer(**given, corpora=CORPORA, layers=LAYERS, signal="number")
    assert len(table) == 10
    found = table.set_index(["claim", "group"])
    values = found[["estimate", "ci_low", "ci_high"]]
    number = given["resemblance"][given["resemblance"]["signal"] == "number"]
    for group, corpus in CORPORA.items():
        assert found.loc[(claims.SIZE, group), "corpus"] == corpus
        assert tuple(values.loc[claims.SIZE, group]) == pytest.approx((-0.2, -1.2, 0.8))
        assert tuple(values.loc[claims.SIZE_POOLED, group]) == pytest.approx((0.3, -0.7, 1.3))
        own = number[number["group"] == group]
        own = pd.concat([own[(own["model"] == m) & (own["layer"] == layer)] for m, layer in (("m0", 1), ("m1", 3))])
        beyond = own.groupby("reader")["r2_unique_b2"].mean().to_numpy() - 0.001
        assert tuple(values.loc[claims.BEYOND, group]) == pytest.approx(interval(beyond))
        assert tuple(values.loc[claims.DEPTH, group]) == pytest.approx(interval(np.array([1 / 3, 1])))
        assert set(found.loc[(slice(None), group), "n_readers"]) == {6}
    assert np.isnan(values.loc[claims.AGREEMENT, "L1"]["estimate"])
    heads_r = given["heads"][given["heads"]["signal"] == "number"]
    r = [
        stats.spearmanr(*(heads_r[(heads_r["model"] == m) & (heads_r["group"] == g)]["r"] for g in CORPORA)).statistic
        for m in LAYERS
    ]
    assert tuple(values.loc[claims.AGREEMENT, "P"]) == pytest.approx(interval(np.array(r)))


def test_what_cannot_be_said_is_withheld_with_its_reason() -> None:
    given = inputs()
    given["slopes"] = given["slopes"][given["slopes"]["fit"] == "nothing"]
    given["best_layer"] = given["best_layer"][given["best_layer"]["model"] == "m0"]
    found = transfer(**given, corpora=CORPORA, layers={"m0": 1, "m1": 4}, signal="number").set_index(["claim", "group"])
    assert found.loc[(claims.SIZE, "P"), "withheld"] == "no family with models of two sizes"
    assert found.loc[(claims.SIZE_POOLED, "P"), "withheld"] == "fewer than three models"
    assert found.loc[(claims.AGREEMENT, "L1"), "withheld"] == "the others are compared with this group"
    # One model: an estimate without an interval; a model of one layer has no depth.
    assert found.loc[(claims.AGREEMENT, "P"), ["ci_low", "ci_high"]].isna().all()
    assert found.loc[(claims.AGREEMENT, "P"), "n_models"] == 1
    assert found.loc[(claims.DEPTH, "P"), "n_models"] == 0
    assert np.isnan(found.loc[(claims.DEPTH, "P"), "estimate"])


def test_models_that_do_not_count_are_left_out() -> None:
    found = transfer(**inputs(), corpora=CORPORA, layers={"m1": 4}, signal="number").set_index(["claim", "group"])
    for claim in (claims.BEYOND, claims.DEPTH, claims.AGREEMENT):
        assert found.loc[(claim, "P"), "n_models"] == 1, claim
    assert found.loc[(claims.DEPTH, "P"), "estimate"] == 1


def test_the_map_draws_each_estimate_with_its_interval() -> None:
    table = transfer(**inputs(), corpora=CORPORA, layers=LAYERS, signal="number")
    table.loc[(table["claim"] == claims.DEPTH) & (table["group"] == "P"), ["ci_low", "ci_high"]] = np.nan
    missing = (table["claim"] == claims.SIZE) & (table["group"] == "P")
    table.loc[missing, ["estimate", "ci_low", "ci_high"]] = np.nan
    table.loc[missing, "withheld"] = "no family with models of two sizes"
    figure, drawn = artists.draw(transfer_map, table, artists.STYLE)
    pd.testing.assert_frame_equal(drawn, table)
    assert len(figure.axes) == 5
    for axes, claim in zip(figure.axes, dict.fromkeys(table["claim"]), strict=True):
        own = artists.rows(table, claim=claim)
        containers = iter(axes.containers)
        for place, row in enumerate(own.itertuples()):
            if np.isnan(row.estimate):
                word = "reference" if claim == claims.AGREEMENT else "none"
                assert [text.get_text() for text in axes.texts] == [word]
                assert axes.texts[0].xy[1] == place
                continue
            point, _, bars = next(containers)
            assert point.get_xydata().tolist() == [[row.estimate, place]]
            assert (point.get_markerfacecolor() == "none") == np.isnan(row.ci_low), "hollow without an interval"
            if not np.isnan(row.ci_low):
                assert bars[0].get_segments()[0][:, 0].tolist() == pytest.approx([row.ci_low, row.ci_high])
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["L1\nnews", "P\nprose"]
