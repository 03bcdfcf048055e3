"""What a model is before any weight is read: empty, and proven to hand the attention of every layer to the tap."""

import copy
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM

from readalike.attention.tap import NAME, Tap, tapping
from readalike.errors import UnsupportedModelError
from readalike.weights.failures import explained

WORKING = "models in the manner of LLaMA, Mistral, Qwen, Gemma, GPT-2, GPT-NeoX, OPT, Phi, OLMo or Mixtral work"


def empty_model(config: Any, dtype: torch.dtype, *, trust_remote_code: bool = False) -> Any:
    """The model on the meta device, with the tap as its attention. The configuration given is left as it is."""
    auto: Any = AutoModelForCausalLM
    own = copy.deepcopy(config)  # from_config writes into it
    own.return_dict = True
    with (
        explained(UnsupportedModelError, f"{config.model_type}: its attention cannot be tapped", WORKING),
        torch.device("meta"),
    ):
        return auto.from_config(
            own,
            dtype=dtype,
            attn_implementation=NAME,
            trust_remote_code=trust_remote_code,
        )


def probe(config: Any, *, trust_remote_code: bool = False) -> Any:
    """Prove, before any weight is read, that every layer's attention passes the tap exactly once.

    Flags of the classes are not reliable, counting is. Returns the empty model. Raises UnsupportedModelError.
    """
    # bfloat16: experts in float32 cannot run on the meta device.
    model = empty_model(config, torch.bfloat16, trust_remote_code=trust_remote_code)
    tap = Tap()
    ids = torch.zeros((1, 4), dtype=torch.long, device="meta")
    # An encoder asks whether its mask hides anything, a state space for lengths: values, which there are none of yet.
    failed = (
        f"{config.model_type}: its forward pass depends on values before any attention, as that of models that are not "
        "causal, or not of softmax attention only, does, or cannot run"
    )
    with (
        explained(UnsupportedModelError, failed, WORKING),
        tapping(tap),
        torch.inference_mode(),
        torch.device("meta"),
    ):
        model.base_model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False)
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
