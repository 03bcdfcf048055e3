"""How a group reads: the statistics that simulated readers are held against.

Steps are between consecutive fixations on words of one sentence, as for saccades.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.corpus import Corpus

LENGTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12)  # characters; the last stands for 12 and more
REFIXATED_LENGTHS = (1, 3, 5, 7, 9, 12)


def reading_profile(fixations: Sequence[pd.DataFrame], off_text: Sequence[int], corpus: Corpus) -> Mapping[str, float]:
    """Statistics over readers.

    fixations : one frame a reader with place, word, duration_ms in time order (`events.on_words`)
    off_text : number of each reader's fixations that are off the text
    Shares of steps, of first fixations and of words fixated are in 0 to 1; durations in ms.
    """
    everything = pd.concat(fixations, keys=range(len(fixations)), names=["reader"]).reset_index("reader")
    steps = np.concatenate([_steps(frame) for frame in fixations])
    regressions = np.array([(_steps(frame) < 0).mean() for frame in fixations])
    counts = np.array([len(frame) for frame in fixations])
    sentences = len(corpus.sentences) * len(fixations)
    by_sentence = everything.groupby(["reader", "place"], sort=False)["word"]
    first, last, furthest = by_sentence.first(), by_sentence.last(), by_sentence.max()
    log_duration = np.log(everything["duration_ms"][everything["duration_ms"] > 0])
    found = {
        "fixations per sentence": counts.sum() / sentences,
        "fixations per word": counts.sum() / (corpus.n_words * len(fixations)),
        "spread over readers": counts.std(ddof=1) / counts.mean(),
        "share: refixation": (steps == 0).mean(),
        "share: forward by 1": (steps == 1).mean(),
        "share: forward by 2": (steps == 2).mean(),
        "share: forward by 3 and more": (steps >= 3).mean(),
        "share: back by 1": (steps == -1).mean(),
        "share: back by 2 or 3": ((steps == -2) | (steps == -3)).mean(),
        "share: back by 4 and more": (steps <= -4).mean(),
        "share: regressions": regressions.mean(),
        "sd of regressions": regressions.std(ddof=1),
        **{f"share: first fixation on word {k + 1}": (first == k).mean() for k in range(4)},
        "share: place of the last fixation": ((last + 1) / (furthest + 1)).mean(),
        "duration: median": everything["duration_ms"].median(),
        "duration: mean": everything["duration_ms"].mean(),
        "duration: sd of log": log_duration.std(),
        "share: off the text": sum(off_text) / (sum(off_text) + counts.sum()),
    }
    return {name: float(value) for name, value in {**found, **_by_length(everything, len(fixations), corpus)}.items()}


def _steps(frame: pd.DataFrame) -> np.ndarray:
    place, word = frame["place"].to_numpy(), frame["word"].to_numpy()
    within = place[1:] == place[:-1]
    steps: np.ndarray = np.diff(word)[within]
    return steps


def _by_length(everything: pd.DataFrame, readers: int, corpus: Corpus) -> dict[str, float]:
    """P(word fixated at all), and fixations on a word that is fixated, by its number of characters."""
    words_before = np.concatenate([[0], np.cumsum(corpus.lengths)[:-1]])
    characters = np.array([min(len(word), 12) for item in corpus.sentences for word in item.words])
    key = words_before[everything["place"]] + everything["word"].to_numpy()
    counts = np.zeros((readers, corpus.n_words))
    np.add.at(counts, (everything["reader"].to_numpy(), key), 1)
    result = {}
    for length in LENGTHS:
        result[f"share: fixated at length {length}"] = (counts[:, characters == length] > 0).mean()
    for length in REFIXATED_LENGTHS:
        own = counts[:, characters == length]
        result[f"fixations when fixated at length {length}"] = own[own > 0].mean()
    return result
