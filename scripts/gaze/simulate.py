"""Corpus -> event files of simulated readers, in Reading Brain's layout."""

from readalike.files.atomic import replacing_folder
from readalike.files.corpora import read_corpus
from readalike.gaze.simulate import write_readers
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, readers: int, seed: int, profile: str, events: Out) -> None:
    """
    readers : how many
    profile : native or nonnative
    events : folder for the event files
    """
    corpus = read_corpus(words)
    with replacing_folder(events) as folder:
        write_readers(folder, corpus, readers=readers, seed=seed, profile=profile)


if __name__ == "__main__":
    run(main)
