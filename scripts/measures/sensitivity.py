"""Attention of one model -> divergence between each condition and plain."""

from readalike.files.attention import open_attention
from readalike.files.contracts.divergence import SENSITIVITY
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.divergence import sensitivity
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, corpus_name: str, attention: list[In], kind: str, formula: str, table: Out) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    formula : computed or printed
    """
    corpus = read_corpus(words)
    with open_attention(attention, corpus, kind) as model:
        write_table(table, sensitivity(model, corpus, formula).assign(corpus=corpus_name), SENSITIVITY)


if __name__ == "__main__":
    run(main)
