"""The table of what a run could have shown, and its figure: on sums put together here, by plain loops."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import FloatArray
from readalike.figures.planning import power_by_readers
from readalike.files.contracts.statistics import PLANNING
from readalike.files.sums import Sums, SumsOf
from readalike.statistics import power
from readalike.statistics.clustered import minus, parts, r2_scores
from readalike.statistics.planning import GROUPS, SENTENCES, TUNING, curves, planning
from readalike.statistics.power import Components, components
from tests import artists

S, SIZES, LAYERS, BOUND = 9, {"L1": 6, "L2": 4}, {"base": (0, 1, 3), "tuned": (1, 3)}, 0.4
RNG = np.random.default_rng(8)


def sums(model: str, group: str, signal: str = "number") -> SumsOf:
    layers, readers = LAYERS[model], SIZES[group]
    sse = RNG.uniform(0.5, 0.9, (len(layers), S, readers))
    own = Sums(sse, RNG.uniform(0.9, 1.1, (S, readers)), tuple(f"{group}-{k}" for k in range(readers)))
    return SumsOf({f"{signal}/r2_cv": own}, {"readers_are": "simulated"}, layers, RNG.uniform(0.01, 0.02, len(layers)))


GIVEN = {(model, group): sums(model, group) for model in LAYERS for group in SIZES}
COMPARED = {"tuning": [["base", "tuned"]]}


def contributions(model: str, group: str, layer: int) -> FloatArray:
    own = GIVEN[model, group].values["number/r2_cv"]
    return parts(r2_scores(own.sse[LAYERS[model].index(layer)], own.sst, own.readers))


def table(**changed: object) -> pd.DataFrame:
    given = {"sums": GIVEN, "comparisons": COMPARED, "contrasts": [("L2", "L1")], "groups": ["L1", "L2"]}
    return planning(**{**given, **changed}, signal="number", bound=BOUND)  # type: ignore[arg-type]


def test_a_row_is_of_an_average_layer_of_a_pair_or_of_a_contrast() -> None:
    found = table().set_index(["question", "a", "a_group"])
    assert list(table().columns) == PLANNING.names
    assert len(found) == 4
    chance = {key: dict(zip(own.layers, own.chance, strict=True)) for key, own in GIVEN.items()}
    expected = {}
    for group in SIZES:
        layers = []
        for layer in (1, 3):
            a, b = (GIVEN[model, group].values["number/r2_cv"] for model in ("tuned", "base"))
            a, b = (
                r2_scores(own.sse[LAYERS[model].index(layer)], own.sst, own.readers)
                for model, own in (("tuned", a), ("base", b))
            )
            most = max(chance["tuned", group][layer], chance["base", group][layer])
            layers.append(((parts(minus(a, b)),), BOUND * most))
        expected[TUNING, "tuned", group] = layers
    for model in LAYERS:
        expected[GROUPS, model, "L2"] = [
            (
                (contributions(model, "L2", layer), -contributions(model, "L1", layer)),
                BOUND * chance[model, "L2"][layer],
            )
            for layer in LAYERS[model]
        ]
    for key, layers in expected.items():
        row = found.loc[key]
        variances = np.mean([components(groups)[:3] for groups, _ in layers], axis=0)
        of = Components(*map(float, variances))
        readers = min(group.shape[1] for group in layers[0][0])
        effect = np.mean([one for _, one in layers])
        assert row[["n_layers", "n_readers", "n_sentences"]].tolist() == [len(layers), readers, S]
        wanted = {
            "difference": np.mean([sum(group.sum() for group in groups) for groups, _ in layers]),
            "sentence": of.sentence,
            "reader": of.reader,
            "rest": of.rest,
            "error": power.standard_error(of, readers, S),
            "detectable": power.detectable(of, readers, S),
            "effect": effect,
            "power": power.power(of, effect, readers, S),
            "readers_needed": power.readers_needed(of, effect, S),
            "sentences_needed": power.sentences_needed(of, effect, readers),
        }
        assert row[list(wanted)].astype(float).to_dict() == pytest.approx(wanted, rel=1e-12)


def test_models_are_those_of_one_question_and_contrast() -> None:
    found = table()
    groups = found[found["question"] == GROUPS]
    between = groups["difference"].var(ddof=1)
    np.testing.assert_allclose(groups["between_models"], between)
    expected = [power.models_needed(between, effect) for effect in groups["effect"]]
    assert groups["models_needed"].tolist() == expected
    # One pair says nothing of others.
    assert found.loc[found["question"] == TUNING, ["between_models", "models_needed"]].isna().all(axis=None)


def test_what_cannot_be_compared_is_left_out() -> None:
    other = {**GIVEN, ("tuned", "L2"): sums("tuned", "L2", "angular")}
    found = planning(other, {}, [("L2", "L1")], ["L1", "L2"], "number", bound=BOUND)
    assert found["a"].tolist() == ["base"]
    alone = {key: own for key, own in GIVEN.items() if key != ("base", "L1")}
    assert table(sums=alone)["a_group"].tolist() == ["L2", "L2"]
    alone = {key: own for key, own in GIVEN.items() if key != ("base", "L2")}
    assert table(sums=alone)[["question", "a_group"]].to_numpy().tolist() == [[TUNING, "L1"], [GROUPS, "L2"]]
    assert len(table(contrasts=[])) == 2
    unknown = {key: dataclasses.replace(own, chance=None) for key, own in GIVEN.items()}
    assert table(sums=unknown)["effect"].isna().all()


def test_curves_are_of_the_mean_of_the_models() -> None:
    given = artists.planning()
    found = curves(given)
    keys = ["question", "a_group", "b_group"]
    for key, own in found.groupby(keys):
        part = given.set_index(keys).loc[[key]]
        mean = part[["sentence", "reader", "rest", "effect"]].mean()
        of = Components(mean["sentence"], mean["reader"], mean["rest"])
        assert sorted(set(own["sentences"])) == [60 * times for times in SENTENCES]
        for row in own.sample(20, random_state=1).itertuples():
            assert row.power == pytest.approx(power.power(of, mean["effect"], row.readers, row.sentences))
        assert own.loc[own["own"], ["readers", "sentences"]].to_numpy().tolist() == [[20, 60]]


def test_the_figure_draws_the_curves_and_the_run() -> None:
    given = artists.planning()
    figure, frame = artists.draw(power_by_readers, given, artists.STYLE)
    pd.testing.assert_frame_equal(frame, curves(given))
    panels = list(frame.groupby(["question", "a_group", "b_group"], sort=False))
    assert len(figure.axes) == len(panels) == 3
    for axes, (_, part) in zip(figure.axes, panels, strict=True):
        lines = {line.get_label(): line.get_xydata() for line in axes.lines}
        for times in SENTENCES:
            own = part[part["times"] == times]
            np.testing.assert_allclose(lines[f"{times:g} x the sentences"], own[["readers", "power"]])
        np.testing.assert_allclose(lines["this run"], part.loc[part["own"], ["readers", "power"]])
        assert artists.levels(axes) == [power.POWER]
    titles = [artists.title(axes) for axes in figure.axes]
    assert titles[0].startswith("tuned against base\nL1 (simulated)\neffect: R2 ")
    assert titles[2].startswith("one group against another\nL1 against L2 (simulated)\neffect: R2 ")
    assert all(title.endswith("; 60 sentences") for title in titles)
    artists.one_colour_a_label(figure)
