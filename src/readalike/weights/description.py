"""What the folder of a checkpoint says of it: configuration and tokenizer, as transformers reads them."""

from collections.abc import Callable
from typing import Any

from transformers import AutoConfig, AutoTokenizer

from readalike.errors import FileFormatError
from readalike.weights.failures import explained
from readalike.weights.files import MOST_LAYERS, whole_number
from readalike.weights.tensors import Checkpoint


def read_config(checkpoint: Checkpoint) -> Any:
    """Configuration of the model, a delta's where there is one.

    Raises FileFormatError where the folder holds no model that transformers knows, a number of layers that is none,
    weights that are no plain numbers, code that is not trusted, or a delta on a model of another depth.
    """
    config = _read(checkpoint, AutoConfig.from_pretrained, "not a model")
    with explained(FileFormatError, f"{checkpoint.described_by}: not a model of one language", "use another model"):
        text = config.get_text_config()
    depth = {"num_hidden_layers": getattr(text, "num_hidden_layers", None)}
    whole_number(depth, list(depth), checkpoint.described_by / "config.json", MOST_LAYERS)
    for part in (config, text):
        if quantised := getattr(part, "quantization_config", None):
            method = quantised.get("quant_method") if isinstance(quantised, dict) else quantised
            raise FileFormatError(
                f"{checkpoint.described_by}: its weights are quantised ({method}), and cannot be read as numbers; use "
                "the model they were made of, or dequantise them with transformers and save the result"
            )
    if checkpoint.delta is not None:
        base = read_config(Checkpoint(checkpoint.folder, trust_remote_code=checkpoint.trust_remote_code))
        depths = [each.get_text_config().num_hidden_layers for each in (config, base)]
        if depths[0] != depths[1]:
            raise FileFormatError(
                f"{checkpoint.delta} on {checkpoint.folder}: the delta has {depths[0]} layers, the base {depths[1]}; "
                "name the base that it was made for"
            )
    return config


def read_tokenizer(checkpoint: Checkpoint) -> Any:
    """Raises FileFormatError where the folder has none that transformers can load, or its code is not trusted."""
    return _read(checkpoint, AutoTokenizer.from_pretrained, "no tokenizer")


def _read(checkpoint: Checkpoint, read: Callable[..., Any], what: str) -> Any:
    folder = checkpoint.described_by
    if not folder.is_dir():
        raise FileFormatError(f"{folder}: there is no such folder; correct it, or fetch the model first")
    advice = "save model and tokenizer there with save_pretrained(), or fetch them again"
    with explained(FileFormatError, f"{folder}: {what} that transformers can load", advice):
        try:
            return read(folder, local_files_only=True, trust_remote_code=checkpoint.trust_remote_code)
        except ValueError as error:
            if "trust_remote_code" not in str(error):
                raise
            raise FileFormatError(
                f"{folder}: this model runs Python code of its own; read it, and set trust_remote_code: true for the "
                "model if you trust it"
            ) from None
