"""Part of a model: a block of consecutive layers, with the weights of that block only.

Every layer keeps its index (masks, scales and windows depend on it); the others are stubs that hand on what they get.
A block that does not start at layer 0 gets the hidden states of the block before through a hook on its first layer.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.cache_utils import Cache
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import convert_and_load_state_dict_in_model
from transformers.modeling_utils import LoadStateDictConfig

from readalike.attention.tap import NAME, Tap, tapping
from readalike.errors import FileFormatError, UnsupportedModelError
from readalike.weights.tensors import Checkpoint

WORKING = "models in the manner of LLaMA, Mistral, Qwen, Gemma, GPT-2, GPT-NeoX, OPT, Phi, OLMo or Mixtral work"


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


class _NoEmbedding(nn.Module):
    """Stands for the embedding where hidden states are injected later: zeros that take no memory."""

    weight: torch.Tensor

    def __init__(self, size: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.size = size
        # Some models ask their embedding for its device and dtype.
        self.register_buffer("weight", torch.zeros(0, size, dtype=dtype), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.weight.new_zeros(1).expand(*ids.shape, self.size)


def read_config(checkpoint: Checkpoint) -> Any:
    """Raises FileFormatError where the folder holds no model that transformers knows, or code that is not trusted."""
    folder, trust = checkpoint.described_by, checkpoint.trust_remote_code
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=trust)
    except (OSError, ValueError, KeyError) as error:
        if "trust_remote_code" in str(error):
            raise FileFormatError(
                f"{folder}: this model runs Python code of its own; read it, and set trust_remote_code: true for the "
                "model if you trust it"
            ) from None
        raise FileFormatError(f"{folder}: not a model that transformers can load: {error}") from None


def empty_model(config: Any, dtype: torch.dtype, *, trust_remote_code: bool = False) -> Any:
    """The model on the meta device, with the tap as its attention. The configuration given is left as it is."""
    try:
        with torch.device("meta"):
            auto: Any = AutoModelForCausalLM
            return auto.from_config(
                copy.deepcopy(config),  # from_config writes into it
                dtype=dtype,
                attn_implementation=NAME,
                trust_remote_code=trust_remote_code,
            )
    except (KeyError, ValueError) as error:
        raise UnsupportedModelError(
            f"{config.model_type}: its attention cannot be tapped ({type(error).__name__}: {error}); {WORKING}"
        ) from None


def probe(config: Any, *, trust_remote_code: bool = False) -> Any:
    """Prove, before any weight is read, that every layer's attention passes the tap exactly once.

    Flags of the classes are not reliable, counting is. Returns the empty model. Raises UnsupportedModelError.
    """
    # bfloat16: experts in float32 cannot run on the meta device.
    model = empty_model(config, torch.bfloat16, trust_remote_code=trust_remote_code)
    tap = Tap()
    ids = torch.zeros((1, 4), dtype=torch.long, device="meta")
    with tapping(tap), torch.inference_mode(), torch.device("meta"):
        try:
            model.base_model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False)
        except RuntimeError as error:
            # An encoder asks whether its mask hides anything, which needs values.
            if "meta tensors" not in str(error):
                raise
            raise UnsupportedModelError(
                f"{config.model_type}: its forward pass depends on values before any attention ({error}), as that of "
                f"models that are not causal, or not of softmax attention only, does; {WORKING}"
            ) from None
    layers = model.config.get_text_config().num_hidden_layers
    if sorted(tap.calls) != list(range(layers)):
        raise UnsupportedModelError(
            f"{config.model_type}: {len(tap.calls)} attention calls for {layers} layers pass the tap, not one a layer: "
            f"its attention is not softmax attention in every layer, or cannot be had; {WORKING}"
        )
    return model


def layer_list(model: Any, layers: int) -> nn.ModuleList:
    """The shallowest ModuleList with as many entries as layers; UnsupportedModelError unless there is exactly one."""
    found = [(name.count("."), module) for name, module in model.named_modules() if isinstance(module, nn.ModuleList)]
    found = [(depth, module) for depth, module in found if len(module) == layers]
    shallowest = [module for depth, module in found if depth == min(d for d, _ in found)]
    if len(shallowest) != 1:
        raise UnsupportedModelError(f"{len(shallowest)} lists of {layers} layers in {type(model).__name__}; {WORKING}")
    return shallowest[0]


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
        tied = bool(getattr(config.get_text_config(), "tie_word_embeddings", False))
        if first > 0 and not (self.is_last and tied):
            self._drop_embedding()
        # A head of its own is as large as layers are, and is read when these are gone.
        self._head = self.model.get_output_embeddings() if self.is_last and not tied else None
        if not (self.is_last and tied):
            self.model.set_output_embeddings(nn.Identity())
        _load(self.model, checkpoint, dtype)
        self.model.eval()
        self._inject: Mapping[int, torch.Tensor] = {}
        self._watch: Sequence[int] = ()
        self._entering: dict[int, torch.Tensor] = {}
        self._captured: torch.Tensor | None = None
        self._hooks = [self._hook_before(layer) for layer in range(first, last + 1)]
        self._hooks.append(self.layers[last].register_forward_hook(self._after))

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
        try:
            # use_cache: false does not forbid a cache, it makes none.
            self.model.base_model(input_ids=ids, attention_mask=mask, use_cache=False, **behind)
        except _Stop:
            pass
        except TypeError as error:
            if cache is None:
                raise
            raise UnsupportedModelError(
                f"{type(self.model).__name__} cannot look back at a shared prefix ({error}); set share_prefixes: false"
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
            _load(self.model, self._checkpoint, self.dtype)
            self.model.to(self.device)

    def logits(self, ids: torch.Tensor, mask: torch.Tensor, final: torch.Tensor) -> torch.Tensor:
        """Logits (batch, tokens, vocabulary) from the last layer's states: norm, head and caps as the model does."""
        self._inject = {self.last: final}
        with tapping(Tap()):
            result: torch.Tensor = self.model(input_ids=ids, attention_mask=mask, use_cache=False).logits
        self._inject = {}
        return result


def _load(model: Any, checkpoint: Checkpoint, dtype: torch.dtype) -> None:
    """Fill what the stubbed model still has; nothing else is read."""
    for module in model.modules():
        empty = [name for name in module._non_persistent_buffers_set if module._buffers[name].is_meta]
        for name in empty:
            module._buffers[name] = torch.empty_like(module._buffers[name], device="cpu")
        if empty:
            # Before any weight is loaded: for some modules it draws the weights anew as well.
            model._init_weights(module)
    mapping: Any = get_model_conversion_mapping(model)
    loading = LoadStateDictConfig(weight_mapping=mapping, dtype=dtype)
    convert_and_load_state_dict_in_model(model, checkpoint.tensors(), loading)
    model.tie_weights()
    tensors = [*model.named_parameters(), *model.named_buffers()]
    missing = [name for name, tensor in tensors if tensor.is_meta]
    if missing:
        raise FileFormatError(
            f"{checkpoint.folder}: the checkpoint has no tensor for {missing[0]} ({len(missing)} are missing)"
            + (f", or its delta in {checkpoint.delta} has none" if checkpoint.delta else "; is it complete?")
        )
