"""Attention of one model and gaze of one group -> what attention adds to each baseline, by sentence and reader."""

from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.sums import SumsOf, write_sums
from readalike.measures.beyond import beyond
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, attention: list[In], kind: str, sums: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    """
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = beyond(model, group, corpus)
        labels = {"model": model.model, "group": group.group, "readers_are": group.readers_are}
        layers = tuple(model.layers)
    write_sums(sums, SumsOf(found, labels, layers), corpus)


if __name__ == "__main__":
    run(main)
