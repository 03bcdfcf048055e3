"""Resemblance to a group whose saccades are thinned to the number of another group."""

from readalike.files.attention import open_attention
from readalike.files.contracts.resemblance import THINNED
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.sums import SumsOf, write_sums
from readalike.files.tables import write_table
from readalike.measures.resemblance import thinned
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, high: In, low: In, attention: list[In], kind: str, seed: int, table: Out, sums: Out) -> None:
    """
    high : gaze of the group to thin
    low : gaze of the other group
    attention : all blocks of one model
    kind : of attention
    """
    corpus = read_corpus(words)
    more, fewer = read_gaze(high, corpus), read_gaze(low, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = thinned(model, more, fewer, corpus, seed=seed)
        labels = {
            "model": model.model,
            "group": more.group,
            "readers_are": more.readers_are,
        }
        layers = tuple(model.layers)
    write_table(table, found.table, THINNED)
    write_sums(sums, SumsOf({"number/r2": found.sums}, labels, layers), corpus)


if __name__ == "__main__":
    run(main)
