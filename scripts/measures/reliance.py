"""Attention of one model -> reliance of every head on the trivial patterns, and draws by quarter."""

from readalike.files.attention import open_attention
from readalike.files.bootstrap import write_draws
from readalike.files.contracts.attention import RELIANCE
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.regression import sentence_draws
from readalike.measures.reliance import reliance, resampled
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *, words: In, corpus_name: str, attention: list[In], kind: str, seed: int, draws: int, table: Out, bootstrap: Out
) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    draws : bootstrap draws of sentences
    """
    corpus = read_corpus(words)
    with open_attention(attention, corpus, kind) as model:
        write_table(table, reliance(model, corpus).assign(corpus=corpus_name), RELIANCE)
        # Quarters need all layers; imported attention may lack some, and has no draws then.
        by_condition = resampled(model, corpus, sentence_draws(corpus, seed, draws)) if model.whole else {}
        labels = {"model": model.model, "corpus": corpus_name, "seed": seed, "draws": draws}
    values = {f"{condition}/r2": array for condition, array in by_condition.items()}
    write_draws(bootstrap, values, corpus, labels=labels)


if __name__ == "__main__":
    run(main)
