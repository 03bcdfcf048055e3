"""Attention of two models -> divergence between them in every condition."""

from readalike.files.attention import open_attention
from readalike.files.contracts.divergence import DIVERGENCE
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.divergence import between_models
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *,
    words: In,
    corpus_name: str,
    a: list[In],
    b: list[In],
    kind: str,
    comparison: str,
    units: list[str],
    formula: str,
    table: Out,
) -> None:
    """
    a : all blocks of one model
    b : all blocks of the other
    kind : of attention
    comparison : scaling, tuning or reference
    units : layer, quarter or both
    formula : computed or printed
    """
    corpus = read_corpus(words)
    with open_attention(a, corpus, kind) as first, open_attention(b, corpus, kind) as second:
        found = between_models(first, second, corpus, units, formula)
    write_table(table, found.assign(corpus=corpus_name, comparison=comparison), DIVERGENCE)


if __name__ == "__main__":
    run(main)
