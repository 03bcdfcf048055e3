"""A transformer with weights set by hand: it answers as the nearest demonstration of the same kind, or from a prior.

Texts begin with `warm` or `cold`, and the rest of a text tells nothing. Three layers of one head each: at the colon
behind `Label` the text's first word is copied from three tokens before; a label copies it from the colon; the last
token looks for the last label with its own text's first word, and says that label. With `prior` it says yes to warm
and no to cold, whatever is shown.
"""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

KINDS, LABELS = ("warm", "cold"), ("yes", "no")
POSITIONS = 128
MATCH = 200.0  # nats by which the right place is ahead of any other
STEP = 1.0  # nats by which a token is ahead of the one before it, where kinds match
# Where in half of a state what stands; the other half is its negative, so that the mean is zero.
AT = {"position": 0, "kind": POSITIONS, "label": POSITIONS + 2, "first word": POSITIONS + 4}
AT |= {"of the colon": POSITIONS + 6, "answer": POSITIONS + 8, "one": POSITIONS + 10}
HALF = POSITIONS + 11
HIDDEN = 2 * HALF
# Layer norm divides by sqrt(variance + this), which is nearly constant; its weight takes that back.
EPSILON = 1e8


def texts(count: int) -> list[tuple[str, str]]:
    """Texts with their labels, of each kind as many."""
    return [(f"{KINDS[k % 2]} w{k}", LABELS[k % 2]) for k in range(count)]


def _block(start: str, size: int, to: int, weight: float) -> torch.Tensor:
    """(HALF, HIDDEN) that reads `size` values from `start` of a state into places from `to`."""
    matrix = torch.zeros(HALF, HIDDEN)
    for k in range(size):
        matrix[AT[start] + k, to + k] = weight
    return matrix


def _attention(layer: torch.nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, to: str) -> None:
    """query, key, value : (HALF, HIDDEN); two values go to place `to` of the state."""
    halves = torch.cat([query, key, value], dim=1)
    layer.attn.c_attn.weight.data = torch.cat([halves, torch.zeros_like(halves)])
    out = torch.zeros(HIDDEN, HIDDEN)
    for k in range(2):
        out[k, AT[to] + k], out[k, HALF + AT[to] + k] = 1.0, -1.0
    layer.attn.c_proj.weight.data = out


def _back(steps: int, scale: float) -> torch.Tensor:
    """(HALF, HIDDEN) query of the position so many tokens before."""
    matrix = torch.zeros(HALF, HIDDEN)
    for p in range(steps, POSITIONS):
        matrix[AT["position"] + p, p - steps] = scale
    return matrix


def make_copying_checkpoint(folder: Path, *, prior: bool = False, count: int = 80) -> Path:
    words = ["<unk>", *["Text", "Label", "Input", "Output", ":"], *KINDS, *LABELS, *(f"w{k}" for k in range(count))]
    vocabulary = {word: k for k, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    config = GPT2Config(
        vocab_size=len(words), n_positions=POSITIONS, n_embd=HIDDEN, n_layer=3, n_head=1, n_inner=4,
        layer_norm_epsilon=EPSILON, tie_word_embeddings=False, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = GPT2LMHeadModel(config).eval()
    for name, tensor in model.named_parameters():
        tensor.data = torch.full_like(tensor, np.sqrt(EPSILON) if "ln" in name and name.endswith("weight") else 0.0)
    half = torch.zeros(len(words), HALF)
    for name, pair in (("kind", KINDS), ("label", LABELS)):
        for k, word in enumerate(pair):
            half[vocabulary[word], AT[name] + k] = 1
    half[:, AT["one"]] = 1
    model.transformer.wte.weight.data = torch.cat([half, -half], dim=1)
    places = torch.zeros(POSITIONS, HALF)
    places[:, :POSITIONS] = torch.eye(POSITIONS)
    model.transformer.wpe.weight.data = torch.cat([places, -places], dim=1)
    scale = float(np.sqrt(MATCH * np.sqrt(HIDDEN)))
    here = _back(0, scale)
    first, second, third = model.transformer.h
    _attention(first, _back(3, scale), here, _block("kind", 2, 0, 1.0), "first word")
    _attention(second, _back(1, scale), here, _block("first word", 2, 0, 1.0), "of the colon")
    query, key = _block("first word", 2, 0, scale), _block("of the colon", 2, 0, scale)
    query[AT["one"], 2] = 1.0
    key[:POSITIONS, 2] = torch.arange(POSITIONS) * STEP * np.sqrt(HIDDEN)
    _attention(third, query, key, _block("label", 2, 0, 1.0), "answer")
    for k, label in enumerate(LABELS):
        model.lm_head.weight.data[vocabulary[label], AT["first word" if prior else "answer"] + k] = 10.0
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>").save_pretrained(folder)
    return folder
