"""One block of layers over all batches: attention and loss of every sentence in every condition."""

from collections.abc import Mapping, Sequence
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
from readalike.attention.whole_texts import ATTENTION_TOL, STATES_TOL, WholeTexts, relative, to_run_whole
from readalike.attention.words import Tokens
from readalike.corpus import Corpus, FloatArray
from readalike.errors import NumericsError, UnsupportedModelError
from readalike.files.attention import RAW, ROLLOUT, Float32Array
from readalike.weights.failures import shortage_is_out_of_memory

# Logits held at once by the head: it runs on few sentences at a time, since tokens x vocabulary is large.
LOGITS = 3_000_000


class Words(NamedTuple):
    """Word-level results of a block; `other` is another kind of attention, None where none was asked for."""

    attention: Float32Array  # (conditions, layers, heads, pairs)
    other: Float32Array | None  # the same; a rollout has one head


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

    def layers(self, before: Carried | None, token_budget: int, *, kind: str) -> tuple[Words, Carried]:
        """Attention of every layer of the block, and the states that each item leaves.

        Raises OutOfMemory, NumericsError naming model, condition, layer and sentence, UnsupportedModelError.
        """
        words = self.room(kind)
        nothing = torch.empty(0)
        after = Carried({}, [nothing] * len(self.items), [nothing] * len(self.items) if kind == ROLLOUT else [])
        plan = batches(self.items, token_budget)
        whole_texts = WholeTexts(to_run_whole(self.items, plan))
        with shortage_is_out_of_memory():
            prefixes = self.prefixes(before, token_budget, after, whole_texts)
        label = f"{self.model_name} layers {self.block.first}-{self.block.last}"
        # On a terminal; elsewhere a bar would be a line a batch.
        silent = None if self.progress else True
        for number, members in enumerate(tqdm(plan, desc=label, unit="batch", disable=silent)):
            with shortage_is_out_of_memory():
                self.batch(members, prefixes, before, words, after, whole_texts, kind=kind, check_causal=number == 0)
        with shortage_is_out_of_memory():
            self.check_sharing(whole_texts, token_budget, words, after)
        return words, after

    def room(self, kind: str) -> Words:
        heads = self.block.model.config.get_text_config().num_attention_heads
        shape = (len(self.conditions), self.block.last - self.block.first + 1, heads, self.corpus.n_pairs)
        other = None
        if kind != RAW:
            other = np.zeros((*shape[:2], 1 if kind == ROLLOUT else heads, shape[3]), dtype=np.float32)
        return Words(np.zeros(shape, dtype=np.float32), other)

    def prefixes(self, before: Carried | None, token_budget: int, after: Carried, whole_texts: WholeTexts) -> Prefixes:
        """Run what the texts of each condition share; returns what they look back at."""
        shared = shared_prefixes(self.items)
        conditions, items = list(shared), list(shared.values())
        kept = Prefixes({condition: len(item.tokens.ids) for condition, item in shared.items()})
        for number, members in enumerate(batches(items, token_budget)):
            of = [conditions[row] for row in members]
            states = None if before is None else [before.prefixes[condition] for condition in of]
            cache = DynamicCache()
            rows = range(len(of))
            _, left, entering = self._through(
                [items[row] for row in members], states, cache, watch=rows, check_causal=number == 0
            )
            kept.keep(of, cache)
            for row, condition in enumerate(of):
                after.prefixes[condition] = left[row].cpu().clone()
                whole_texts.of_prefixes[condition] = entering[:, row]
        return kept

    def batch(
        self,
        members: Sequence[int],
        prefixes: Prefixes,
        before: Carried | None,
        words: Words,
        after: Carried,
        whole_texts: WholeTexts,
        *,
        kind: str,
        check_causal: bool,
    ) -> None:
        """Run one batch of items, and put what it leaves into `words`, `after` and `whole_texts`."""
        items = [self.items[k] for k in members]
        states = None if before is None else [before.states[k] for k in members]
        rolled = self._rolled_before(members, before) if kind == ROLLOUT else None
        cache = prefixes.of_batch(items, len(self.block.layers))
        watch = [row for row, k in enumerate(members) if k in whole_texts.chosen]
        tap, found, entering = self._through(
            items, states, cache, rolled, kind=kind, watch=watch, check_causal=check_causal
        )
        whole_texts.of_items.update({members[row]: entering[:, at] for at, row in enumerate(watch)})
        # One transfer for all layers of the block: (layers, batch, heads, words, words).
        merged = torch.stack([tap.words[layer] for layer in sorted(tap.words)]).cpu().numpy()
        found = found.cpu()
        for row, (k, item) in enumerate(zip(members, items, strict=True)):
            pairs = self.corpus.pairs_of(item.sentence)
            values = words.attention[item.condition][:, :, pairs] = self._lower(merged[:, row], item)
            if not np.isfinite(values).all():
                layer = self.block.first + int(np.argwhere(~np.isfinite(values))[0][0])
                raise self._no_number(f"attention of layer {layer}", item)
            after.states[k] = found[row].clone()
            # What stands on padding may be anything.
            if not torch.isfinite(after.states[k][: len(item.own.ids)]).all():
                raise self._no_number(f"what leaves layer {self.block.last}", item)
        if words.other is not None:
            layers = torch.stack([tap.other[layer] for layer in sorted(tap.other)]).cpu().numpy()
            for row, item in enumerate(items):
                values = self._lower(layers[:, row], item)
                if not np.isfinite(values).all():
                    raise self._no_number(f"{kind} of layers {self.block.first} to {self.block.last}", item)
                words.other[item.condition][:, :, self.corpus.pairs_of(item.sentence)] = values
        if tap.rollout is not None:
            matrices = tap.rollout.cpu()
            for row, (k, item) in enumerate(zip(members, items, strict=True)):
                after.rollout[k] = matrices[row, : len(item.own.ids), : len(item.own.ids)].clone()

    def _no_number(self, what: str, item: Item) -> NumericsError:
        where = self.corpus.sentences[item.sentence].name
        return NumericsError(
            f"{self.model_name}, condition {self.conditions[item.condition]}: {what} is not a number in {where}; "
            + (
                "its weights are damaged, or its code does not fill its buffers"
                if self.block.dtype == torch.float32
                else "use dtype: float32"
            )
        )

    def _rolled_before(self, members: Sequence[int], before: Carried | None) -> torch.Tensor:
        """Rollout up to the block, (batch, tokens, tokens); before the first layer every token stands for itself."""
        n_tokens = max(len(self.items[k].own.ids) for k in members)
        rolled = torch.eye(n_tokens, device=self.device).repeat(len(members), 1, 1)
        if before is not None:
            for row, matrix in enumerate(before.rollout[k] for k in members):
                rolled[row, : len(matrix), : len(matrix)] = matrix.to(self.device)
        return rolled

    def _lower(self, matrices: Float32Array, item: Item) -> Float32Array:
        """The item's pairs (..., pairs) of matrices (..., words, words)."""
        n = matrices.shape[-1]
        i, j = np.tril_indices(int(self.corpus.lengths[item.sentence]))
        lower: Float32Array = matrices.reshape(*matrices.shape[:-2], n * n).take(i * n + j, axis=-1)
        return lower

    def check_sharing(self, whole_texts: WholeTexts, token_budget: int, words: Words, after: Carried) -> None:
        """Run whole texts, and compare with what came out behind shared prefixes: attention and states.

        In float32 they go through the block as any text does. Where rounding is coarser every layer gets the states
        that entered it before, and only attention is compared: experts choose, and a choice may tip. The model's first
        layer makes its own in any case, for positions may be part of them.
        Raises UnsupportedModelError where the two differ by more than rounding does.
        """
        first, last, exact = self.block.first, self.block.last, self.block.dtype == torch.float32
        injected = range(first, first + 1) if exact else range(first, last + 1)
        proven = sorted(whole_texts.chosen)
        whole = [self.items[k]._replace(shared=0) for k in proven]
        for members in batches(whole, token_budget):
            chosen, items = [proven[row] for row in members], [whole[row] for row in members]
            length = max(len(item.tokens.ids) for item in items)
            texts = [whole_texts.of_text(k, self.items[k]) for k in chosen]
            inject = {
                layer: stacked([text[layer - first] for text in texts], length) for layer in injected if layer > 0
            }
            tap, left, came = self._through(
                items, None, None, inject=inject, watch=range(len(items)), check_causal=False
            )
            merged = torch.stack([tap.words[layer] for layer in sorted(tap.words)]).cpu().numpy()
            for row, (k, item, text) in enumerate(zip(chosen, items, texts, strict=True)):
                found = words.attention[item.condition][:, :, self.corpus.pairs_of(item.sentence)]
                difference = np.abs(self._lower(merged[:, row], item) - found).max(axis=(1, 2))
                at, tolerance = int(difference.argmax()), ATTENTION_TOL[self.block.dtype]
                self._require(f"attention of layer {first + at}", item, difference[at], tolerance)
                if first == 0:
                    self._require("what enters layer 0", item, relative(came[0, row], text[0]), STATES_TOL)
                if exact:
                    final = relative(left[row].cpu(), after.of_text(k, self.items[k]))
                    self._require(f"what leaves layer {last}", item, final, STATES_TOL)

    def _require(self, what: str, item: Item, difference: float, tolerance: float) -> None:
        if np.isnan(difference):  # of a prefix, since those of texts are found before
            raise self._no_number(what, item)
        if difference > tolerance:
            raise UnsupportedModelError(
                f"{self.model_name}: {what} differs by {difference:.2g} behind a shared prefix from that of the whole "
                f"text (condition {self.conditions[item.condition]}, {self.corpus.sentences[item.sentence].name}), "
                f"more than rounding ({tolerance}); set share_prefixes: false for this model"
            )

    def _through(
        self,
        items: Sequence[Item],
        states: Sequence[torch.Tensor] | None,
        cache: Cache | None,
        rollout: torch.Tensor | None = None,
        *,
        kind: str = RAW,
        inject: Mapping[int, torch.Tensor] | None = None,
        watch: Sequence[int] = (),
        check_causal: bool,
    ) -> tuple[Tap, torch.Tensor, torch.Tensor]:
        """One forward pass; states : those that the block before left, by item.

        Returns what the tap found, the states after the block, and of rows `watch` what entered each layer: (layers,
        rows, tokens, hidden).
        """
        ids, mask, positions, membership = (torch.from_numpy(part).to(self.device) for part in pad(items))
        inject = dict(inject or {})
        if states is not None:
            inject[self.block.first] = stacked(states, ids.shape[1]).to(self.device)
        tap = Tap(membership, mask[:, -ids.shape[1] :], check_causal, kind, rollout)
        with torch.inference_mode(), tapping(tap):
            after, entering = self.block.states(ids, mask, inject, positions, cache, watch)
            seen = torch.stack([entering[layer] for layer in sorted(entering)]) if entering else after.new_empty(0)
        return tap, after, seen

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
                # Of prefixes only the last token's, which predicts the first of the sentence.
                own = [final.of_text(k, self.items[k])[-len(predicting[k].tokens.ids) :] for k in members]
                states = stacked(own, ids.shape[1]).to(self.device)
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
            raise self._no_number("the loss", Item(condition, sentence, Tokens((), ())))
        return nats, counts


def _predicting(item: Item) -> Item:
    """An item's own tokens behind the last shared one, which predicts the first of them."""
    start = max(item.shared - 1, 0)
    return Item(item.condition, item.sentence, Tokens(item.tokens.ids[start:], item.tokens.words[start:]))


def stacked(states: Sequence[torch.Tensor], length: int) -> torch.Tensor:
    """(batch, length, hidden): cut, or zeros behind, where the batch is not the one that the states come from."""
    return torch.stack([nn.functional.pad(part[:length], (0, 0, 0, max(0, length - len(part)))) for part in states])
