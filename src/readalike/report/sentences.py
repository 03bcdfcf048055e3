"""What the page of sentences holds: words, attention of every head that there is room for, and the readers' saccades.

Attention is stored in 10,000ths, as whole numbers of two bytes (little-endian, base64): to within 0.00005; in larger
parts for a layer with values above 6.5, which weighting by norms can give. Head by head, and in a head the pairs of the
sentence in the corpus's order (a word, then those it looks back at). What is larger than a page holds is thinned
evenly, sentences first and then layers, and the page says of how many.
"""

import base64
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.files.attention import Attention, open_attention
from readalike.files.gaze import Gaze

# Bytes of attention in the text of a page: two a value, and base64 makes four of three.
MOST_BYTES = 9_000_000
SCALE = 10_000
LARGEST = 65_535
# Sentences are not thinned further while layers can be.
FEWEST_SENTENCES = 12
FEWEST_LAYERS = 4


@dataclass(frozen=True)
class Plan:
    """Which sentences (places in the corpus) and which layers of each model a page holds."""

    sentences: tuple[int, ...]
    layers: Mapping[str, tuple[int, ...]]


def evenly(things: Sequence[int], most: int) -> tuple[int, ...]:
    """At most so many of some things, spread evenly, the first and the last among them where there are two."""
    if len(things) <= most:
        return tuple(things)
    places = np.linspace(0, len(things) - 1, most).round().astype(int)
    return tuple(things[k] for k in dict.fromkeys(places.tolist()))


def plan(corpus: Corpus, there: Mapping[str, tuple[Sequence[int], int]], most_bytes: int = MOST_BYTES) -> Plan:
    """What fits. there : model -> its layers, and how many heads a layer has

    Sentences are thinned to FEWEST_SENTENCES, then layers to FEWEST_LAYERS, then both to one.
    """
    pairs = np.diff(corpus.offsets)
    every = range(len(pairs))
    # From the most to the least: all layers with ever fewer sentences, then ever fewer layers of few sentences.
    tries: list[tuple[int, int | None]] = [
        (many, None) for many in range(len(pairs), min(FEWEST_SENTENCES, len(pairs)) - 1, -1)
    ]
    deepest = max((len(layers) for layers, _ in there.values()), default=1)
    tries += [(min(FEWEST_SENTENCES, len(pairs)), deep) for deep in range(deepest, FEWEST_LAYERS - 1, -1)]
    tries += [(many, min(FEWEST_LAYERS, deepest)) for many in range(min(FEWEST_SENTENCES, len(pairs)), 0, -1)]
    tries += [(1, deep) for deep in range(min(FEWEST_LAYERS, deepest), 0, -1)]
    for many, deep in tries:
        sentences = evenly(every, many)
        layers = {model: evenly(own, deep or len(own)) for model, (own, _) in there.items()}
        values = sum(len(layers[model]) * heads for model, (_, heads) in there.items()) * int(
            pairs[list(sentences)].sum()
        )
        if values * 8 / 3 <= most_bytes:
            break
    return Plan(sentences, layers)


def scale_of(values: FloatArray) -> float:
    """Parts of 1 that values of a layer are stored in: 10,000ths, or what the largest has room for."""
    largest = float(values.max(initial=0.0))
    return float(SCALE) if largest * SCALE <= LARGEST else LARGEST / largest


def packed(values: FloatArray, scale: float) -> str:
    """Numbers, none below 0, in parts of 1 / `scale`, base64."""
    return base64.b64encode(np.rint(values * scale).astype("<u2").tobytes()).decode("ascii")


def corpus_data(
    corpus: Corpus,
    attention: Mapping[str, Sequence[Path]],
    gaze: Mapping[str, Gaze],
    *,
    kind: str,
    signal: str,
    texts: bool,
    most_bytes: int = MOST_BYTES,
) -> dict[str, Any]:
    """One corpus: attention of each model (its files), saccades of each group that read it.

    Without `texts` words are numbered, and none of the text is in what is given.
    """
    with ExitStack() as files:
        models = {name: files.enter_context(open_attention(paths, corpus, kind)) for name, paths in attention.items()}
        chosen = plan(corpus, {name: (own.layers, _heads(own)) for name, own in models.items()}, most_bytes)
        return {
            "of": len(corpus.sentences),
            "texts": texts,
            "sentences": [_sentence(corpus, k, texts) for k in chosen.sentences],
            "models": [_model(own, name, corpus, chosen) for name, own in models.items()],
            "groups": [_group(own, name, corpus, chosen, signal) for name, own in gaze.items()],
        }


def _heads(attention: Attention) -> int:
    """Of a layer: rollout has one value in place of heads."""
    return int(attention.layer(PLAIN, attention.layers[0]).shape[0])


def _sentence(corpus: Corpus, k: int, texts: bool) -> dict[str, Any]:
    item = corpus.sentences[k]
    words = list(item.words) if texts else [f"word {place + 1}" for place in range(len(item.words))]
    return {"article": item.article, "sentence": item.sentence, "words": words}


def _model(attention: Attention, name: str, corpus: Corpus, chosen: Plan) -> dict[str, Any]:
    blocks: list[list[str]] = []
    scales = []
    heads = 1
    for layer in chosen.layers[name]:
        values = attention.layer(PLAIN, layer)
        heads = len(values)
        scales.append(scale_of(values))
        blocks.append([packed(values[:, corpus.pairs_of(k)], scales[-1]) for k in chosen.sentences])
    return {
        "name": name,
        "of": attention.n_layers,
        "layers": list(chosen.layers[name]),
        "heads": heads,
        "scales": scales,
        "values": blocks,
    }


def _group(gaze: Gaze, name: str, corpus: Corpus, chosen: Plan, signal: str) -> dict[str, Any]:
    """Mean over the readers who are scored, four significant digits."""
    own = gaze.scored(signal)
    mean = own.values.mean(axis=0)
    return {
        "name": name,
        "readers": len(own.readers),
        "are": gaze.readers_are,
        "values": [[float(f"{value:.4g}") for value in mean[corpus.pairs_of(k)]] for k in chosen.sentences],
    }
