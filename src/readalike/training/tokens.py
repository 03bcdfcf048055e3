"""The family's tokenizer, and documents and instructions as tokens."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from readalike.training.instructions import Item

VOCABULARY = 4096
START, END = 0, 1  # ids of <s> and </s>


def train_tokenizer(documents: Iterable[str], vocabulary: int = VOCABULARY) -> Any:
    """Byte-level BPE. Words and spaces are parted first, so that no token merges across a space.

    `<s>` stands first in every text, as in LLaMA; `</s>` ends an answer and is not added.
    """
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False
    )
    inner.train_from_iterator(documents, trainer)
    inner.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", START)])
    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=inner, bos_token="<s>", eos_token="</s>", pad_token="</s>")


def load_tokenizer(folder: Path) -> Any:
    return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)


def stream(tokenizer: Any, documents: Sequence[str]) -> NDArray[np.uint16]:
    """All documents one after another, each with its `<s>`: shape (tokens,)."""
    encoded = tokenizer(list(documents))["input_ids"]
    return np.concatenate([np.array(ids, dtype=np.uint16) for ids in encoded])


def instruction_row(
    tokenizer: Any, item: Item, answer: str | None = None, *, end: bool = True
) -> tuple[list[int], int]:
    """Tokens of prompt, new line and answer (the item's own, or another), and how many stand before the answer."""
    prompt = tokenizer(f"{item.prompt}\n")["input_ids"]
    own = tokenizer(item.answer if answer is None else answer, add_special_tokens=False)["input_ids"]
    return [*prompt, *own, *([END] if end else [])], len(prompt)
