"""Gaze of one group -> ceilings, bounds, reliance and baseline of its readers, and their sums by sentence."""

import pandas as pd

from readalike.files.contracts.human import BOUNDS, CEILINGS, READER_BASELINE, READER_RELIANCE
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.sums import SumsOf, write_sums
from readalike.files.tables import write_table
from readalike.measures import human
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *, words: In, gaze: In, seed: int, ceilings: Out, bounds: Out, reliance: Out, baseline: Out, sums: Out
) -> None:
    corpus = read_corpus(words)
    group = read_gaze(gaze, corpus)
    bounded = human.bounds_by_signal(group, corpus, seed=seed)
    found = [human.ceilings(group, corpus), human.bounds_of_readers(group, bounded)]
    write_table(ceilings, pd.concat(found, ignore_index=True), CEILINGS)
    write_table(bounds, human.bounds_table(group, bounded), BOUNDS)
    write_table(reliance, human.reliance(group, corpus), READER_RELIANCE)
    write_table(baseline, human.baseline_of_readers(group, corpus), READER_BASELINE)
    labels = {"group": group.group, "readers_are": group.readers_are}
    write_sums(sums, SumsOf(human.sums(group, corpus), labels), corpus)


if __name__ == "__main__":
    run(main)
