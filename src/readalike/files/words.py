"""Tables with a row a word of the corpus: read as one value a word, in the corpus's order."""

from pathlib import Path

from readalike.corpus import Corpus, FloatArray
from readalike.errors import FileFormatError
from readalike.files.contracts import Table
from readalike.files.tables import read_table


def value_of_words(path: Path, table: Table, column: str, corpus: Corpus) -> FloatArray:
    """A column of a table of words, (words,).

    Raises FileFormatError, naming the first word that differs, unless the table has the words of the corpus.
    """
    frame = read_table(path, table)
    theirs = list(zip(frame["article"], frame["sentence"], frame["word"], frame["text"], strict=True))
    ours = [(item.article, item.sentence, k, text) for item in corpus.sentences for k, text in enumerate(item.words)]
    if theirs != ours:
        pairs = zip(theirs, ours, strict=False)
        at = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(theirs), len(ours)))
        found = f"row {at + 1} is {theirs[at]}" if at < len(theirs) else f"it ends after {len(theirs)} words"
        expected = f"expected {ours[at]}" if at < len(ours) else f"the corpus has {len(ours)} words"
        raise FileFormatError(f"{path}: words of another corpus: {found}, {expected}; delete it and run again")
    return frame[column].to_numpy(dtype=float)
