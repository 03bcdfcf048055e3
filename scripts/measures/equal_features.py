"""Attention of one model and gaze of one group -> resemblance of every layer at equal numbers of features."""

from readalike.files.attention import features_of, open_attention
from readalike.files.contracts.equal_features import EQUAL_FEATURES, EQUAL_FOLDS
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.equal_features import equal_features
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *, words: In, gaze: In, attention: list[In], compared: list[In], kind: str, seed: int, table: Out, folds: Out
) -> None:
    """
    attention : all blocks of one model
    compared : a block of each model that is compared; the smallest number of heads among them is that of features
    kind : of attention
    """
    corpus = read_corpus(words)
    features = min(features_of(path, kind) for path in compared)
    with open_attention(attention, corpus, kind) as model:
        found = equal_features(model, read_gaze(gaze, corpus), corpus, features=features, seed=seed)
    write_table(table, found.table, EQUAL_FEATURES)
    write_table(folds, found.folds, EQUAL_FOLDS)


if __name__ == "__main__":
    run(main)
