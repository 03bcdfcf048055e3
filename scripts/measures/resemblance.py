"""Attention of one model and gaze of one group -> resemblance of every layer to every reader."""

from readalike.files.attention import open_attention
from readalike.files.bootstrap import write_draws
from readalike.files.contracts.resemblance import FOLDS, RESEMBLANCE
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.regression import sentence_draws
from readalike.measures.resemblance import resemblance
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *,
    words: In,
    gaze: In,
    attention: list[In],
    kind: str,
    seed: int,
    draws: int,
    table: Out,
    folds: Out,
    bootstrap: Out,
) -> None:
    """
    attention : all blocks of one model
    kind : of attention
    draws : bootstrap draws of sentences
    """
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    with open_attention(attention, corpus, kind) as model:
        found = resemblance(model, group, corpus, seed=seed, draws=sentence_draws(corpus, seed, draws))
        labels = {
            "model": model.model,
            "group": group.group,
            "readers_are": group.readers_are,
            "first_layer": model.layers[0],
            "seed": seed,
            "draws": draws,
        }
    write_table(table, found.table, RESEMBLANCE)
    write_table(folds, found.folds, FOLDS)
    write_draws(bootstrap, found.draws, corpus, labels=labels, readers=group.readers)


if __name__ == "__main__":
    run(main)
