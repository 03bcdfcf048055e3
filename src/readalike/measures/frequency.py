"""How frequent words are in English: Zipf frequencies of the package wordfreq, whose lists come with it."""

import pandas as pd

from readalike.corpus import Corpus
from readalike.errors import ReadalikeError


def frequency(corpus: Corpus) -> pd.DataFrame:
    """One row a word: article, sentence, word, text, zipf (log10 of uses in 10**9 words).

    Of the word without the punctuation around it; one of several parts ("well-known") has the frequency that wordfreq
    makes of its parts; 0 where the word is not in its lists.
    Raises ReadalikeError where wordfreq is not installed.
    """
    try:
        from wordfreq import zipf_frequency
    except ModuleNotFoundError:
        raise ReadalikeError(
            "wordfreq is not installed, which knows how frequent words are: pip install wordfreq==3.1.1"
        ) from None
    rows = [
        (item.article, item.sentence, k, text, zipf_frequency(text, "en"))
        for item in corpus.sentences
        for k, text in enumerate(item.words)
    ]
    return pd.DataFrame(rows, columns=["article", "sentence", "word", "text", "zipf"])
