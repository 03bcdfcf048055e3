"""What an extraction job is given on a cluster: memory and time, from the size of a model and of its block of layers.

Estimates that err upwards; a job that needed more is tried again with more. Imported while the DAG is built, so it
imports nothing heavy.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readalike.errors import ConfigurationError
from readalike.weights.files import read_description, whole_number

MB = 1e6

# Two nested snakemakes run beside the script (measured: 135 and 125 MB).
SNAKEMAKE_MB = 400
# Interpreter, torch and transformers: 0.7 GB without a GPU; the rest is for what CUDA maps into a process.
LIBRARIES_MB = 2000
# What depends on the sentences: up to this many tokens in all conditions and pairs of words in each. Reading Brain has
# 14 thousand tokens in four conditions and 9 thousand pairs, whose attention is held twice: as found, and as the file.
TOKENS, PAIRS = 40_000, 20_000
# Tokens of a text that is asked about or shown, template and label with it: the tasks here have 20 to 45. Contents that
# say nothing are asked beside the items.
TEXT_TOKENS, CONTENT_FREE = 80, 3
# An embedding as large as any, and layers as few as any of a model of its size.
ROWS, WIDE_LAYERS = 256_000, 16
# Imports, the queue's prologue, writing; of each further block in one allocation.
MINUTES, MINUTES_NEXT = 10, 1
# Blocks share an allocation as long as they ask for no more than this together, which fits into most gaps of a queue.
ALLOCATION_MINUTES = 30
# Every further attempt gets this share of the first more memory, and twice the time, up to this one: a job that fails
# more often was preempted, and limits that grew for ever would fit into no partition.
GROWTH, LAST_GROWN = 0.5, 3
# What a pass holds on a device beside weights, in values a token of a batch as wide as the states; CUDA's own. Measured
# on LLaMA 7B's shape: 8 layers in bfloat16 and float32, 4,096 tokens, and 32 layers, 8,192 tokens.
ACTIVATIONS, CONTEXT_MB = 16, 600

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_HIDDEN = ("hidden_size", "n_embd", "d_model")
_HEADS = ("num_attention_heads", "n_head", "num_heads")


@dataclass(frozen=True)
class Machine:
    """What extraction runs on, as far as a profile says it; slow on purpose: a few CPU cores, a network file system.

    flops : operations a second; bandwidth : bytes a second that weights are read at
    gpu_mb : memory of its GPU (MB), 0 where none is known
    """

    flops: float = 1e11
    bandwidth: float = 1e8
    gpu_mb: float = 0


# A profile's resource of the rule `attention` -> what it says, and its unit here.
PROFILE = {"gflops": ("flops", 1e9), "read_mbps": ("bandwidth", 1e6), "gpu_mb": ("gpu_mb", 1.0)}


def machine_of(resources: Mapping[str, Any]) -> Machine:
    """A machine from what a profile sets for the rule `attention`; whatever else stands there is for the cluster.

    Raises ConfigurationError for what is no number above 0.
    """
    found = {}
    for name, (field, unit) in PROFILE.items():
        if name in resources:
            try:
                found[field] = float(str(resources[name])) * unit
            except ValueError:
                found[field] = 0.0
            if not 0 < found[field] < math.inf:
                raise ConfigurationError(
                    f"set-resources, attention:{name}: {resources[name]!r} is no number above 0; correct the profile"
                )
    return Machine(**found)


@dataclass(frozen=True)
class Size:
    """A model's size: `parameters` of all of it, `hidden` values a token, `vocabulary` rows of its embedding.

    pages : bytes of each parameter that files take in memory beside the weights themselves, see `pages_of`
    """

    layers: int
    heads: int
    parameters: float
    hidden: int = 0
    vocabulary: int = 0
    pages: int = 0


def size_of_folder(folder: Path, files: Sequence[Path], layers: int) -> Size:
    """Size of a local checkpoint, from its config.json and the bytes of its weights.

    files : the weights. Where config.json does not say how wide their numbers are, 2 bytes, which errs upwards

    Raises FileFormatError where config.json cannot be read, or says of heads, width or vocabulary what is no number.
    """
    config = folder / "config.json"
    described = read_description(config)
    width = width_of(described)
    text = {**described, **described.get("text_config", {})}
    heads, hidden, vocabulary = (whole_number(text, names, config) or 0 for names in (_HEADS, _HIDDEN, ("vocab_size",)))
    return Size(layers, heads, sum(path.stat().st_size for path in files) / width, hidden, vocabulary)


def width_of(described: Mapping[str, Any]) -> int:
    """Bytes of a number in the files of a model, as its config.json has it; 2 where it does not say."""
    return BYTES.get(str(described.get("dtype") or described.get("torch_dtype") or "float16"), 2)


def pages_of(widths: Sequence[int], dtype: str) -> int:
    """Bytes of each parameter that files keep in memory until all of a block is loaded.

    widths : bytes of a number in the files of the weights and, where there is one, of the delta. None where the tensors
    of one file are used as they stand in it; measured, whole files otherwise
    """
    return 0 if list(widths) == [BYTES[dtype]] else sum(widths)


def size_of_parameters(parameters: float, layers: int) -> Size:
    """Size of a model of which only this is known: width and heads as those of LLaMA and GPT-2 with so many layers.

    A layer of these has 12 hidden^2 parameters, a head 64 values or more, a vocabulary no more than 50 thousand rows.
    """
    hidden = round(math.sqrt(parameters / (12 * layers)))
    return Size(layers, max(hidden // 64, 1), parameters, hidden, 50_000)


def size_of_gguf(file: Path, layers: int) -> Size:
    """Size of a model in a GGUF file, which is not read for it: as many 4-bit numbers as the file can hold.

    Where the file is not there yet, a billion parameters.
    """
    return size_of_parameters(2.0 * file.stat().st_size if file.is_file() else 1e9, layers)


def weights_bytes(size: Size, first: int, last: int, dtype: str) -> float:
    """Bytes of the weights that layers `first` to `last` load: themselves, the embedding, the head."""
    edge = size.hidden * size.vocabulary
    layers = max(size.parameters - edge, 0) / size.layers * (last - first + 1)
    # With the embedding tied the head is the same matrix; that is not known here, so a whole model counts both.
    edges = edge * ((first == 0) + (last == size.layers - 1))
    return (layers + edges) * BYTES[dtype]


def asked_tokens(asking: Mapping[str, Any]) -> int:
    """Tokens of all prompts of one task, demonstrations once for a set: `incontext.models` of the configuration."""
    cells = (len(asking["noises"]) * len(asking["rates"]) * asking["sets"] + 1) * asking["templates"]
    asked, shown = asking["items"] + CONTENT_FREE, int(asking["demonstrations"])
    return int(cells * (asked + shown) * TEXT_TOKENS)


def memory_mb(
    size: Size, first: int, last: int, *, dtype: str, conditions: int, attempt: int = 1, tokens: int = TOKENS
) -> int:
    """Memory of the job that extracts layers `first` to `last` in all conditions, Snakemake's own included (MB)."""
    block = last - first + 1
    weights = weights_bytes(size, first, last, dtype)
    loading = weights_bytes(size, first, first, dtype) + weights / BYTES[dtype] * size.pages
    attention = block * size.heads * conditions * PAIRS * 4
    states = 2 * tokens * size.hidden * BYTES[dtype]
    own = weights + loading + attention + states
    return round((SNAKEMAKE_MB + LIBRARIES_MB + own / MB) * _growth(attempt))


def conversion_mb(file: Path, *, attempt: int = 1) -> int:
    """Memory of the job that converts a GGUF file tensor by tensor (MB).

    The file itself, what is held until it is written (a gigabyte, `weights/gguf.py`), and the largest tensor in float32
    three times: an embedding of 256 thousand rows, in a wide model of 16 layers. Measured for 1.5 billion parameters:
    4.0 GB, where this says 15 GB.
    """
    size = size_of_gguf(file, WIDE_LAYERS)
    whole = BYTES["float32"] * size.parameters
    largest = min(BYTES["float32"] * size.hidden * ROWS, whole)
    own = (file.stat().st_size if file.is_file() else size.parameters / 2) + min(1e9, whole) + 3 * largest
    return round((SNAKEMAKE_MB + LIBRARIES_MB + own / MB) * _growth(attempt))


def minutes(
    size: Size,
    first: int,
    last: int,
    *,
    dtype: str,
    machine: Machine,
    attempt: int = 1,
    follows: bool = False,
    tokens: int = TOKENS,
) -> int:
    """Time limit of the same job in minutes: two operations a parameter and token, and reading the weights.

    follows : another block goes before it in the same allocation
    """
    weights = weights_bytes(size, first, last, dtype)
    work = 2 * weights / BYTES[dtype] * tokens / machine.flops
    own = (MINUTES_NEXT if follows else MINUTES) + (work + weights / machine.bandwidth) / 60
    # Twice as much each time: what ran out of time says nothing of how much it lacked.
    return math.ceil(own * math.pow(2, min(attempt, LAST_GROWN) - 1))


def allocations(
    size: Size, blocks: Sequence[tuple[int, int]], *, dtype: str, machine: Machine
) -> list[list[tuple[int, int]]]:
    """Blocks in their order, those together that one job of a cluster extracts one after the other."""
    found: list[list[tuple[int, int]]] = []
    spent = 0
    for block in blocks:
        next_one = minutes(size, *block, dtype=dtype, machine=machine, follows=True)
        if found and spent + next_one <= ALLOCATION_MINUTES:
            found[-1].append(block)
            spent += next_one
        else:
            found.append([block])
            spent = minutes(size, *block, dtype=dtype, machine=machine)
    return found


def device_mb(size: Size, first: int, last: int, *, dtype: str, token_budget: int) -> int:
    """Memory that layers `first` to `last` take on a GPU (MB), with batches of so many tokens.

    Where there is less they go through it in parts, which takes longer.
    """
    activations = ACTIVATIONS * token_budget * size.hidden * BYTES[dtype]
    # The head is read when the layers are gone.
    head = size.hidden * size.vocabulary * BYTES[dtype] if first == 0 and last == size.layers - 1 else 0
    return round(CONTEXT_MB + (weights_bytes(size, first, last, dtype) - head + activations) / MB)


def sums_mb(layers: int, attempt: int = 1) -> int:
    """Memory of tests that hold the sums of squares of all layers: 2 MB each (400 sentences, 150 readers), twice."""
    return round((1500 + 4 * layers) * min(attempt, LAST_GROWN))


def all_layers_mb(layers: int, attempt: int = 1) -> int:
    """Memory of a regression on the heads of all layers, as many a layer as there are layers (LLaMA's have no more).

    All heads on all pairs, and sixteen tables of heads by heads: sums of products by article and in training, what is
    decomposed and its vectors. Measured: 1.7 GB for 60 layers of 52 heads, 8,917 pairs and five articles.
    """
    heads = layers**2
    own = (PAIRS * heads + 16 * heads**2) * 8
    return round((1500 + own / MB) * min(attempt, LAST_GROWN))


def _growth(attempt: int) -> float:
    return 1 + GROWTH * (min(attempt, LAST_GROWN) - 1)
