"""A planted truth: transformers with weights set by hand, ruled by the labels that they are shown or by a prior."""

from pathlib import Path

import pandas as pd
import pytest

from readalike.files.context_attention import ContextAttention
from readalike.incontext import noise
from readalike.incontext.asking import Settings, ask_task
from readalike.incontext.looks import noisy_against_intact
from readalike.incontext.task import Example, Task
from readalike.weights.tensors import Checkpoint
from tests.copying_model import make_copying_checkpoint, texts

SETTINGS: Settings = {
    **{"items": 8, "demonstrations": 8, "sets": 12, "templates": 1},
    **{"noises": ["labels"], "rates": [0, 0.25, 0.5, 0.75, 1]},
}  # type: ignore[typeddict-item]
TASK = Task("t", tuple(Example(k, text, label) for k, (text, label) in enumerate(texts(80), start=1)))


def asked(folder: Path, *, prior: bool) -> tuple[pd.DataFrame, ContextAttention]:
    return ask_task(
        Checkpoint(make_copying_checkpoint(folder, prior=prior)), TASK, (), SETTINGS, model_name="m",
        blocks=[(0, 2)], dtype="float32", token_budget=4096, threads=1, seed=1, device="cpu",
    )  # fmt: skip


def slopes(answers: pd.DataFrame) -> pd.Series:
    table = noise.slope_table(noise.cubes(answers), {"m": 1000}, {"t": 0.5})
    return table[table["score"] == noise.PLAIN].iloc[0]


def test_where_labels_rule_the_slope_is_minus_one(tmp_path: Path) -> None:
    answers, looks = asked(tmp_path / "copying", prior=False)
    found = slopes(answers)
    assert found["slope_low"] < -1 < found["slope_high"]
    # Of 24 demonstrations that rule, one a set and kind, a share is flipped: the standard error is about 0.06.
    assert found["slope"] == pytest.approx(-1, abs=0.15)
    assert found["slope_high"] < -0.7
    assert (found["clean"], found["drop"], found["follows"], found["normalised_drop"]) == (1, 1, 1, 2)
    assert not found["at_chance"]
    control = noisy_against_intact(looks).query("layer == 'all' and rate == 0").iloc[0]
    assert control["log_ratio_low"] < 0 < control["log_ratio_high"]


def test_where_the_prior_rules_the_slope_is_zero(tmp_path: Path) -> None:
    found = slopes(asked(tmp_path / "prior", prior=True)[0])
    assert (found["slope"], found["slope_low"], found["slope_high"], found["p"]) == (0, 0, 0, 1)
    assert (found["clean"], found["drop"], found["follows"], found["zero_shot"]) == (1, 0, 0, 1)
