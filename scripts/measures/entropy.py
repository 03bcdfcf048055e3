"""Attention files of one model -> the entropy of every head in every condition."""

from readalike.files.attention import open_attention
from readalike.files.contracts.attention import ENTROPY
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.entropy import entropy
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, corpus_name: str, attention: list[In], kind: str, table: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    """
    corpus = read_corpus(words)
    with open_attention(attention, corpus, kind) as model:
        write_table(table, entropy(model, corpus).assign(corpus=corpus_name), ENTROPY)


if __name__ == "__main__":
    run(main)
