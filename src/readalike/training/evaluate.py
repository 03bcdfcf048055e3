"""What is said of a bundled model: loss, instructions followed, the head that looks at the previous word, samples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import LlamaForCausalLM

from readalike.attention.extract import extract_block
from readalike.corpus import Corpus, FloatArray
from readalike.training.instructions import Item
from readalike.training.loop import pad_right, token_nats
from readalike.training.tokens import END, START, instruction_row
from readalike.weights.tensors import Checkpoint


class Head(NamedTuple):
    """A head and its mean attention from a word to the word before."""

    attention: float
    layer: int
    head: int


def chosen_options(model: LlamaForCausalLM, tokenizer: Any, items: Sequence[Item]) -> list[int]:
    """For each item the option with the lowest mean nats per token after the prompt (0: the right one).

    `</s>` is not counted: a base model never met it.
    """
    rows = [instruction_row(tokenizer, item, option, end=False) for item in items for option in item.options]
    length = max(len(ids) for ids, _ in rows)
    means = iter([nats.mean() for nats in token_nats(model, *pad_right(rows, length, START))])
    return [int(np.argmin([next(means) for _ in item.options])) for item in items]


def accuracy(model: LlamaForCausalLM, tokenizer: Any, items: Sequence[Item]) -> float:
    """Percent of items whose right option is chosen; 25 by chance."""
    return 100 * float(np.mean([k == 0 for k in chosen_options(model, tokenizer, items)]))


def previous_word_attention(attention: FloatArray, corpus: Corpus) -> FloatArray:
    """Mean attention from each word but a sentence's first to the word before it: (layers, heads) from (..., pairs)."""
    means: FloatArray = attention[..., corpus.pairs.from_word - corpus.pairs.to_word == 1].mean(axis=-1)
    return means


def previous_word_head(folder: Path, corpus: Corpus, layers: int) -> Head:
    """The head of a saved model that gives the previous word the most, as this project extracts it (float32)."""
    found = extract_block(
        Checkpoint(folder), corpus, {"plain": ""}, model_name=folder.name, first=0, last=layers - 1, layers=layers,
        dtype="float32", token_budget=512, threads=1, device="cpu", progress=False,
    )  # fmt: skip
    means = previous_word_attention(found.conditions["plain"].attention.astype(np.float64), corpus)
    layer, head = np.unravel_index(means.argmax(), means.shape)
    return Head(float(means[layer, head]), int(layer), int(head))


def continuations(model: Any, tokenizer: Any, prompts: Sequence[str], *, tokens: int, seed: int) -> list[str]:
    """What the model writes after each prompt: sampled at temperature 0.7 from the 40 likeliest tokens."""
    result = []
    for prompt in prompts:
        torch.manual_seed(seed)
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            out = model.generate(
                ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=0.7, top_k=40,
                max_new_tokens=tokens, pad_token_id=END, eos_token_id=[START, END],
            )  # fmt: skip
        result.append(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip())
    return result
