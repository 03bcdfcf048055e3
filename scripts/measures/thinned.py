"""Resemblance to a group whose saccades are thinned to the number of another group."""

from readalike.files.attention import open_attention
from readalike.files.bootstrap import write_draws
from readalike.files.contracts.resemblance import THINNED
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.regression import sentence_draws
from readalike.measures.resemblance import thinned
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *, words: In, high: In, low: In, attention: list[In], kind: str, seed: int, draws: int, table: Out, bootstrap: Out
) -> None:
    """
    high : gaze of the group to thin
    low : gaze of the other group
    attention : all blocks of one model
    kind : of attention
    draws : bootstrap draws of sentences
    """
    corpus = read_corpus(words)
    more, fewer = read_gaze(high, corpus), read_gaze(low, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = thinned(model, more, fewer, corpus, seed=seed, draws=sentence_draws(corpus, seed, draws))
        labels = {
            "model": model.model,
            "group": more.group,
            "readers_are": more.readers_are,
            "seed": seed,
            "draws": draws,
        }
    write_table(table, found.table, THINNED)
    write_draws(bootstrap, {"number/r2": found.draws}, corpus, labels=labels, readers=more.readers)


if __name__ == "__main__":
    run(main)
