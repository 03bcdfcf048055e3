"""Extraction: all conditions of a corpus through one block of layers, merged to words, in one pass over its weights."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
import transformers
from tqdm import tqdm
from transformers import AutoTokenizer

from readalike.attention.batches import Item, batches, pad
from readalike.attention.blocks import Block, probe, read_config, weight_files
from readalike.attention.states import read_states, read_token_budget, write_states
from readalike.attention.tap import Tap, tapping
from readalike.attention.words import require_offsets, tokenise
from readalike.corpus import Corpus
from readalike.errors import ConfigurationError, NumericsError, ReadalikeError
from readalike.files.attention import ConditionResult

log = logging.getLogger("readalike")

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Logits held at once by the head: it runs on few sentences at a time, since tokens x vocabulary is large.
LOGITS = 8_000_000


@dataclass(frozen=True)
class Extraction:
    """What one job found: results by condition, and the attributes of its file."""

    conditions: dict[str, ConditionResult]
    attributes: dict[str, Any]


class _OutOfMemory(Exception):
    """The device or the host had no memory for a batch."""


def extract_block(
    weights: Path,
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
    states_in: Path | None = None,
    states_out: Path | None = None,
    device: str | None = None,
    progress: bool = True,
) -> Extraction:
    """Word-level attention of layers `first` to `last` for every sentence in every condition.

    weights : local folder with config.json, tokenizer.json, safetensors
    conditions : name -> prefix, joined to the sentence by one space
    layers : of the whole model as configured; checked against the folder
    token_budget : padded tokens a batch; halved, with a warning, where memory does not suffice: all batches are then
        done again, so that the budget recorded determines every bit
    threads : CPU threads, which determine the last bits
    states_in, states_out : hidden states of the block before, and those left for the block after
    device : `cuda` or `cpu`; default: CUDA where there is one

    The last block gives the loss: nats summed over the predicted tokens of the sentence itself, and their number.
    Raises UnsupportedModelError, WordAlignmentError, NumericsError, FileFormatError, ConfigurationError.
    """
    torch.set_num_threads(threads)
    config = read_config(weights)
    found = config.get_text_config().num_hidden_layers
    if found != layers:
        raise ConfigurationError(f"models.{model_name}.layers: {layers}, but {weights} has {found}; correct it")
    if (first > 0) != (states_in is not None):
        raise ConfigurationError(f"{model_name}: block {first} to {last} needs the states of the block before it")
    whole = probe(config)
    items, first_predicted = _items(weights, corpus, conditions, start_token, model_name)
    block = Block(weights, config, first, last, DTYPES[dtype])
    target = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    block.to(target)
    lengths = [len(item.tokens.ids) for item in items]
    before = None
    if states_in is not None:
        before = read_states(states_in, lengths, corpus, layer=first - 1)
        token_budget = read_token_budget(states_in)

    run = _Run(block, items, corpus, list(conditions), model_name, target, progress)
    while True:
        try:
            attention, after = run.layers(before, token_budget)
            break
        except _OutOfMemory:
            # Outside the handler nothing holds on to the batch's tensors any more.
            pass
        if token_budget <= max(lengths):
            raise ReadalikeError(f"{model_name}: not even one sentence fits into memory; use smaller layers_per_job")
        token_budget //= 2
        if target.type == "cuda":
            torch.cuda.empty_cache()
        log.warning("%s: out of memory; starting again with a token budget of %d", model_name, token_budget)
    if states_out is not None:
        write_states(states_out, after, corpus, layer=last, token_budget=token_budget)
    loss, tokens = run.loss(after) if block.is_last else (None, None)
    results = {
        name: ConditionResult(attention[k], None if loss is None else loss[k], None if tokens is None else tokens[k])
        for k, name in enumerate(conditions)
    }
    attributes = {
        "model": model_name,
        "layers": layers,
        "heads": attention.shape[2],
        "parameters": whole.num_parameters(),
        "dtype": dtype,
        "token_budget": token_budget,
        "threads": threads,
        "device": target.type,
        "first_token_predicted": first_predicted,
        "conditions": dict(conditions),
        "weights": {path.name: path.stat().st_size for path in weight_files(weights)},
        "versions": {m.__name__: m.__version__ for m in (torch, transformers, tokenizers)},
    }
    return Extraction(results, attributes)


def _items(
    weights: Path, corpus: Corpus, conditions: Mapping[str, str], start_token: bool | None, model_name: str
) -> tuple[list[Item], bool]:
    """Every sentence in every condition, and whether something stands before the first token of a plain sentence."""
    tokenizer = AutoTokenizer.from_pretrained(weights, local_files_only=True)
    require_offsets(tokenizer, model_name)
    items = [
        Item(c, s, tokenise(tokenizer, sentence, prefix, start_token))
        for c, prefix in enumerate(conditions.values())
        for s, sentence in enumerate(corpus.sentences)
    ]
    plain = list(conditions.values()).index("")
    first = next(item for item in items if item.condition == plain)
    return items, first.tokens.words[0] < 0


class _Run:
    """One block over all batches."""

    def __init__(
        self,
        block: Block,
        items: Sequence[Item],
        corpus: Corpus,
        conditions: Sequence[str],
        model_name: str,
        device: torch.device,
        progress: bool,
    ) -> None:
        self.block, self.items, self.corpus, self.conditions = block, items, corpus, conditions
        self.model_name, self.device, self.progress = model_name, device, progress

    def layers(self, before: Sequence[torch.Tensor] | None, token_budget: int) -> tuple[np.ndarray, list[torch.Tensor]]:
        """Attention (conditions, layers, heads, pairs) and the states that each item leaves."""
        result: np.ndarray | None = None
        after: list[torch.Tensor] = [torch.empty(0)] * len(self.items)
        plan = batches(self.items, token_budget)
        label = f"{self.model_name} layers {self.block.first}-{self.block.last}"
        bar = tqdm(plan, desc=label, unit="batch", disable=not self.progress, mininterval=1)
        for number, members in enumerate(bar):
            words, states = self._batch(members, before, prove_causal=number == 0)
            if result is None:
                # (layers, batch, heads, words, words) tells how many heads there are.
                shape = (len(self.conditions), words.shape[0], words.shape[2], self.corpus.n_pairs)
                result = np.zeros(shape, dtype=np.float32)
            for row, k in enumerate(members):
                item = self.items[k]
                n = int(self.corpus.lengths[item.sentence])
                i, j = np.tril_indices(n)
                values = words[:, row][:, :, i, j]
                if not np.isfinite(values).all():
                    layer = self.block.first + int(np.argwhere(~np.isfinite(values))[0][0])
                    raise NumericsError(
                        f"{self.model_name}, condition {self.conditions[item.condition]}: attention of layer {layer} "
                        f"is not a number in {self.corpus.sentences[item.sentence].name}; use dtype: float32"
                    )
                result[item.condition][:, :, self.corpus.pairs_of(item.sentence)] = values
                after[k] = states[row, : len(item.tokens.ids)].clone()
        assert result is not None  # a corpus has sentences
        return result, after

    def _batch(
        self, members: Sequence[int], before: Sequence[torch.Tensor] | None, *, prove_causal: bool
    ) -> tuple[np.ndarray, torch.Tensor]:
        padded = pad([self.items[k] for k in members])
        try:
            ids, mask, membership = (torch.from_numpy(part).to(self.device) for part in padded)
            inject = None
            if before is not None:
                inject = torch.nn.utils.rnn.pad_sequence([before[k] for k in members], batch_first=True)
                inject = inject.to(self.device)
            with torch.inference_mode(), tapping(Tap(membership, mask, prove_causal)) as tap:
                states = self.block.states(ids, mask, inject)
            # One transfer for all layers of the block.
            words = torch.stack([tap.words[layer] for layer in sorted(tap.words)]).cpu().numpy()
            return words, states.cpu()
        except torch.OutOfMemoryError:
            raise _OutOfMemory from None
        except RuntimeError as error:
            # The CPU's allocator raises no type of its own.
            if "can't allocate memory" in str(error):
                raise _OutOfMemory from None
            raise

    def loss(self, final: Sequence[torch.Tensor]) -> tuple[np.ndarray, np.ndarray]:
        """Nats and predicted tokens, each (conditions, sentences), from the last layer's states.

        A token is predicted when another stands before it; the prefix's own tokens are not counted.
        """
        self.block.drop_layers()
        nats = np.zeros((len(self.conditions), len(self.corpus.sentences)))
        counts = np.zeros(nats.shape, dtype=np.int64)
        vocabulary = int(self.block.model.config.get_text_config().vocab_size)
        for members in batches(self.items, max(1, LOGITS // vocabulary)):
            items = [self.items[k] for k in members]
            padded = pad(items)
            ids, mask = (torch.from_numpy(part).to(self.device) for part in padded[:2])
            states = torch.nn.utils.rnn.pad_sequence([final[k] for k in members], batch_first=True)
            with torch.inference_mode():
                logits = self.block.logits(ids, mask, states.to(self.device))[:, :-1].float()
                # logsumexp minus the target's logit: no second tensor of the size of the logits.
                target = torch.gather(logits, 2, ids[:, 1:, None]).squeeze(2)
                token_nats = (torch.logsumexp(logits, dim=2) - target).double().cpu().numpy()
            for row, item in enumerate(items):
                own = np.array(item.tokens.words[1:]) >= 0
                nats[item.condition, item.sentence] = token_nats[row, : len(own)][own].sum()
                counts[item.condition, item.sentence] = own.sum()
        if not np.isfinite(nats).all():
            condition, sentence = (int(k) for k in np.argwhere(~np.isfinite(nats))[0])
            raise NumericsError(
                f"{self.model_name}, condition {self.conditions[condition]}: the loss of "
                f"{self.corpus.sentences[sentence].name} is not a number; use dtype: float32"
            )
        return nats, counts
