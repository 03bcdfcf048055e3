"""Gains by likelihood where every article is scored at a layer that was chosen without it."""

from collections.abc import Sequence

import numpy as np

from readalike.corpus import FloatArray, IntArray


def best_without(others: FloatArray) -> list[int]:
    """Place of the best layer for each article; others : (layers, articles) what all other articles say of a layer"""
    return [int(k) for k in np.argmax(others, axis=0)]


def nested(gains: FloatArray, layers: Sequence[int], articles: IntArray) -> FloatArray:
    """Gains at the layer of each article, (sentences, readers).

    gains : (layers, readers, sentences); layers : place of the layer of each article; articles : (sentences,)
    """
    article = np.unique(articles, return_inverse=True)[1]
    chosen: FloatArray = gains[np.array(layers)[article], :, np.arange(len(article))]
    return chosen
