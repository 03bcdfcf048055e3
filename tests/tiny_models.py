"""Tiny randomly initialised checkpoints whose attention is neither uniform nor one-hot, for tests."""

from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

DEMO = Path(__file__).parents[1] / "resources" / "demo" / "sentences.tsv"
# With the usual 0.02 the attention is all but uniform, and nearly any tap would pass; 0.2 is about half way.
STD = 0.2

FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {},
    "mistral": {"sliding_window": 4},
    "qwen2": {"use_sliding_window": False},
    "qwen3": {"head_dim": 8},
    "gemma2": {"head_dim": 8, "sliding_window": 4, "attn_logit_softcapping": 1.0, "query_pre_attn_scalar": 8},
    "gemma3_text": {
        **{"head_dim": 8, "sliding_window": 4, "query_pre_attn_scalar": 8},
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention"],
    },
    "gpt2": {"n_embd": 32, "n_layer": 4, "n_head": 4, "n_positions": 128},
    "gpt_neox": {"rotary_pct": 0.5},
    # an embedding narrower than the states, as in OPT 350M
    "opt": {"word_embed_proj_dim": 16, "ffn_dim": 48, "max_position_embeddings": 128},
    "phi3": {"pad_token_id": 0},
    "olmo2": {},
    "mixtral": {"num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": None},
    # values of another size than keys; keys and values made from less
    "deepseek_v3": {
        **{"num_key_value_heads": 4, "q_lora_rank": 16, "kv_lora_rank": 16, "v_head_dim": 12, "n_group": 1},
        **{"qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "n_routed_experts": 4, "num_experts_per_tok": 2},
        **{"topk_group": 1, "first_k_dense_replace": 1, "moe_intermediate_size": 16},
    },
    # chunks in place of windows, a layer without positions
    "llama4_text": {
        **{"head_dim": 8, "attention_chunk_size": 6, "num_local_experts": 2, "intermediate_size_mlp": 48},
        **{"moe_layers": [1, 3], "no_rope_layers": [1, 1, 1, 0]},
    },
}


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE of 400 tokens trained on the demo's sentences; `<s>` exists and is not added."""
    text = [line.split("\t")[2] for line in DEMO.read_text(encoding="utf-8").splitlines()[1:]]
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    inner.train_from_iterator(text, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", eos_token="</s>", pad_token="</s>")


def make_tiny_checkpoint(
    folder: Path,
    *,
    family: str = "llama",
    layers: int = 4,
    heads: int = 4,
    seed: int = 0,
    tied: bool = False,
    hidden: int = 32,
    positions: int | None = None,
) -> Path:
    """Save a model and its tokenizer; the same arguments give the same tensors."""
    common = {
        **{"vocab_size": len(tokenizer()), "hidden_size": hidden, "intermediate_size": 48, "num_hidden_layers": layers},
        **{"num_attention_heads": heads, "num_key_value_heads": 2, "max_position_embeddings": positions or 128},
        **{"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1, "tie_word_embeddings": tied},
    }
    if family == "gpt2":
        common = {key: common[key] for key in ("vocab_size", "bos_token_id", "eos_token_id", "tie_word_embeddings")}
    if family in ("gpt_neox", "opt"):
        del common["num_key_value_heads"]
    own = FAMILIES.get(family, {})
    if family == "gpt2" and positions is not None:
        own = {**own, "n_positions": positions}
    config = AutoConfig.for_model(family, **{**common, **own})
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            # Norms and biases are jittered, so that leaving one out would show.
            parameter.copy_(noise * STD if parameter.dim() > 1 else parameter + noise * 0.1)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
