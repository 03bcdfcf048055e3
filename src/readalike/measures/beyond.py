"""What attention adds to each baseline, by sentence and reader: of this are made the tests that take both as drawn.

With one SST the difference of two R2 is a difference of squared errors over it: D_sr = SSE of the baseline - SSE of
baseline and attention, R2_unique of a reader = sum_s D_sr / sum_s SST_sr. It is kept as the sums of squares of a score
whose SSE is SST - D, so that `statistics.clustered.r2_scores` reads it as any other.
"""

import numpy as np

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.files.attention import Attention
from readalike.files.gaze import Gaze
from readalike.files.sums import Sums
from readalike.measures.held_out import Split
from readalike.measures.regression import orthonormal
from readalike.measures.regressors import baselines
from readalike.measures.sums import held_out


def beyond(attention: Attention, gaze: Gaze, corpus: Corpus) -> dict[str, Sums]:
    """Sums of `{signal}/r2_unique_{baseline}` of every layer, held out, in `plain`; none without text."""
    article = corpus.articles[corpus.pairs.sentence]
    signals = {name: gaze.scored(name) for name in gaze.signals}
    Y = np.concatenate([signal.values for signal in signals.values()]).T
    split = Split(Y, article)

    def errors(X: FloatArray) -> tuple[FloatArray, FloatArray]:
        predicted = split.held_out(orthonormal(X), predict=True).predicted
        assert predicted is not None  # asked for
        return held_out(predicted, Y, article, corpus.offsets)

    own = np.repeat(np.arange(len(signals)), [len(signal.readers) for signal in signals.values()])
    found: dict[str, Sums] = {}
    for baseline, B in baselines(corpus).items():
        alone, sst = errors(B)
        layers = []
        for layer in attention.layers:
            both, _ = errors(np.column_stack([B, attention.layer(PLAIN, layer).T]))
            layers.append(sst - (alone - both))
        for k, (name, signal) in enumerate(signals.items()):
            sse = np.stack(layers)[:, :, own == k]
            found[f"{name}/r2_unique_{baseline}"] = Sums(sse, sst[:, own == k], tuple(signal.readers))
    return found
