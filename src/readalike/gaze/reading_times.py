"""How long each word was read: first-pass, regression-path and total time, from fixations in time order.

What is read in one go is a **text**: a sentence; or an article, where fixations are counted through one (`text_order`,
which leaves a column `follows`), so that a later sentence is further on and a step to another one leaves the word. Of
the fixations of a reader on the words of a text, those off the text being gone, in time order:

- **first-pass time** (gaze duration) of a word: the ms of the first fixation on it and of those on it that come right
  after, until the eyes leave it in either direction. Only where no later word of the text was fixated before: a word
  that was skipped and looked at later had no first pass.
- **regression-path time** (go-past): the ms from the same first fixation until a later word is fixated, those on
  earlier words that the eyes went back to included. Where none is fixated any more, until the text is left.
- **total time**: the ms of all fixations on the word, whenever they were.

A word has a first pass just where a fixation is further on than all before it in the text. So these fixations cut what
a reader does into the regression paths of the words that they are on.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray

FIRST_PASS, REGRESSION_PATH, TOTAL = MEASURES = ("first-pass", "regression-path", "total")


def reading_times(fixations: pd.DataFrame, corpus: Corpus) -> Mapping[str, FloatArray]:
    """Each of MEASURES of one reader, (words,) in ms in the order of the corpus; NaN for a word that has none.

    fixations : place, word, duration_ms in time order, as `saccades.steps` takes them. A time of 0 ms is none: there is
        nothing of it that could be told
    """
    place = fixations["place"].to_numpy(dtype=np.int64)
    duration = fixations["duration_ms"].to_numpy(dtype=np.float64)
    first_word = np.concatenate([[0], np.cumsum(corpus.lengths)])
    word = first_word[place] + fixations["word"].to_numpy(dtype=np.int64)  # of the corpus
    text = corpus.articles[place] if "follows" in fixations else place
    found = {name: np.zeros(corpus.n_words) for name in MEASURES}
    np.add.at(found[TOTAL], word, duration)
    ends = np.flatnonzero(text[1:] != text[:-1]) + 1
    for here, ms in zip(np.split(word, ends), np.split(duration, ends), strict=True):
        if not len(here):
            continue  # a reader without a fixation on a word
        furthest = np.maximum.accumulate(here)
        further_on = np.concatenate([[True], here[1:] > furthest[:-1]])
        path = np.cumsum(further_on) - 1  # which regression path each fixation is of
        # Whether the eyes have not left the word since its first pass began.
        left = np.cumsum(here != furthest)
        first = left == left[further_on][path]
        of_path = here[further_on]
        found[REGRESSION_PATH][of_path] = np.bincount(path, weights=ms)
        found[FIRST_PASS][of_path] = np.bincount(path, weights=ms * first)
    # Without a first pass there is no regression path either.
    found[REGRESSION_PATH][found[FIRST_PASS] == 0] = 0
    return {name: np.where(ms > 0, ms, np.nan) for name, ms in found.items()}
