"""Extraction: all conditions of a corpus through one block of layers, merged to words, in one pass over its weights."""

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tokenizers
import torch
import transformers

from readalike.attention.batches import Item
from readalike.attention.blocks import Block
from readalike.attention.passes import Pass, Words
from readalike.attention.prefixes import share, shared_prefixes
from readalike.attention.probe import probe
from readalike.attention.states import Carried, read_states, read_token_budget, write_states
from readalike.attention.words import require_offsets, tokenise
from readalike.corpus import Corpus
from readalike.errors import ConfigurationError, ReadalikeError, UnsupportedModelError
from readalike.files.attention import RAW, ROLLOUT, ConditionResult
from readalike.weights.description import read_config, read_tokenizer
from readalike.weights.failures import OutOfMemory, shortage_is_out_of_memory
from readalike.weights.tensors import Checkpoint
from readalike.weights.unread import require_all_taken

log = logging.getLogger("readalike")

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Extraction:
    """What one job found: results by condition, and the attributes of its file."""

    conditions: dict[str, ConditionResult]
    attributes: dict[str, Any]


def extract_block(
    checkpoint: Checkpoint,
    corpus: Corpus,
    conditions: Mapping[str, str],
    *,
    model_name: str,
    first: int,
    last: int,
    layers: int,
    dtype: str,
    token_budget: int,
    threads: int,
    start_token: bool | None = None,
    share_prefixes: bool = True,
    kind: str = RAW,
    states_in: Path | None = None,
    states_out: Path | None = None,
    device: str | None = None,
    progress: bool = True,
) -> Extraction:
    """Word-level attention of layers `first` to `last` for every sentence in every condition.

    conditions : name -> prefix, joined to the sentence by one space. They share batches, so that the last bits of one
        depend on which others there are
    layers : of the whole model as configured; checked against the checkpoint
    token_budget : padded tokens a batch, shared prefixes not counted; halved, with a warning, where memory does not
        suffice: all batches are then done again, so that the budget recorded determines every bit
    threads : CPU threads, which determine the last bits
    share_prefixes : run what all texts of a condition begin with once; False: every text whole
    kind : of attention to extract beside the raw one: `rollout` (Abnar and Zuidema 2020) or `value-norms` (Kobayashi et
        al. 2020)
    states_in, states_out : what the block before left, and what is left for the block after
    device : `cuda` or `cpu`; default: CUDA where there is one. Layers that do not fit on it together go through it in
        parts, with a warning and the same results

    The last block gives the loss: nats summed over the predicted tokens of the sentence itself, and their number.
    Raises UnsupportedModelError, WordAlignmentError, NumericsError, FileFormatError, ConfigurationError.
    """
    set_arithmetic(threads)
    config = read_config(checkpoint)
    found = config.get_text_config().num_hidden_layers
    if found != layers:
        raise ConfigurationError(
            f"models.{model_name}.layers: {layers}, but {checkpoint.described_by} has {found}; correct it"
        )
    if (first > 0) != (states_in is not None):
        raise ConfigurationError(f"{model_name}: block {first} to {last} needs the states of the block before it")
    whole = probe(config, trust_remote_code=checkpoint.trust_remote_code)
    items, first_predicted = items_of(checkpoint, corpus, conditions, start_token, model_name)
    require_positions(config, items, corpus, list(conditions), model_name)
    if share_prefixes:
        items = share(items)
    shared = {condition: len(item.tokens.ids) for condition, item in shared_prefixes(items).items()}
    before = None
    if states_in is not None:
        before = read_states(states_in, items, list(conditions), corpus, layer=first - 1, rollout=kind == ROLLOUT)
        token_budget = read_token_budget(states_in)
    target = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def load(a: int, b: int) -> Pass:
        block = Block(checkpoint, config, a, b, DTYPES[dtype])
        # Afterwards, since what is missing, of another shape or quantised says more of what is wrong.
        require_all_taken(whole, checkpoint)
        block.to(target)
        return Pass(block, items, corpus, list(conditions), model_name, target, progress)

    longest = max(len(item.tokens.ids) for item in items)
    done = within_memory(load, before, first, last, token_budget, longest, model_name, kind)
    if states_out is not None:
        write_states(
            states_out, done.after, items, list(conditions), corpus, layer=last, token_budget=done.token_budget
        )
    results = {
        name: ConditionResult(
            done.words.attention[k],
            loss=None if done.loss is None else done.loss[0][k],
            tokens=None if done.loss is None else done.loss[1][k],
            other={} if done.words.other is None else {kind: done.words.other[k]},
        )
        for k, name in enumerate(conditions)
    }
    attributes = {
        "model": model_name,
        "layers": layers,
        "heads": done.words.attention.shape[2],
        "parameters": whole.num_parameters(),
        "dtype": dtype,
        "token_budget": done.token_budget,
        "threads": threads,
        "device": target.type,
        "first_token_predicted": first_predicted,
        "shared_prefix_tokens": {name: shared.get(k, 0) for k, name in enumerate(conditions)},
        "conditions": dict(conditions),
        "weights": _weights(checkpoint),
        "versions": {m.__name__: m.__version__ for m in (torch, transformers, tokenizers)},
    }
    return Extraction(results, attributes)


def _weights(checkpoint: Checkpoint) -> dict[str, int]:
    """What weights were read, by size; of those that were drawn the seed."""
    if checkpoint.untrained is not None:
        return {"drawn with seed": checkpoint.untrained}
    return {f"{path.parent.name}/{path.name}": path.stat().st_size for path in checkpoint.files()}


def set_arithmetic(threads: int) -> None:
    """Set what of torch determines the last bits: CPU threads, and float32 that is float32.

    An environment may have lowered it (NVIDIA's containers do), and float32 would be TF32 on a device.
    """
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision("highest")


def require_positions(
    config: Any, items: Sequence[Item], corpus: Corpus, conditions: Sequence[str], model_name: str
) -> None:
    """Raise UnsupportedModelError where a text has more tokens than the model has positions."""
    longest = max(items, key=lambda item: len(item.tokens.ids))
    tokens = len(longest.tokens.ids)
    for what, limit in limits_of_positions(config).items():
        if tokens > limit:
            raise UnsupportedModelError(
                f"{model_name}: {corpus.sentences[longest.sentence].name} has {tokens} tokens in condition "
                f"{conditions[longest.condition]}, the model {limit} {what}; shorten the prefix or the sentence, or "
                "use another model"
            )


def limits_of_positions(config: Any) -> dict[str, int]:
    """What a model has of positions, by name, where it has a limit.

    Positions, and those up to which `longrope` turns them one way: beyond, it turns those of a whole batch another.
    """
    text = config.get_text_config()
    rope = getattr(text, "rope_parameters", None) or {}
    limits = {"positions": getattr(text, "max_position_embeddings", None)}
    if rope.get("rope_type") == "longrope":
        limits["positions before longrope"] = rope.get("original_max_position_embeddings")
    return {what: int(limit) for what, limit in limits.items() if limit is not None}


class _Done(NamedTuple):
    words: Words
    after: Carried
    loss: tuple[np.ndarray, np.ndarray] | None  # nats and tokens, (conditions, sentences); only from the last layer
    token_budget: int


class _Shortage(NamedTuple):
    """Which layers ran out of memory, and whether already their weights did."""

    first: int
    last: int
    weights: bool


def within_memory(
    load: Callable[[int, int], Pass],
    before: Carried | None,
    first: int,
    last: int,
    token_budget: int,
    longest: int,
    model_name: str,
    kind: str,
) -> _Done:
    """All layers in as few parts as fit; a batch that does not fit halves the budget for all of them.

    Which parts there are changes no bit of the results; the budget does, and is returned. longest : tokens of the
    longest text. Raises ReadalikeError where one layer and one sentence do not fit.
    """
    parts, budget = [(first, last)], token_budget
    while True:
        found = _in_parts(load, before, parts, budget, kind)
        if isinstance(found, _Done):
            return found
        # Here, outside any handler, nothing holds on to the tensors of what failed.
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if not found.weights and budget > longest:
            budget //= 2
            log.warning("%s: out of memory; starting again with a token budget of %d", model_name, budget)
            continue
        if found.first == found.last:
            what = "its weights do not fit" if found.weights else "not even one sentence fits"
            raise ReadalikeError(
                f"{model_name}, layer {found.first}: {what} into memory; use a larger device or dtype: float16"
            )
        # Those as long as well, which would fail alike, each only after everything before it was done again.
        most = (found.last - found.first + 2) // 2
        parts = [piece for part in parts for piece in _halves(*part, most)]
        budget = token_budget
        log.warning(
            "%s: layers %d to %d do not fit into memory together; they go through it in parts of at most %d",
            model_name, found.first, found.last, most,
        )  # fmt: skip


def _halves(first: int, last: int, most: int) -> list[tuple[int, int]]:
    """Layers `first` to `last` whole where there are at most `most` of them, in two halves otherwise."""
    if last - first < most:
        return [(first, last)]
    middle = (first + last) // 2
    return [(first, middle), (middle + 1, last)]


def _in_parts(
    load: Callable[[int, int], Pass],
    before: Carried | None,
    parts: Sequence[tuple[int, int]],
    token_budget: int,
    kind: str,
) -> _Done | _Shortage:
    carried, words, loss = before, [], None
    for first, last in parts:
        loaded = False
        try:
            with shortage_is_out_of_memory():
                run = load(first, last)
            loaded = True
            found, carried = run.layers(carried, token_budget, kind=kind)
            if run.block.is_last:
                loss = run.loss(carried)
        except OutOfMemory:
            return _Shortage(first, last, weights=not loaded)
        words.append(found)
        if len(parts) > 1:
            # Hooks refer to their block, so that counting references does not free it.
            del run
            gc.collect()
    assert carried is not None  # there is at least one part
    if len(words) == 1:
        return _Done(words[0], carried, loss, token_budget)
    attention = np.concatenate([part.attention for part in words], axis=1)
    other = [part.other for part in words if part.other is not None]
    return _Done(Words(attention, np.concatenate(other, axis=1) if other else None), carried, loss, token_budget)


def items_of(
    checkpoint: Checkpoint, corpus: Corpus, conditions: Mapping[str, str], start_token: bool | None, model_name: str
) -> tuple[list[Item], bool]:
    """Every sentence in every condition, and whether something stands before the first token of a plain sentence."""
    tokenizer = read_tokenizer(checkpoint)
    require_offsets(tokenizer, model_name)
    items = [
        Item(c, s, tokenise(tokenizer, sentence, prefix, start_token))
        for c, prefix in enumerate(conditions.values())
        for s, sentence in enumerate(corpus.sentences)
    ]
    plain = tokenise(tokenizer, corpus.sentences[0], "", start_token)
    return items, plain.words[0] < 0
