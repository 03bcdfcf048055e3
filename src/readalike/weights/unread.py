"""Tensors of a checkpoint that no part of the model takes: its config.json may be that of another model."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import WeightConverter, WeightRenaming, rename_source_key

from readalike.errors import FileFormatError
from readalike.weights.files import weight_files
from readalike.weights.tensors import Checkpoint, tensors_in

# What checkpoints hold beside what their model needs, and why it cannot matter. Patterns of names, searched for.
HARMLESS = {
    r"(^|\.)(original_)?inv_freq$": "angles of rotary positions, which follow from config.json",
    r"\.(cos|sin)_cached$": "a table made of them",
    r"\.(attn|attention)\.(masked_)?bias$": "the causal mask of GPT-2, GPT-J, GPT-Neo and GPT-NeoX, the same in all",
    r"\.(attn|attention)\.causal_mask$": "the same mask in CodeGen",
    r"(^|\.)position_ids$": "0, 1, 2 and so on",
    r"(^|\.)decoder\.version$": "the number of a file format (OPT)",
    r"(^|\.)pooler\.|^cls\.seq_relationship\.": "BERT's heads for whole texts, none of a language model",
    r"(^|\.)v_head\.": "the head that reinforcement learning leaves: it reads the last states and changes none",
    r"(^|\.)mtp(_\w+)?\.": "layers that guess further tokens, beside the model's own",
    # A model of text alone, published as part of one of pictures or sounds; where that one is loaded, they are its own.
    r"(^|\.)(vision_tower|vision_model|visual|image_newline|embed_vision|vision_embed_tokens)(\.|$)": "for pictures",
    r"(^|\.)(multi_modal_projector|mm_projector|patch_merger|vision_language_adapter)\.": "from pictures to states",
    r"(^|\.)(audio_tower|audio_model|embed_audio|audio_projector)\.": "for sounds",
}
# Layers that guess further tokens, numbered after the model's own (DeepSeek V3, GLM 4.5): only they have this matrix.
FURTHER_TOKENS = re.compile(r"^(.*\.\d+\.)eh_proj\.")
SHOWN = 5


def require_all_taken(model: Any, checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint with tensors that would be left out without a word: a layer too many, biases, scales.

    model : the whole of it, on the meta device; a block of its layers reads others than these on purpose. Of an
        untrained one nothing is read

    Raises FileFormatError naming the file and the tensors.
    """
    if checkpoint.untrained is not None:
        return
    for folder in filter(None, (checkpoint.folder, checkpoint.delta)):
        names = {path: [name for name, _ in tensors_in(path)] for path in weight_files(folder)}
        further = {found[1] for every in names.values() for name in every if (found := FURTHER_TOKENS.match(name))}
        left = {path: list(_not_taken(model, every, further)) for path, every in names.items()}
        strays = [name for every in left.values() for name in every]
        if strays:
            path = next(path for path, every in left.items() if every)
            shown = ", ".join(strays[:SHOWN]) + (f" and {len(strays) - SHOWN} more" if strays[SHOWN:] else "")
            layers = model.config.get_text_config().num_hidden_layers
            raise FileFormatError(
                f"{path}: nothing in the model that {checkpoint.described_by / 'config.json'} describes ({layers} "
                f"layers, {type(model).__name__}) takes {shown}: are they of one model? correct config.json, fetch "
                "both again, or save the model anew with save_pretrained(), without what it does not need"
            )


def _not_taken(model: Any, names: Collection[str], further: Collection[str]) -> Iterator[str]:
    """Names that the loader finds no place for, but for those that are harmless, or that the family itself leaves out.

    further : what the names of layers begin with that guess further tokens
    """
    places = model.state_dict()
    computed = {name for name, _ in model.named_buffers()}
    mapping: Any = get_model_conversion_mapping(model)
    renamings = [entry for entry in mapping if isinstance(entry, WeightRenaming)]
    converters = [entry for entry in mapping if isinstance(entry, WeightConverter)]
    harmless = re.compile("|".join(f"({each})" for each in (*HARMLESS, *model._keys_to_ignore_on_load_unexpected)))
    for name in names:
        renamed = rename_source_key(name, renamings, converters, model.base_model_prefix, places)[0]
        found = {name, renamed}  # where a family's renaming leads nowhere, the loader goes without
        if found & places.keys() or found & computed or name.startswith(tuple(further)):
            continue
        if not any(map(harmless.search, found)):
            yield name
