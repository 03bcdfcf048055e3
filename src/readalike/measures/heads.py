"""Which heads of a model look where readers look: each head by itself against the group's mean."""

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.files.attention import Attention
from readalike.files.contracts.resemblance import HEADS
from readalike.files.gaze import Gaze
from readalike.measures.regression import never_varies


def heads(attention: Attention, gaze: Gaze) -> pd.DataFrame:
    """Pearson r of every head's attention in `plain` with the mean over readers, over all pairs; a row a signal.

    Signed, unlike R2: a head that looks where readers do not is no head that looks where they do. NaN where either
    never varies. Single heads, so that which of them matter can be compared between groups and corpora; how much a
    layer explains is `resemblance`.
    """
    rows = []
    for signal in gaze.signals:
        mean = gaze.scored(signal).values.mean(axis=0)
        y = mean - mean.mean()
        for layer in attention.layers:
            X = attention.layer(PLAIN, layer)  # (heads, pairs)
            centred = X - X.mean(axis=1, keepdims=True)
            length = np.linalg.norm(centred, axis=1) * np.linalg.norm(y)
            varies = ~never_varies(X.T) & (np.ptp(mean) > 0)
            r = np.full(len(X), np.nan)
            np.divide(centred @ y, length, out=r, where=varies)
            rows.append(pd.DataFrame({"signal": signal, "layer": layer, "head": range(len(r)), "r": r}))
    table = pd.concat(rows, ignore_index=True)
    return table.assign(model=attention.model, group=gaze.group, readers_are=gaze.readers_are)[HEADS.names]
