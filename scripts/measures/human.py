"""Gaze of one group -> ceilings, reliance and baseline of its readers, and draws over sentences."""

from readalike.files.bootstrap import write_draws
from readalike.files.contracts.human import CEILINGS, READER_BASELINE, READER_RELIANCE
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures import human
from readalike.measures.regression import sentence_draws
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *, words: In, gaze: In, seed: int, draws: int, ceilings: Out, reliance: Out, baseline: Out, bootstrap: Out
) -> None:
    """
    draws : bootstrap draws of sentences
    """
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    write_table(ceilings, human.ceilings(group, corpus), CEILINGS)
    write_table(reliance, human.reliance(group, corpus), READER_RELIANCE)
    write_table(baseline, human.baseline_of_readers(group, corpus), READER_BASELINE)
    resampled = human.resampled(group, corpus, sentence_draws(corpus, seed, draws))
    labels = {"group": group.group, "readers_are": group.readers_are, "seed": seed, "draws": draws}
    write_draws(bootstrap, resampled, corpus, labels=labels, readers=group.readers)


if __name__ == "__main__":
    run(main)
