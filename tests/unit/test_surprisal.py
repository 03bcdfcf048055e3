"""Surprisal of words against a plain forward pass of transformers; its correction against loops over the vocabulary."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tokenizers import decoders
from transformers import AutoModelForCausalLM, AutoTokenizer

from readalike.attention.batches import Item
from readalike.attention.extract import extract_block
from readalike.attention.surprisal import TokenNats, beginning_of_words, marks_beginnings, of_words, surprisal
from readalike.attention.words import Tokens, tokenise
from readalike.corpus import Corpus, Sentence
from readalike.errors import UnsupportedModelError
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import make_tiny_checkpoint, tokenizer
from tests.unit.test_extract import CORPUS as SENTENCES
from tests.unit.test_words import sentencepiece_like

CORPUS = Corpus((*SENTENCES.sentences, Sentence(1, 5, ("One",))))
# Byte-level tokenizers write bytes up to the space as the characters 256 places on: tab to carriage return, four
# separators and the space divide words.
SPACES = {chr(256 + byte) for byte in (9, 10, 11, 12, 13, 28, 29, 30, 31, 32)}
NATS = 1e-4  # of a word; float32 rounding over a few layers, logits of a vocabulary of 400


def found(folder: Path, **options: object) -> pd.DataFrame:
    settings = {
        "blocks": [(0, 3)],
        "token_budget": 64,
        "dtype": "float32",
        "threads": 1,
        "device": "cpu",
        "progress": False,
    }
    return surprisal(Checkpoint(folder), CORPUS, model_name="tiny", **{**settings, **options})  # type: ignore[arg-type]


def by_hand(folder: Path, start_token: bool | None) -> pd.DataFrame:
    """One sentence at a time; what begins a word is told by the sign that byte-level tokenizers have for a space."""
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    own = AutoTokenizer.from_pretrained(folder)
    pieces = own.convert_ids_to_tokens(list(range(model.config.vocab_size)))
    begins = [piece[0] in SPACES or piece in ("<s>", "</s>") for piece in pieces]
    assert 0 < sum(begins) < len(begins)
    rows = []
    for sentence in CORPUS.sentences:
        tokens = tokenise(own, sentence, "", start_token)
        with torch.no_grad():
            p = model(torch.tensor([tokens.ids])).logits[0].double().softmax(dim=-1).numpy()
        for word in range(len(sentence.words)):
            places = [k for k, owner in enumerate(tokens.words) if owner == word]
            if places[0] == 0:
                rows.append((len(places), np.nan, np.nan))
                continue
            whole = 1.0
            for k in places:
                whole *= p[k - 1, tokens.ids[k]]
            # The sentence's first word has no space before it here.
            started = sum(p[places[0] - 1, k] for k in range(len(begins)) if begins[k] == (word > 0))
            ended = sum(p[places[-1], k] for k in range(len(begins)) if begins[k])
            rows.append((len(places), -np.log(whole * ended / started), -np.log(whole)))
    return pd.DataFrame(rows, columns=["tokens", "surprisal", "surprisal_uncorrected"])


@pytest.mark.parametrize("start_token", [None, True], ids=["as the tokenizer", "start token"])
@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2", "gpt_neox"])
def test_words_equal_a_plain_pass(tmp_path: Path, family: str, start_token: bool | None) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family, tied=family == "gemma2")
    table, expected = found(folder, start_token=start_token), by_hand(folder, start_token)
    for name in expected:
        np.testing.assert_allclose(table[name], expected[name], rtol=0, atol=NATS, err_msg=name)
    assert table["text"].tolist() == [word for item in CORPUS.sentences for word in item.words]
    first = table["word"] == 0
    assert table.loc[~first, "surprisal"].notna().all()
    assert (table.loc[first, "surprisal"].notna() == bool(start_token)).all()
    # The correction is no rounding, and there are words of several tokens.
    assert np.abs(table["surprisal"] - table["surprisal_uncorrected"])[~first].max() > 100 * NATS
    assert table["tokens"].max() > 2


def test_words_of_a_sentence_sum_to_its_loss(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    options = {"token_budget": 64, "dtype": "float32", "threads": 1, "device": "cpu", "progress": False}
    loss = extract_block(
        Checkpoint(folder), CORPUS, {"plain": ""}, model_name="tiny", first=0, last=3, layers=4, start_token=True,
        **options,  # type: ignore[arg-type]
    ).conditions["plain"].loss  # fmt: skip
    table = found(folder, start_token=True)
    np.testing.assert_allclose(table.groupby("sentence")["surprisal_uncorrected"].sum(), loss, rtol=0, atol=NATS)


@pytest.mark.parametrize("other", [{"token_budget": 1}, {"blocks": [(0, 1), (2, 2), (3, 3)]}], ids=["budget", "blocks"])
def test_batches_and_blocks_change_no_number(tmp_path: Path, other: dict[str, object]) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    a, b = found(folder), found(folder, **other)
    np.testing.assert_allclose(a["surprisal"], b["surprisal"], rtol=0, atol=NATS)


def test_what_begins_a_word_is_what_adds_a_space() -> None:
    begins = beginning_of_words(tokenizer(), len(tokenizer()) + 3)
    pieces = tokenizer().convert_ids_to_tokens(list(range(len(tokenizer()))))
    expected = [piece[0] in SPACES or piece in ("<s>", "</s>") for piece in pieces]
    # What the model has and the tokenizer has not begins nothing.
    np.testing.assert_array_equal(begins, [*expected, False, False, False])
    assert begins.sum() > 20


def test_a_sign_in_place_of_a_space_begins_a_word() -> None:
    """As SentencePiece writes it; LLaMA's decoder drops the first space of a text, and joins bytes."""
    own = sentencepiece_like(True, True)
    own.backend_tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    begins = beginning_of_words(own, len(own))
    spaces = {f"<0x{ord(character) - 256:02X}>" for character in SPACES}
    for piece, value in zip(own.convert_ids_to_tokens(list(range(len(own)))), begins, strict=True):
        assert value == (piece.startswith("▁") or piece in own.all_special_tokens or piece in spaces), piece
    assert 20 < begins.sum() < len(own) / 2


def item(*words: int) -> Item:
    return Item(0, 0, Tokens(tuple(range(len(words))), words))


def test_a_tokenizer_that_marks_some_words_is_refused() -> None:
    none = np.zeros(5, dtype=bool)
    text = [item(0, 1, 1, 2)]
    assert not marks_beginnings(text, none, "m")
    assert marks_beginnings(text, np.array([False, True, False, True, False]), "m")
    with pytest.raises(
        UnsupportedModelError, match="m: its tokenizer marks the beginning of 1 of 2 words, and 0.*false"
    ):
        marks_beginnings(text, np.array([False, True, False, False, False]), "m")
    # A tokenizer whose decoder puts a space before every token, say.
    with pytest.raises(UnsupportedModelError, match="of 2 of 2 words, and 1 tokens within words alike"):
        marks_beginnings(text, ~none, "m")


def test_words_without_marks_need_no_correction() -> None:
    nats = TokenNats(np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.2, 0.3, 0.4]), np.array([8.0, 8.0, 8.0, 8.0]))
    corrected, plain, tokens = of_words(item(-1, 0, 0, 1), nats, None)
    assert (corrected.tolist(), plain.tolist(), tokens.tolist()) == ([3.0, 4.0], [3.0, 4.0], [2, 1])
    # The first word has no mark, the second has one.
    corrected, *_ = of_words(item(-1, 0, 0, 1), nats, np.array([False, False, False, True]))
    assert corrected.tolist() == pytest.approx([3.0 + 0.3 - 8.0, 4.0 + 0.4 - 0.3])
