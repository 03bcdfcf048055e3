"""Where prompts look, against a loop over prompts, and with a planted preference for noisy demonstrations."""

import numpy as np
import pandas as pd
import pytest

from readalike.files.context_attention import ContextAttention
from readalike.incontext.looks import ALL_LAYERS, noisy_against_intact, shares
from readalike.incontext.prompts import FIRST, FLIPPED, GROUPS, KEPT, QUERY, REPLACED, TEXTS
from readalike.statistics.crossed import crossed

ITEMS, SETS, TEMPLATES, LAYERS, HEADS = 5, 4, 2, 3, 2


def looks(preference: float, *, seed: int = 1) -> ContextAttention:
    """Attention of which a noisy label token gets exp(preference) times what an intact one does, not so in the control.

    Sets and layers differ in how much labels get at all.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for noise, rate in (
        ("labels", 0.0),
        ("labels", 0.5),
        ("labels", 1.0),
        ("words", 0.0),
        ("words", 0.5),
        ("none", 0.0),
    ):
        for template in range(TEMPLATES):
            for number in range(SETS if noise != "none" else 1):
                for item in range(ITEMS):
                    tokens = dict.fromkeys(GROUPS, 0) | {FIRST: 1, "template": 9, TEXTS: 20, QUERY: 6}
                    if noise == "labels":
                        tokens |= {KEPT: 3, FLIPPED: 1} if rate < 1 else {FLIPPED: 4}
                    elif noise == "words":
                        tokens |= {KEPT: 4, REPLACED: 7}
                    a_token = {group: rng.uniform(0.5, 1.5, (LAYERS, HEADS)) for group in GROUPS}
                    if rate == 0.5:
                        a_token[FLIPPED] = a_token[KEPT] * np.exp(preference) * rng.uniform(0.95, 1.05)
                    sums = np.stack([a_token[group] * tokens[group] for group in GROUPS], axis=-1)
                    rows.append(
                        (noise, rate, template, number, item, list(tokens.values()), sums / sums.sum(-1, keepdims=True))
                    )
    columns = list(zip(*rows, strict=True))
    whole = [np.array(column) for column in columns[2:6]]
    return ContextAttention(
        "m", "t", 1000, GROUPS, columns[0], np.array(columns[1]), *whole, np.array(columns[6], dtype=np.float32)
    )


FOUND = looks(0.7)


def of(noise: str, rate: float, item: int, number: int) -> list[int]:
    """The prompts of a cell, one a template."""
    return [
        k for k in range(len(FOUND.noise))
        if (FOUND.noise[k], FOUND.rate[k], FOUND.item[k], FOUND.set[k]) == (noise, rate, item, number)
    ]  # fmt: skip


def ratio(k: int, layer: int | None, noisy: str, intact: str) -> float:
    heads = FOUND.attention[k].astype(float).mean(axis=1)  # (layers, groups)
    own = heads.mean(axis=0) if layer is None else heads[layer]
    a, b = GROUPS.index(noisy), GROUPS.index(intact)
    return float(np.log(own[a] / FOUND.tokens[k][a] / (own[b] / FOUND.tokens[k][b])))


@pytest.mark.parametrize("layer", [0, 2, None])
@pytest.mark.parametrize(("noise", "noisy", "intact"), [("labels", FLIPPED, KEPT), ("words", REPLACED, TEXTS)])
def test_ratios_are_means_over_prompts_beside_their_controls(
    layer: int | None, noise: str, noisy: str, intact: str
) -> None:
    cells = {
        rate: np.array(
            [
                [np.mean([ratio(k, layer, noisy, intact) for k in of(noise, rate, i, s)]) for s in range(SETS)]
                for i in range(ITEMS)
            ]
        )
        for rate in (0.0, 0.5)
    }
    table = noisy_against_intact(FOUND).set_index(["noise", "rate", "layer"])
    row = table.loc[(noise, 0.5, ALL_LAYERS if layer is None else str(layer))]
    plain, above = crossed(cells[0.5]), crossed(cells[0.5] - cells[0.0])
    assert tuple(row[["log_ratio", "log_ratio_low", "log_ratio_high"]]) == pytest.approx(
        (plain.estimate, plain.low, plain.high), rel=1e-6
    )
    assert tuple(row[["above_control", "above_control_low", "p"]]) == pytest.approx(
        (above.estimate, above.low, above.p), rel=1e-6
    )
    assert row["prompts"] == ITEMS * SETS * TEMPLATES
    control = table.loc[(noise, 0.0, "0")]
    assert np.isnan([control["above_control"], control["p"]]).all()


def test_a_planted_preference_is_found_and_none_where_nothing_is_noisy() -> None:
    table = noisy_against_intact(FOUND).set_index(["noise", "rate", "layer"])
    for layer in ("0", "1", "2"):
        assert table.loc[("labels", 0.5, layer), "log_ratio"] == pytest.approx(0.7, abs=0.05)
        row = table.loc[("labels", 0.0, layer)]
        assert row["log_ratio_low"] < 0 < row["log_ratio_high"]
    assert table.loc[("labels", 0.5, ALL_LAYERS), "p"] < 0.01
    # All labels flipped: none is intact. Without demonstrations there is neither.
    assert ("labels", 1.0) not in {key[:2] for key in table.index}
    assert "none" not in table.index.get_level_values("noise")


def test_shares_of_groups_are_means_over_heads_and_prompts() -> None:
    table = shares(FOUND)
    own = table[(table["noise"] == "labels") & (table["rate"] == 0.5) & (table["layer"] == 1)].set_index("group")
    prompts = [k for k in range(len(FOUND.noise)) if (FOUND.noise[k], FOUND.rate[k]) == ("labels", 0.5)]
    heads = [FOUND.attention[k, 1].astype(float).mean(axis=0) for k in prompts]
    for group in own.index:
        place = GROUPS.index(group)
        share = np.mean([one[place] for one in heads])
        assert own.loc[group, "share"] == pytest.approx(share, rel=1e-6)
        assert own.loc[group, "a_token"] == pytest.approx(share / own.loc[group, "tokens"], rel=1e-6)
        if group != FIRST:
            rest = np.mean([one[place] / (1 - one[GROUPS.index(FIRST)]) for one in heads])
            assert own.loc[group, "rest"] == pytest.approx(rest, rel=1e-6)
    assert own["share"].sum() == pytest.approx(1, abs=1e-6)
    assert own["rest"].sum() == pytest.approx(1, abs=1e-6)
    assert np.isnan(own.loc[FIRST, "rest"])
    assert set(own.index) == {FIRST, "template", TEXTS, KEPT, FLIPPED, QUERY}


def test_a_prompt_without_attention_on_either_is_left_out() -> None:
    dark = looks(0.7)
    k = of("labels", 0.5, 2, 1)[0]
    dark.attention[k, 0, :, GROUPS.index(KEPT)] = 0
    table = noisy_against_intact(dark).set_index(["noise", "rate", "layer"])
    assert table.loc[("labels", 0.5, "0"), "prompts"] == (ITEMS - 1) * SETS * TEMPLATES
    assert table.loc[("labels", 0.5, "1"), "prompts"] == ITEMS * SETS * TEMPLATES
    assert pd.notna(table.loc[("labels", 0.5, "0"), "log_ratio"])
