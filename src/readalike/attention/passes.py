"""One block of layers over all batches: attention, rollout and loss of every sentence in every condition."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm
from transformers.cache_utils import Cache, DynamicCache

from readalike.attention.batches import Item, batches, pad
from readalike.attention.blocks import Block
from readalike.attention.prefixes import Prefixes, shared_prefixes
from readalike.attention.states import Carried
from readalike.attention.tap import Tap, tapping
from readalike.attention.words import Tokens
from readalike.corpus import Corpus, FloatArray
from readalike.errors import NumericsError, UnsupportedModelError
from readalike.files.attention import Float32Array

# Logits held at once by the head: it runs on few sentences at a time, since tokens x vocabulary is large.
LOGITS = 3_000_000

# By how much word-level attention behind a shared prefix may differ from that of the whole text, in any pair and head.
# Rounding over the 30 layers of SmolLM2 comes to 6e-6, 0.013 and 0.055; positions wrong by one to 0.22 or more.
SHARING_TOL = {torch.float32: 1e-3, torch.float16: 0.05, torch.bfloat16: 0.1}


class OutOfMemory(Exception):
    """The device or the host had no memory for a batch or for weights."""


@contextmanager
def shortage_is_out_of_memory() -> Iterator[None]:
    """Whichever way a lack of memory shows, raise OutOfMemory."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise OutOfMemory from None
    except RuntimeError as error:
        # The CPU's allocator raises no type of its own.
        if "can't allocate memory" in str(error):
            raise OutOfMemory from None
        raise


class Words(NamedTuple):
    """Word-level results of a block; `rollout` is None where it was not asked for."""

    attention: Float32Array  # (conditions, layers, heads, pairs)
    rollout: Float32Array | None  # (conditions, layers, pairs)


class Pass:
    """A loaded block and what is to go through it: `layers` is all of it, `prefixes` and `batch` the parts."""

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

    def layers(self, before: Carried | None, token_budget: int, *, rollout: bool) -> tuple[Words, Carried]:
        """Attention of every layer of the block, and the states that each item leaves.

        Raises OutOfMemory, NumericsError naming model, condition, layer and sentence, UnsupportedModelError.
        """
        with shortage_is_out_of_memory():
            prefixes, left = self.prefixes(before, token_budget)
        words = self.room(rollout=rollout)
        nothing = torch.empty(0)
        after = Carried(left, [nothing] * len(self.items), [nothing] * len(self.items) if rollout else [])
        proof = self.to_prove(range(len(self.items)))
        plan = batches(self.items, token_budget)
        label = f"{self.model_name} layers {self.block.first}-{self.block.last}"
        for number, members in enumerate(tqdm(plan, desc=label, unit="batch", disable=not self.progress)):
            with shortage_is_out_of_memory():
                self.batch(members, prefixes, before, words, after, prove_causal=number == 0)
                if proof is not None and proof in members:
                    self.prove_sharing(proof, before, words)
        return words, after

    def room(self, *, rollout: bool) -> Words:
        heads = self.block.model.config.get_text_config().num_attention_heads
        shape = (len(self.conditions), self.block.last - self.block.first + 1, heads, self.corpus.n_pairs)
        rolled = np.zeros((*shape[:2], shape[3]), dtype=np.float32) if rollout else None
        return Words(np.zeros(shape, dtype=np.float32), rolled)

    def to_prove(self, members: Iterable[int]) -> int | None:
        """The longest text that looks back at a shared prefix: the one that a window, if any, cuts off most."""
        shared = [k for k in members if self.items[k].shared]
        return max(shared, key=lambda k: len(self.items[k].tokens.ids), default=None)

    def prefixes(self, before: Carried | None, token_budget: int) -> tuple[Prefixes, dict[int, torch.Tensor]]:
        """Run what the texts of each condition share; returns what they look back at, and its states by condition."""
        shared = shared_prefixes(self.items)
        conditions, items = list(shared), list(shared.values())
        kept = Prefixes({condition: len(item.tokens.ids) for condition, item in shared.items()})
        left: dict[int, torch.Tensor] = {}
        for number, members in enumerate(batches(items, token_budget)):
            of = [conditions[row] for row in members]
            states = None if before is None else [before.prefixes[condition] for condition in of]
            cache = DynamicCache()
            _, found = self._through([items[row] for row in members], states, cache, None, prove_causal=number == 0)
            kept.keep(of, cache)
            left |= dict(zip(of, found.cpu().clone(), strict=True))
        return kept, left

    def batch(
        self,
        members: Sequence[int],
        prefixes: Prefixes,
        before: Carried | None,
        words: Words,
        after: Carried,
        *,
        prove_causal: bool,
    ) -> None:
        """Run one batch of items, and put what it leaves into `words` and `after`."""
        items = [self.items[k] for k in members]
        states = None if before is None else [before.states[k] for k in members]
        rolled = None
        if words.rollout is not None:
            # Before the first layer every token stands for itself.
            n_tokens = max(len(item.own.ids) for item in items)
            rolled = torch.eye(n_tokens, device=self.device).repeat(len(members), 1, 1)
            for row, k in enumerate(members if before is not None else []):
                matrix = before.rollout[k]  # type: ignore[union-attr]  # there is one
                rolled[row, : len(matrix), : len(matrix)] = matrix.to(self.device)
        cache = prefixes.of_batch(items, len(self.block.layers))
        tap, found = self._through(items, states, cache, rolled, prove_causal=prove_causal)
        # One transfer for all layers of the block: (layers, batch, heads, words, words).
        merged = torch.stack([tap.words[layer] for layer in sorted(tap.words)]).cpu().numpy()
        found = found.cpu()
        for row, (k, item) in enumerate(zip(members, items, strict=True)):
            pairs = self.corpus.pairs_of(item.sentence)
            values = words.attention[item.condition][:, :, pairs] = self._lower(merged[:, row], item)
            if not np.isfinite(values).all():
                layer = self.block.first + int(np.argwhere(~np.isfinite(values))[0][0])
                raise NumericsError(
                    f"{self.model_name}, condition {self.conditions[item.condition]}: attention of layer {layer} "
                    f"is not a number in {self.corpus.sentences[item.sentence].name}; use dtype: float32"
                )
            after.states[k] = found[row].clone()
        if words.rollout is not None and tap.rollout is not None:
            layers = torch.stack([tap.rolled[layer] for layer in sorted(tap.rolled)]).cpu().numpy()
            matrices = tap.rollout.cpu()
            for row, (k, item) in enumerate(zip(members, items, strict=True)):
                pairs, n_tokens = self.corpus.pairs_of(item.sentence), len(item.own.ids)
                words.rollout[item.condition][:, pairs] = self._lower(layers[:, row], item)
                after.rollout[k] = matrices[row, :n_tokens, :n_tokens].clone()

    def _lower(self, matrices: Float32Array, item: Item) -> Float32Array:
        """The item's pairs (..., pairs) of matrices (..., words, words)."""
        n = matrices.shape[-1]
        i, j = np.tril_indices(int(self.corpus.lengths[item.sentence]))
        lower: Float32Array = matrices.reshape(*matrices.shape[:-2], n * n).take(i * n + j, axis=-1)
        return lower

    def prove_sharing(self, k: int, before: Carried | None, words: Words) -> None:
        """Run the whole text of one item, and compare with what came out behind its shared prefix.

        Raises UnsupportedModelError where they differ by more than rounding does.
        """
        item = self.items[k]._replace(shared=0)
        states = None
        if before is not None:
            prefix = before.prefixes[item.condition][: self.items[k].shared]
            states = [torch.cat([prefix, before.states[k][: len(self.items[k].own.ids)]])]
        tap, _ = self._through([item], states, None, None, prove_causal=False)
        whole = torch.stack([tap.words[layer][0] for layer in sorted(tap.words)]).cpu().numpy()
        found = words.attention[item.condition][:, :, self.corpus.pairs_of(item.sentence)]
        difference = np.abs(self._lower(whole, item) - found).max(axis=(1, 2))
        if not difference.max() <= SHARING_TOL[self.block.dtype]:  # so that what is no number is caught
            raise UnsupportedModelError(
                f"{self.model_name}: in layer {self.block.first + int(difference.argmax())} attention behind a shared "
                f"prefix differs by {difference.max():.2g} from that of the whole text (condition "
                f"{self.conditions[item.condition]}, {self.corpus.sentences[item.sentence].name}), which is more than "
                f"rounding; set share_prefixes: false for this model"
            )

    def _through(
        self,
        items: Sequence[Item],
        states: Sequence[torch.Tensor] | None,
        cache: Cache | None,
        rollout: torch.Tensor | None,
        *,
        prove_causal: bool,
    ) -> tuple[Tap, torch.Tensor]:
        """One forward pass; states : those that the block before left, by item."""
        padded = pad(items)
        ids, mask, positions, membership = (torch.from_numpy(part).to(self.device) for part in padded)
        inject = None if states is None else _stacked(states, ids.shape[1]).to(self.device)
        tap = Tap(membership, mask[:, -ids.shape[1] :], prove_causal, rollout)
        with torch.inference_mode(), tapping(tap):
            return tap, self.block.states(ids, mask, inject, positions, cache)

    def loss(self, final: Carried) -> tuple[FloatArray, NDArray[np.int64]]:
        """Nats and predicted tokens, each (conditions, sentences), from the last layer's states.

        A token is predicted when another stands before it; the prefix's own tokens are not counted. The layers are
        freed first. Raises OutOfMemory, and NumericsError naming model, condition and sentence.
        """
        with shortage_is_out_of_memory():
            self.block.to_head()
        nats = np.zeros((len(self.conditions), len(self.corpus.sentences)))
        counts = np.zeros(nats.shape, dtype=np.int64)
        vocabulary = int(self.block.model.config.get_text_config().vocab_size)
        predicting = [_predicting(item) for item in self.items]
        for members in batches(predicting, max(1, LOGITS // vocabulary)):
            items = [predicting[k] for k in members]
            with torch.inference_mode(), shortage_is_out_of_memory():
                ids, mask = (torch.from_numpy(part).to(self.device) for part in pad(items)[:2])
                states = _stacked([self._final(k, final) for k in members], ids.shape[1]).to(self.device)
                logits = self.block.logits(ids, mask, states)[:, :-1].float()
                # logsumexp minus the target's logit: no second tensor of the size of the logits.
                target = torch.gather(logits, 2, ids[:, 1:, None]).squeeze(2)
                token_nats = (torch.logsumexp(logits, dim=2) - target).double().cpu().numpy()
            for row, item in enumerate(items):
                predicted = np.array(item.tokens.words[1:]) >= 0
                nats[item.condition, item.sentence] = token_nats[row, : len(predicted)][predicted].sum()
                counts[item.condition, item.sentence] = predicted.sum()
        if not np.isfinite(nats).all():
            condition, sentence = (int(k) for k in np.argwhere(~np.isfinite(nats))[0])
            raise NumericsError(
                f"{self.model_name}, condition {self.conditions[condition]}: the loss of "
                f"{self.corpus.sentences[sentence].name} is not a number; use dtype: float32"
            )
        return nats, counts

    def _final(self, k: int, final: Carried) -> torch.Tensor:
        """States of `_predicting`'s tokens."""
        item = self.items[k]
        own = final.states[k][: len(item.own.ids)]
        if item.shared == 0:
            return own
        return torch.cat([final.prefixes[item.condition][item.shared - 1 : item.shared], own])


def _predicting(item: Item) -> Item:
    """An item's own tokens behind the last shared one, which predicts the first of them."""
    start = max(item.shared - 1, 0)
    return Item(item.condition, item.sentence, Tokens(item.tokens.ids[start:], item.tokens.words[start:]))


def _stacked(states: Sequence[torch.Tensor], length: int) -> torch.Tensor:
    """(batch, length, hidden): cut, or zeros behind, where the batch is not the one that the states come from."""
    return torch.stack([nn.functional.pad(part[:length], (0, 0, 0, max(0, length - len(part)))) for part in states])
