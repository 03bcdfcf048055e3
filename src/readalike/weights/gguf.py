"""A GGUF file turned once into a folder as `save_pretrained` writes it, so that no later job parses it again."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from readalike.errors import ReadalikeError
from readalike.files.atomic import replacing_folder
from readalike.weights.failures import explained


def convert(gguf: Path, folder: Path) -> None:
    """Write config.json, tokenizer.json and model.safetensors (float32) of a GGUF file into `folder`.

    transformers does the conversion: tensors of some families are stored permuted. The folder appears whole or not at
    all. Raises ReadalikeError where transformers cannot read the file.
    """
    source: dict[str, Any] = {
        "pretrained_model_name_or_path": str(gguf.parent),
        "gguf_file": gguf.name,
        "local_files_only": True,
    }
    advice = "fetch it again, use a file of another type, or the model it was made of"
    with replacing_folder(folder) as temporary:
        with explained(ReadalikeError, f"{gguf}: transformers cannot convert this GGUF file", advice):
            config = AutoConfig.from_pretrained(**source)
            tokenizer = AutoTokenizer.from_pretrained(**source)
            model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
        # save_pretrained refuses a model that was quantised; its tensors are plain by now.
        tied = set(model.all_tied_weights_keys)
        tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if name not in tied}
        save_file(tensors, temporary / "model.safetensors", metadata={"format": "pt"})
        # save_file lets only the owner read; the cache may be shared.
        (temporary / "model.safetensors").chmod(0o644)
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        config.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
