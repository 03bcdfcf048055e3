"""Attention and surprisal of one model, reading times of one group -> what the former tell of the latter."""

from readalike.files.attention import open_attention
from readalike.files.contracts.attention import FREQUENCY, SURPRISAL
from readalike.files.contracts.reading_times import READING_TIMES
from readalike.files.corpora import read_corpus
from readalike.files.gains import write_gains
from readalike.files.reading_times import read_reading_times
from readalike.files.tables import write_table
from readalike.files.words import value_of_words
from readalike.measures.reading_times import reading_time_scores
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *,
    words: In,
    times: In,
    attention: list[In],
    frequency: In | None = None,
    surprisal: In | None = None,
    kind: str,
    seed: int,
    table: Out,
    sentences: Out,
) -> None:
    """
    attention : all blocks of one model
    frequency : of the words, for the baseline, where it is known
    surprisal : of the words, where it is asked for and the model has weights
    kind : of attention
    sentences : sums over each sentence, for tests over readers and sentences
    """
    corpus = read_corpus(words)
    group = read_reading_times(times, corpus)
    zipf = None if frequency is None else value_of_words(frequency, FREQUENCY, "zipf", corpus)
    unexpected = None if surprisal is None else value_of_words(surprisal, SURPRISAL, "surprisal", corpus)
    with open_attention(attention, corpus, kind) as model:
        found = reading_time_scores(model, group, corpus, surprisal=unexpected, zipf=zipf, seed=seed)
        labels = {"model": model.model, "group": group.group, "readers_are": group.readers_are}
        layers = model.layers
    write_table(table, found.table, READING_TIMES)
    write_gains(sentences, found.sums, corpus, labels=labels, readers=group.readers, layers=layers)


if __name__ == "__main__":
    run(main)
