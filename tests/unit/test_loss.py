"""Loss by hand on two sentences."""

from pathlib import Path

import numpy as np

from readalike.corpus import Corpus, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.measures.loss import loss

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans")), Sentence(1, 2, ("live", "on", "Mars?"))))
ATTRIBUTES = {"model": "m", "layers": 1, "heads": 2, "parameters": 1000, "first_token_predicted": False}


def write(folder: Path, **more: object) -> Path:
    path = folder / "layers-0-0.h5"
    attention = np.zeros((1, 2, CORPUS.n_pairs), dtype=np.float32)
    write_attention(path, {"plain": ConditionResult(attention, **more)}, CORPUS, first=0, attributes=ATTRIBUTES)
    return path


def test_units(tmp_path: Path) -> None:
    path = write(tmp_path, loss=np.array([6.0, 20.0]), tokens=np.array([2, 5]))
    with open_attention([path], CORPUS) as attention:
        (row,) = loss(attention, CORPUS).to_dict("records")
    assert row == {
        "model": "m",
        "parameters": 1000,
        "condition": "plain",
        "tokens": 7,
        "loss_per_token": 26 / 7,
        "loss_mean_of_sentences": (3 + 4) / 2,
        "loss_per_word": 26 / 5,
        # "Could humans" has 12 characters, "live on Mars?" 13: spaces count.
        "loss_per_character": 26 / 25,
        "loss_per_token_squared": (6 / 2**2 + 20 / 5**2) / 2,
        "first_token_predicted": False,
    }


def test_a_sentence_of_one_token_that_is_not_predicted_has_no_mean(tmp_path: Path) -> None:
    path = write(tmp_path, loss=np.array([0.0, 20.0]), tokens=np.array([0, 5]))
    with open_attention([path], CORPUS) as attention:
        (row,) = loss(attention, CORPUS).to_dict("records")
    assert row["loss_mean_of_sentences"] == 4
    assert row["loss_per_token"] == 4


def test_imported_attention_has_a_size_and_no_loss(tmp_path: Path) -> None:
    with open_attention([write(tmp_path)], CORPUS) as attention:
        (row,) = loss(attention, CORPUS).to_dict("records")
    assert (row["model"], row["condition"], row["parameters"]) == ("m", "plain", 1000)
    assert np.isnan([row["tokens"], row["loss_per_token"], row["loss_per_word"]]).all()
