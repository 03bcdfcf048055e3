"""Attention of one model and gaze of one group -> every head by itself against the group's mean."""

from readalike.files.attention import open_attention
from readalike.files.contracts.resemblance import HEADS
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.heads import heads
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, attention: list[In], kind: str, table: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    """
    corpus = read_corpus(words)
    with open_attention(attention, corpus, kind) as model:
        write_table(table, heads(model, read_gaze(gaze, corpus)), HEADS)


if __name__ == "__main__":
    run(main)
