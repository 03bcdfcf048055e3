"""One block of layers over all batches: attention, rollout and loss of every sentence in every condition."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from readalike.attention.batches import Item, batches, pad
from readalike.attention.blocks import Block
from readalike.attention.states import Carried
from readalike.attention.tap import Tap, tapping
from readalike.corpus import Corpus, FloatArray
from readalike.errors import NumericsError

# Logits held at once by the head: it runs on few sentences at a time, since tokens x vocabulary is large.
LOGITS = 3_000_000


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

    attention: NDArray[np.float32]  # (conditions, layers, heads, pairs)
    rollout: NDArray[np.float32] | None  # (conditions, layers, pairs)


class Pass:
    """A loaded block and what is to go through it."""

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
        words: Words | None = None
        after = Carried([torch.empty(0)] * len(self.items), [torch.empty(0)] * len(self.items) if rollout else [])
        plan = batches(self.items, token_budget)
        label = f"{self.model_name} layers {self.block.first}-{self.block.last}"
        for number, members in enumerate(tqdm(plan, desc=label, unit="batch", disable=not self.progress)):
            with shortage_is_out_of_memory():
                tap, states = self._batch(members, before, rollout=rollout, prove_causal=number == 0)
                # One transfer for all layers of the block: (layers, batch, heads, words, words).
                merged = torch.stack([tap.words[layer] for layer in sorted(tap.words)]).cpu().numpy()
                rolled = torch.stack([tap.rolled[layer] for layer in sorted(tap.rolled)]).cpu() if rollout else None
                states, matrices = states.cpu(), tap.rollout.cpu() if tap.rollout is not None else None
            if words is None:
                shape = (len(self.conditions), merged.shape[0], merged.shape[2], self.corpus.n_pairs)
                words = Words(
                    np.zeros(shape, dtype=np.float32),
                    np.zeros((*shape[:2], shape[3]), dtype=np.float32) if rollout else None,
                )
            for row, k in enumerate(members):
                item, length = self.items[k], len(self.items[k].tokens.ids)
                i, j = np.tril_indices(int(self.corpus.lengths[item.sentence]))
                values = merged[:, row][:, :, i, j]
                if not np.isfinite(values).all():
                    layer = self.block.first + int(np.argwhere(~np.isfinite(values))[0][0])
                    raise NumericsError(
                        f"{self.model_name}, condition {self.conditions[item.condition]}: attention of layer {layer} "
                        f"is not a number in {self.corpus.sentences[item.sentence].name}; use dtype: float32"
                    )
                pairs = self.corpus.pairs_of(item.sentence)
                words.attention[item.condition][:, :, pairs] = values
                after.states[k] = states[row].clone()
                if words.rollout is not None and rolled is not None and matrices is not None:
                    words.rollout[item.condition][:, pairs] = rolled[:, row].numpy()[:, i, j]
                    after.rollout[k] = matrices[row, :length, :length].clone()
        assert words is not None  # a corpus has sentences
        return words, after

    def _batch(
        self, members: Sequence[int], before: Carried | None, *, rollout: bool, prove_causal: bool
    ) -> tuple[Tap, torch.Tensor]:
        padded = pad([self.items[k] for k in members])
        ids, mask, membership = (torch.from_numpy(part).to(self.device) for part in padded)
        inject = None
        if before is not None:
            inject = _stacked([before.states[k] for k in members], ids.shape[1]).to(self.device)
        tap = Tap(membership, mask, prove_causal)
        if rollout:
            # Before the first layer every token stands for itself.
            tap.rollout = torch.eye(ids.shape[1], device=self.device).repeat(len(members), 1, 1)
            if before is not None:
                for row, k in enumerate(members):
                    n = len(before.rollout[k])
                    tap.rollout[row, :n, :n] = before.rollout[k].to(self.device)
        with torch.inference_mode(), tapping(tap):
            return tap, self.block.states(ids, mask, inject)

    def loss(self, final: Sequence[torch.Tensor]) -> tuple[FloatArray, NDArray[np.int64]]:
        """Nats and predicted tokens, each (conditions, sentences), from the last layer's states.

        A token is predicted when another stands before it; the prefix's own tokens are not counted. The layers are
        freed first. Raises OutOfMemory, and NumericsError naming model, condition and sentence.
        """
        with shortage_is_out_of_memory():
            self.block.to_head()
        nats = np.zeros((len(self.conditions), len(self.corpus.sentences)))
        counts = np.zeros(nats.shape, dtype=np.int64)
        vocabulary = int(self.block.model.config.get_text_config().vocab_size)
        for members in batches(self.items, max(1, LOGITS // vocabulary)):
            items = [self.items[k] for k in members]
            padded = pad(items)
            with torch.inference_mode(), shortage_is_out_of_memory():
                ids, mask = (torch.from_numpy(part).to(self.device) for part in padded[:2])
                own = [final[k][: len(self.items[k].tokens.ids)] for k in members]
                states = _stacked(own, ids.shape[1]).to(self.device)
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


def _stacked(states: Sequence[torch.Tensor], length: int) -> torch.Tensor:
    """(batch, length, hidden): cut, or zeros behind, where the batch is not the one that the states come from."""
    return torch.stack([nn.functional.pad(part[:length], (0, 0, 0, max(0, length - len(part)))) for part in states])
