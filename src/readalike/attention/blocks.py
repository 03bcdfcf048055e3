"""Part of a model: a block of consecutive layers, with the weights of that block only.

Every layer keeps its index (masks, scales and windows depend on it); the others are stubs that hand on what they get.
A block that does not start at layer 0 gets the hidden states of the block before through a hook on its first layer.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel
from transformers.cache_utils import Cache
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import convert_and_load_state_dict_in_model
from transformers.modeling_utils import LoadStateDictConfig

from readalike.attention.probe import WORKING, empty_model, layer_list
from readalike.attention.tap import Tap, tapping
from readalike.attention.untrained import draw
from readalike.errors import FileFormatError, UnsupportedModelError
from readalike.weights.failures import OutOfMemory, explained, says_shortage
from readalike.weights.tensors import Checkpoint


class _Stop(Exception):
    """Ends a forward pass after the block's last layer."""


class _Stub(nn.Module):
    """Stands for a layer of another block."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        if hasattr(layer, "attention_type"):
            self.attention_type = layer.attention_type

    def forward(self, hidden_states: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return hidden_states


class _NoHead(nn.Identity):
    """Stands for the head; BERT's kin ask for its bias."""

    bias = None


class _NoEmbedding(nn.Module):
    """Stands for the embedding where hidden states are injected later; what it gives must not matter."""

    weight: torch.Tensor
    given = 0.0

    def __init__(self, size: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.size = size
        # Some models ask their embedding for its device and dtype.
        self.register_buffer("weight", torch.zeros(0, size, dtype=dtype), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.weight.new_full((*ids.shape, self.size), self.given)


class Block:
    """Layers `first` to `last` of a checkpoint, loaded.

    `states()` runs a batch through the block; `logits()`, after `to_head()`, runs the head on final states.
    """

    def __init__(self, checkpoint: Checkpoint, config: Any, first: int, last: int, dtype: torch.dtype) -> None:
        self.first, self.last = first, last
        self._checkpoint, self.dtype = checkpoint, dtype
        self.device = torch.device("cpu")
        self.model = empty_model(config, dtype, trust_remote_code=checkpoint.trust_remote_code)
        self.layers = layer_list(self.model, config.get_text_config().num_hidden_layers)
        self.is_last = last == len(self.layers) - 1
        for k in range(len(self.layers)):
            if not first <= k <= last:
                self.layers[k] = _Stub(self.layers[k])
        # Where they are tied, a checkpoint may have either: the first block and the last ask for both.
        both = _tied(self.model) and (first == 0 or self.is_last)
        self._head: nn.Module | None = None
        if not both:
            if first > 0:
                self._drop_embedding()
            # A head of its own is as large as layers are, and is read when these are gone.
            self._head = self.model.get_output_embeddings() if self.is_last else None
            self.model.set_output_embeddings(_NoHead())
        with self._explained():
            _load(self.model, checkpoint, dtype)
        if not self.is_last:
            self.model.set_output_embeddings(_NoHead())
        self.model.eval()
        self._inject: Mapping[int, torch.Tensor] = {}
        self._watch: Sequence[int] = ()
        self._entering: dict[int, torch.Tensor] = {}
        self._captured: torch.Tensor | None = None
        self._hooks = [self._hook_before(layer) for layer in range(first, last + 1)]
        self._hooks.append(self.layers[last].register_forward_hook(self._after))
        self._require_embedding_unused()

    def _explained(self) -> AbstractContextManager[None]:
        whole = self.first == 0 and self.is_last
        advice = WORKING if whole else "leave layers_per_job out, so that all layers run together"
        what = f"{type(self.model).__name__}: its layers {self.first} to {self.last} cannot be run"
        return explained(UnsupportedModelError, what, advice)

    def _require_embedding_unused(self) -> None:
        """Some models hand the embedding to every layer, past the states that are injected."""
        embedding = self.model.get_input_embeddings()
        if not isinstance(embedding, _NoEmbedding):
            return
        ids = torch.zeros((1, 4), dtype=torch.long)
        mask, membership = torch.ones_like(ids), torch.eye(4)[None]

        def passed(inject: Mapping[int, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
            """What enters the first layer of the block, and all that comes of it."""
            tap = Tap(membership, mask)
            with torch.inference_mode(), tapping(tap):
                after, entering = self.states(ids, mask, inject, watch=[0])
            every = [after, *tap.words.values()]
            return entering[self.first], torch.cat([part.float().flatten() for part in every])

        like, _ = passed({})  # wider than the embedding in some models (OPT 350M)
        states = {self.first: torch.randn(like.shape, generator=torch.Generator().manual_seed(0)).to(like)}
        found = []
        for embedding.given in (1.0, 0.0):
            found.append(passed(states)[1])
        # Damaged weights, which give no numbers, are found later.
        if not torch.equal(found[0].nan_to_num(), found[1].nan_to_num()):
            raise UnsupportedModelError(
                f"{type(self.model).__name__}: its layers {self.first} to {self.last} need the embedding beside what "
                "the layer before leaves; leave layers_per_job out, so that all layers run together"
            )

    def _hook_before(self, layer: int) -> RemovableHandle:
        """What comes to a layer: replaced where something is injected, and kept, where watched, as it was left."""

        def before(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            given: torch.Tensor = args[0] if args else kwargs["hidden_states"]
            states = self._inject.get(layer, given)
            if self._watch:
                self._entering[layer] = (states if layer == self.first else given)[self._watch]
            return ((states, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": states})

        return self.layers[layer].register_forward_pre_hook(before, with_kwargs=True)

    def _after(self, _: nn.Module, __: Any, output: Any) -> None:
        self._captured = output[0] if isinstance(output, tuple) else output
        raise _Stop

    def to(self, device: torch.device) -> None:
        self.device = device
        self.model.to(device)

    def states(
        self,
        ids: torch.Tensor,
        mask: torch.Tensor,
        inject: Mapping[int, torch.Tensor],
        positions: torch.Tensor | None = None,
        cache: Cache | None = None,
        watch: Sequence[int] = (),
    ) -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
        """Hidden states after the block, (batch, tokens, hidden), and by layer those of rows `watch` that came to it.

        mask : (batch, tokens in the cache + tokens)
        inject : layer -> states that enter it; for the first layer of the block those that the block before left
        positions, cache : places in the whole text, and what the tokens look back at; None: the ids are all there is
        """
        self._inject, self._watch, self._entering = inject, list(watch), {}
        behind = {} if cache is None else {"past_key_values": cache, "position_ids": positions}
        with self._explained():
            try:
                # use_cache: false does not forbid a cache, it makes none.
                self.model.base_model(input_ids=ids, attention_mask=mask, use_cache=False, **behind)
            except _Stop:
                pass
            except TypeError as error:
                if cache is None:
                    raise
                raise UnsupportedModelError(
                    f"{type(self.model).__name__} cannot look back at a shared prefix ({error}); set share_prefixes: "
                    "false"
                ) from error
        captured, entering = self._captured, self._entering
        self._captured, self._entering, self._watch, self._inject = None, {}, (), {}
        if captured is None:
            raise UnsupportedModelError(f"{type(self.model).__name__} did not run its layer {self.last}; {WORKING}")
        return captured, entering

    def _drop_embedding(self) -> None:
        embedding = self.model.get_input_embeddings()
        self.model.set_input_embeddings(_NoEmbedding(embedding.weight.shape[1], self.dtype))

    def to_head(self) -> None:
        """Free the block's layers, and read the head where it is a matrix of its own: what `logits` needs."""
        for hook in self._hooks:
            hook.remove()
        for k in range(self.first, self.last + 1):
            self.layers[k] = _Stub(self.layers[k])
        self._hook_before(self.last)
        if self._head is not None:
            # What follows the layers is small, and read again with it.
            self._drop_embedding()
            self.model.set_output_embeddings(self._head)
            self._head = None
            with self._explained():
                _load(self.model, self._checkpoint, self.dtype)
            self.model.to(self.device)

    def logits(self, ids: torch.Tensor, mask: torch.Tensor, final: torch.Tensor) -> torch.Tensor:
        """Logits (batch, tokens, vocabulary) from the last layer's states: norm, head and caps as the model does."""
        self._inject = {self.last: final}
        with self._explained(), tapping(Tap()):
            result: torch.Tensor = self.model(input_ids=ids, attention_mask=mask, use_cache=False).logits
        self._inject = {}
        return result


def _tied(model: Any) -> bool:
    """Whether head and embedding are one matrix, as far as the configuration says."""
    head = model.get_output_embeddings()
    name = next((f"{name}.weight" for name, module in model.named_modules() if module is head), None)
    return name in {*model.all_tied_weights_keys, *model.all_tied_weights_keys.values()}


def _fill_buffers(module: Any, model: Any) -> None:
    """Make the buffers that no checkpoint holds, as the nearest model around each module does.

    What it does not fill stays without numbers, which is found where it is used: from_pretrained leaves memory as it
    was there, and results that differ from run to run.
    """
    model = module if isinstance(module, PreTrainedModel) else model
    empty = [name for name in module._non_persistent_buffers_set if module._buffers[name].is_meta]
    for name in empty:
        like = module._buffers[name]
        module._buffers[name] = torch.full_like(like, torch.nan if like.is_floating_point() else 0, device="cpu")
    if empty:
        # Before any weight is loaded: for some modules it draws the weights anew as well.
        model._init_weights(module)
    for child in module.children():
        _fill_buffers(child, model)


def _load(model: Any, checkpoint: Checkpoint, dtype: torch.dtype) -> None:
    """Fill what the stubbed model still has, as from_pretrained would; no more is read, untrained nothing.

    Raises FileFormatError for tensors that are missing, of another shape, or quantised.
    """
    _fill_buffers(model, model)
    if checkpoint.untrained is not None:
        draw(model, checkpoint.untrained)
        return
    whole = {name.rpartition(".")[2] for name, buffer in model.named_buffers() if not buffer.is_floating_point()}
    quantised: dict[str, torch.dtype] = {}

    def seen(name: str, tensor: torch.Tensor) -> None:
        plain = tensor.dtype == torch.bool or (tensor.is_floating_point() and tensor.itemsize > 1)
        if not plain and name.rpartition(".")[2] not in whole:
            quantised[name] = tensor.dtype  # raised here, in a thread of the loader's, it might be lost

    mapping: Any = get_model_conversion_mapping(model)
    # Some modules stay in float32 whatever the dtype.
    loading = LoadStateDictConfig(weight_mapping=mapping, dtype=dtype, dtype_plan=model._get_dtype_plan(dtype))
    found, _ = convert_and_load_state_dict_in_model(model, checkpoint.tensors(seen), loading)
    for name, text in sorted(found.conversion_errors.items()):  # which the loader keeps to itself
        if says_shortage(text):
            raise OutOfMemory
        said = "; ".join(text.strip().splitlines()[-2:])  # before them a traceback
        raise FileFormatError(f"{checkpoint.described_by}: {name} cannot be made of what is stored: {said}")
    where = f"{checkpoint.folder}" + (f" with {checkpoint.delta}" if checkpoint.delta else "")
    for name, kind in quantised.items():
        raise FileFormatError(
            f"{where}: {name} is {kind}: quantised, and no plain number; dequantise and save it again"
        )
    for name, has, needs in sorted(found.mismatched_keys):
        raise FileFormatError(
            f"{where}: {name} has shape {tuple(has)}, config.json asks for {tuple(needs)}; are they of one model?"
        )
    parameters = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    model.all_tied_weights_keys = {a: b for a, b in model.all_tied_weights_keys.items() if {a, b} <= parameters}
    # Which of the two is there decides, and two that differ stay apart.
    model.tie_weights(missing_keys=found.missing_keys, recompute_mapping=False)
    missing = [name for name, tensor in (*model.named_parameters(), *model.named_buffers()) if tensor.is_meta]
    if missing:
        raise FileFormatError(
            f"{checkpoint.folder}: the checkpoint has no tensor for {missing[0]} ({len(missing)} are missing)"
            + (f", or its delta in {checkpoint.delta} has none" if checkpoint.delta else "; is it complete?")
        )
