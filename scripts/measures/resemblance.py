"""Attention of one model and gaze of one group -> resemblance of every layer to every reader."""

from readalike.files.attention import open_attention
from readalike.files.contracts.attention import FREQUENCY, SURPRISAL
from readalike.files.contracts.resemblance import FOLDS, RESEMBLANCE
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.sums import SumsOf, write_sums
from readalike.files.tables import write_table
from readalike.files.words import value_of_words
from readalike.measures.regressors import baseline_of_words
from readalike.measures.resemblance import resemblance
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *,
    words: In,
    gaze: In,
    attention: list[In],
    frequency: In | None = None,
    surprisal: In | None = None,
    kind: str,
    seed: int,
    table: Out,
    folds: Out,
    sums: Out,
) -> None:
    """
    attention : all blocks of one model
    frequency : of the words, for baseline b3
    surprisal : of the words, for baseline b3
    kind : of attention
    """
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    of_words = None
    if frequency is not None and surprisal is not None:
        zipf = value_of_words(frequency, FREQUENCY, "zipf", corpus)
        unexpected = value_of_words(surprisal, SURPRISAL, "surprisal", corpus)
        of_words = baseline_of_words(corpus, zipf, unexpected)
    with open_attention(attention, corpus, kind) as model:
        found = resemblance(model, group, corpus, seed=seed, of_words=of_words)
        labels = {
            "model": model.model,
            "group": group.group,
            "readers_are": group.readers_are,
        }
        layers = tuple(model.layers)
    write_table(table, found.table, RESEMBLANCE)
    write_table(folds, found.folds, FOLDS)
    write_sums(sums, SumsOf(found.sums, labels, layers, found.chance), corpus)


if __name__ == "__main__":
    run(main)
