"""How spread attention is: the entropy of what each word's attention goes to, by layer and head."""

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray
from readalike.files.attention import Attention
from readalike.files.contracts.attention import ENTROPY
from readalike.measures.divergence import row_starts


def entropy_of_rows(heads: FloatArray, corpus: Corpus) -> FloatArray:
    """Entropy (nats) of every row, renormalised over the sentence's words; NaN for a row without mass.

    heads : (heads, pairs). Returns (heads, words): 0 where all attention goes to one word, ln(n) where it is spread
    evenly over n.
    """
    starts = row_starts(corpus)
    widths = np.diff(np.append(starts, corpus.n_pairs))
    mass = np.add.reduceat(heads, starts, axis=1)  # (heads, words)
    shares = heads / np.repeat(np.where(mass > 0, mass, 1), widths, axis=1)  # (heads, pairs)
    terms = -shares * np.log(np.where(shares > 0, shares, 1))
    found: FloatArray = np.where(mass > 0, np.add.reduceat(terms, starts, axis=1), np.nan)
    return found


def entropy(attention: Attention, corpus: Corpus) -> pd.DataFrame:
    """Mean entropy of each head over the words after a sentence's first, which alone have a choice.

    `evenness` divides each row by ln of the number of words it may go to: 1 is even attention, whatever the place.
    """
    place = np.concatenate([np.arange(n) for n in corpus.lengths])
    later = place > 0
    most = np.log(place[later] + 1)
    tables = []
    for condition in attention.conditions:
        for layer in attention.layers:
            rows = entropy_of_rows(attention.layer(condition, layer), corpus)[:, later]  # (heads, words)
            counted = (~np.isnan(rows)).sum(axis=1)
            means = {"entropy": np.nansum(rows, axis=1), "evenness": np.nansum(rows / most, axis=1)}
            values = {
                name: np.where(counted > 0, sums / np.maximum(counted, 1), np.nan) for name, sums in means.items()
            }
            table = pd.DataFrame({"condition": condition, "layer": layer, "head": range(len(rows)), **values})
            tables.append(table.assign(rows_left_out=rows.shape[1] - counted))
    whole = pd.concat(tables, ignore_index=True).assign(model=attention.model)
    return whole[[name for name in ENTROPY.names if name != "corpus"]]
