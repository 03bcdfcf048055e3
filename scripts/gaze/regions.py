"""fMRI matrices of a group -> a signal a brain region."""

from readalike.files.corpora import read_corpus
from readalike.files.gaze import write_gaze
from readalike.gaze.regions import group_regions
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run

Exclusions = dict[str, dict[str, dict[str, str]]]


def main(
    *, words: In, group: str, regions: list[str], matrices: list[In], exclude: Json[Exclusions], gaze: Out
) -> None:
    """
    regions : their names, in the order of matrices
    exclude : region -> score and ceiling -> reader -> reason
    """
    corpus = read_corpus(words)
    paths = dict(zip(regions, matrices, strict=True))
    write_gaze(gaze, group_regions(group, paths, corpus, exclude), corpus)


if __name__ == "__main__":
    run(main)
