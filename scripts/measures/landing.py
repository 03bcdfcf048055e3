"""Attention of one model and landings of one group -> what every layer tells of where saccades land."""

from readalike.files.attention import open_attention
from readalike.files.contracts.landing import LANDING
from readalike.files.corpora import read_corpus
from readalike.files.gains import write_gains
from readalike.files.landings import read_landings
from readalike.files.tables import write_table
from readalike.measures.landing import landing
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, landings: In, attention: list[In], kind: str, seed: int, table: Out, sentences: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    sentences : sums over each sentence, for tests over readers and sentences
    """
    corpus = read_corpus(words)
    group = read_landings(landings, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = landing(model, group, corpus, seed=seed)
        labels = {"model": model.model, "group": group.group, "readers_are": group.readers_are}
        layers = model.layers
    write_table(table, found.table, LANDING)
    write_gains(sentences, found.sums, corpus, labels=labels, readers=group.readers, layers=layers)


if __name__ == "__main__":
    run(main)
