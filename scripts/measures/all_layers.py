"""Attention of one model and gaze of one group -> what the heads of all layers add to b2 at once."""

from readalike.files.attention import open_attention
from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.sums import SumsOf, write_sums
from readalike.files.tables import write_table
from readalike.measures.all_layers import all_layers
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, attention: list[In], kind: str, table: Out, sums: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    """
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = all_layers(model, group, corpus)
        labels = {"model": model.model, "group": group.group, "readers_are": group.readers_are}
    write_table(table, found.table, ALL_LAYERS)
    write_sums(sums, SumsOf(found.sums, labels), corpus)


if __name__ == "__main__":
    run(main)
