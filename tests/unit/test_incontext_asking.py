"""A task asked of a model: its answers, a planted truth, calibration by hand, and the file of attention."""

import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from readalike.errors import FileFormatError, UnsupportedModelError
from readalike.files.context_attention import read_context_attention, write_context_attention
from readalike.files.contracts.incontext_models import ANSWERS
from readalike.files.hdf5 import write_texts
from readalike.files.tables import read_table, write_table
from readalike.incontext.asking import (
    Prompts,
    Settings,
    ask_task,
    cells_of,
    fitting_prompts,
    log_priors,
    prompts_of,
    table_of,
)
from readalike.incontext.prompts import FLIPPED, GROUPS, KEPT, LABELS, NOISES, REPLACED
from readalike.incontext.task import Task
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import make_tiny_checkpoint, tokenizer
from tests.unit.test_incontext_prompts import NEUTRAL, task

SETTINGS: Settings = {
    **{"items": 4, "demonstrations": 4, "sets": 2, "templates": 1},
    **{"noises": list(NOISES), "rates": [0, 0.5, 1]},
}  # type: ignore[typeddict-item]
FIVE = [0.0, 0.25, 0.5, 0.75, 1.0]


def prompts(**changed: object) -> Prompts:
    settings: Settings = {**SETTINGS, **changed}  # type: ignore[typeddict-item]
    return prompts_of(tokenizer(), task(), NEUTRAL, settings, start_token=None, seed=1, model_name="m")


def of_stub(own: Prompts, scores: Callable[[str], Sequence[float]]) -> pd.DataFrame:
    """Answers of a model that sees the prompt as text, and gives the log-probabilities of bad and good."""
    texts = [tokenizer().decode(one.encoded.ids) for one in own.asked]
    return table_of(own, task().labels, np.array([scores(text) for text in texts]))


def slope(found: pd.DataFrame) -> float:
    of_labels = found[found["noise"] == LABELS]
    right = of_labels["answer"] == of_labels["label"]
    return float(np.polyfit(of_labels["rate"], right, 1)[0])


TRUTH = {example.text: example.label for example in task().examples}


def read(text: str) -> tuple[float, str]:
    """Of a prompt: the share of its demonstrations whose label is true, and the label that is right."""
    *demonstrations, query = text.split("\n\n")
    shown = [one.removeprefix("Text: ").split("\nLabel: ") for one in demonstrations]
    true = sum(TRUTH[words] == label for words, label in shown) / max(len(shown), 1)
    return true, TRUTH.get(query.removeprefix("Text: ").removesuffix("\nLabel:"), "bad")


def says(right: str, *, turned: bool) -> list[float]:
    return [0.0, -2.0] if (right == "bad") != turned else [-2.0, 0.0]


def keeps_its_prior(text: str) -> list[float]:
    return says(read(text)[1], turned=False)


def follows_the_majority(text: str) -> list[float]:
    true, right = read(text)
    return says(right, turned=true < 0.5)


def follows_one_demonstration(text: str) -> list[float]:
    """One drawn at random: right as often as labels are."""
    true, right = read(text)
    return says(right, turned=np.random.default_rng(zlib.crc32(text.encode())).uniform() >= true)


def test_where_labels_rule_accuracy_falls_as_they_are_flipped_and_where_the_prior_rules_it_stands() -> None:
    own = prompts(demonstrations=8, rates=FIVE, noises=[LABELS])
    found = of_stub(own, follows_the_majority).query("noise == 'labels' and rate != 0.5")
    assert ((found["answer"] == found["label"]) == (found["rate"] < 0.5)).all()
    assert slope(of_stub(own, keeps_its_prior)) == pytest.approx(0, abs=1e-12)
    many = prompts(demonstrations=8, rates=FIVE, noises=[LABELS], items=8, sets=12)
    # 96 answers a rate, of which the share that is true is drawn: the slope's standard error is about 0.05.
    assert slope(of_stub(many, follows_one_demonstration)) == pytest.approx(-1, abs=0.2)


def test_calibration_takes_away_what_a_label_is_preferred_by() -> None:
    own = prompts(noises=[LABELS], rates=[0, 1])

    def biased(text: str) -> list[float]:
        """Good is preferred by 3 nats whatever stands there; the text moves it by 1."""
        query = text.split("\n\n")[-1].removeprefix("Text: ").removesuffix("\nLabel:")
        moved = {"good": 0.5, "bad": -0.5}.get(TRUTH.get(query, ""), 0.0)
        return [-4.0 - moved, -1.0 + moved]

    found = of_stub(own, biased)
    assert set(found["answer"]) == {"good"}
    assert (found["calibrated_answer"] == found["label"]).all()
    np.testing.assert_allclose(found["calibrated_margin"], 1.0)
    np.testing.assert_allclose(found["margin"], np.where(found["label"] == "good", 4.0, -2.0))
    priors = np.array([json.loads(text)["good"] for text in found["log_priors"]])
    np.testing.assert_allclose(priors, np.log(np.exp(-1) / (np.exp(-1) + np.exp(-4))))


def test_priors_are_means_of_probabilities_among_the_labels() -> None:
    scores = np.log([[0.1, 0.3], [0.02, 0.02]])
    np.testing.assert_allclose(np.exp(log_priors(scores)), [(0.25 + 0.5) / 2, (0.75 + 0.5) / 2])


def test_a_model_gives_a_row_and_its_attention_for_every_prompt(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model", positions=512)
    table, looks = ask_task(
        Checkpoint(folder), task(), NEUTRAL, SETTINGS, model_name="tiny", blocks=[(0, 3)], dtype="float32",
        token_budget=256, threads=1, seed=1, device="cpu",
    )  # fmt: skip
    cells = cells_of(SETTINGS)
    assert len(cells) == 3 * 3 * 2 + 1
    assert len(table) == len(cells) * SETTINGS["items"] == len(looks.item)
    write_table(tmp_path / "answers.csv", table, ANSWERS)
    pd.testing.assert_frame_equal(read_table(tmp_path / "answers.csv", ANSWERS), table.reset_index(drop=True))
    keys = ["noise", "rate", "template", "set", "item"]
    assert not table.duplicated(keys).any()
    for name in keys:
        assert table[name].tolist() == list(getattr(looks, name))
    nats = pd.DataFrame([json.loads(text) for text in table["log_probabilities"]])
    assert nats.idxmax(axis=1).tolist() == table["answer"].tolist()
    other = np.where(table["label"] == "good", nats["bad"], nats["good"])
    np.testing.assert_allclose(table["margin"], table["log_probability"] - other)
    # At rate 0 all kinds of noise are one prompt, with other marks.
    clean = table[(table["rate"] == 0) & (table["demonstrations"] > 0)]
    assert clean.groupby(["set", "item"])["log_probability"].agg(np.ptp).max() < 1e-5
    marked = looks.tokens[(np.array(looks.noise) == LABELS) & (looks.rate == 0)]
    assert (marked[:, [GROUPS.index(KEPT), GROUPS.index(FLIPPED)]] > 0).all()
    assert (marked[:, GROUPS.index(REPLACED)] == 0).all()
    path = tmp_path / "attention.h5"
    write_context_attention(path, looks)
    again = read_context_attention(path)
    for name, value in vars(looks).items():
        np.testing.assert_array_equal(getattr(again, name), value, err_msg=name)


def test_a_damaged_file_of_attention_is_named(tmp_path: Path) -> None:
    path = tmp_path / "attention.h5"
    with h5py.File(path, "w") as file:
        write_texts(file, "groups", ["a"])
        write_texts(file, "noise", ["labels"])
        file["attention"] = np.zeros((1, 2, 2, 3), dtype=np.float32)
    with pytest.raises(
        FileFormatError, match=r"attention.h5: .*attention has shape \(1, 2, 2, 3\) for 1 prompts and 1"
    ):
        read_context_attention(path)


def test_a_context_too_short_names_the_most_demonstrations_that_fit() -> None:
    settings: Settings = {**SETTINGS, "demonstrations": 8, "noises": [LABELS], "rates": [0, 1]}

    def fit(limit: int, k: int) -> Prompts:
        own: Settings = {**settings, "demonstrations": k}
        return fitting_prompts(
            {"positions": limit}, tokenizer(), task(), NEUTRAL, own, start_token=None, seed=1, model_name="tiny"
        )

    with pytest.raises(UnsupportedModelError, match=r"tiny, task t: a prompt of 8 .*; 4 demonstrations fit"):
        fit(240, 8)
    assert len(fit(240, 4).asked) > 0
    with pytest.raises(UnsupportedModelError, match="a prompt of 6 .*; 4 demonstrations fit"):
        fit(240, 6)
    with pytest.raises(UnsupportedModelError, match="not even one a label fits"):
        fit(10, 8)


def test_labels_that_begin_alike_are_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert prompts(noises=[LABELS]).asked[0].encoded.labels[0][0] != prompts().asked[0].encoded.labels[1][0]
    assert caplog.messages == []
    alike = {"good": "unbelievable", "bad": "unbelieving"}
    own = Task("t", tuple(example._replace(label=alike[example.label]) for example in task().examples))
    prompts_of(tokenizer(), own, NEUTRAL, SETTINGS, start_token=None, seed=1, model_name="m")
    assert caplog.messages == [
        "m: its tokens of the labels unbelievable, unbelieving begin alike; labels are scored whole"
    ]
