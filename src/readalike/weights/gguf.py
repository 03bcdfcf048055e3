"""A GGUF file turned once into a folder as `save_pretrained` writes it, so that no later job parses it again.

Tensor by tensor: transformers' own loading holds all of a model in float32, 1.5 billion parameters in some 10 GB.
Names and transforms are transformers' (it permutes the rows of LLaMA's queries and keys, shifts Gemma's norms, ...).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, modeling_gguf_pytorch_utils

from readalike.errors import ReadalikeError
from readalike.files.atomic import replacing_folder
from readalike.weights.failures import explained

# Of a file of weights, unless a single tensor is larger; as much is held before it is written.
FILE_BYTES = 10**9


def convert(gguf: Path, folder: Path) -> None:
    """Write config.json, the tokenizer and the weights (float32, safetensors) of a GGUF file into `folder`.

    The folder appears whole or not at all. Raises ReadalikeError where transformers cannot read the file, or its
    tensors are not one for one those of the model.
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
            with torch.device("meta"):
                model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
            names = _write(_tensors(gguf, model), temporary)
        # As tensors of its own a tied one would be read twice.
        needed = set(model.state_dict()) - set(model.all_tied_weights_keys)
        if odd := sorted(needed ^ names):
            raise ReadalikeError(
                f"{gguf}: its tensors are not one for one those of {type(model).__name__}: {odd[0]} is "
                f"{'not in the file' if odd[0] in needed else 'not in the model'} ({len(odd)} such); save the model "
                "that it was made of with save_pretrained() and name its folder"
            )
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        config.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)


def _tensors(gguf: Path, model: PreTrainedModel) -> Iterator[tuple[str, Tensor]]:
    """Names as in transformers and tensors in float32, one at a time; `model` may be without memory.

    What `modeling_gguf_pytorch_utils.load_gguf_checkpoint` does with all of them at once.
    """
    theirs: Any = modeling_gguf_pytorch_utils
    parsed = theirs.load_gguf_checkpoint(str(gguf), return_tensors=False)
    reader = GGUFReader(gguf)
    architecture = theirs.read_field(reader, "general.architecture")[0]
    processor = theirs.TENSOR_PROCESSORS.get(architecture, theirs.TensorProcessor)(config=parsed["config"])
    names = theirs.get_gguf_hf_weights_map(model, processor)
    # Where experts of a layer become one tensor, the processor puts them here.
    parsed["tensors"] = {}
    for tensor in reader.tensors:
        found = processor.process(
            weights=dequantize(tensor.data, tensor.tensor_type),
            name=tensor.name,
            tensor_key_mapping=names,
            parsed_parameters=parsed,
        )
        if found.name in names:
            # Copied only where it is a part of the file, which torch must not write to.
            weights = np.require(found.weights, dtype=np.float32, requirements=["C", "W"])
            yield names[found.name], torch.from_numpy(weights)
    yield from parsed["tensors"].items()


def _write(tensors: Iterator[tuple[str, Tensor]], folder: Path) -> set[str]:
    """Write model.safetensors, or several files with their index, as save_pretrained names them; returns the names."""
    files: list[Path] = []
    index: dict[str, int] = {}
    gathered: dict[str, Tensor] = {}

    def write() -> None:
        files.append(folder / f"{len(files)}.safetensors")
        save_file(gathered, files[-1], metadata={"format": "pt"})
        # save_file lets only the owner read; the cache may be shared.
        files[-1].chmod(0o644)
        gathered.clear()

    size = total = 0
    for name, tensor in tensors:
        if gathered and size + tensor.nbytes > FILE_BYTES:
            write()
            size = 0
        gathered[name], index[name] = tensor, len(files)
        size += tensor.nbytes
        total += tensor.nbytes
    write()
    if len(files) == 1:
        files[0].rename(folder / "model.safetensors")
        return set(index)
    final = [f"model-{k:05}-of-{len(files):05}.safetensors" for k in range(1, len(files) + 1)]
    for file, name in zip(files, final, strict=True):
        file.rename(folder / name)
    described = {"metadata": {"total_size": total}, "weight_map": {name: final[k] for name, k in index.items()}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    return set(index)
