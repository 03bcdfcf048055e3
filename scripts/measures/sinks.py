"""Attention of one model and gaze of one group -> what attention adds to b2 with its sinks out of the way."""

from readalike.files.attention import open_attention
from readalike.files.contracts.sinks import SINKS
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.sums import SumsOf, write_sums
from readalike.files.tables import write_table
from readalike.measures.sinks import sinks
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, attention: list[In], kind: str, seed: int, table: Out, sums: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    """
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = sinks(model, group, corpus, seed=seed)
        labels = {"model": model.model, "group": group.group, "readers_are": group.readers_are}
        layers = tuple(model.layers)
    write_table(table, found.table, SINKS)
    write_sums(sums, SumsOf(found.sums, labels, layers), corpus)


if __name__ == "__main__":
    run(main)
