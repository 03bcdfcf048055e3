"""Sentences, their lengths or events -> the sentences and words of a corpus."""

from readalike.corpus import read_lengths, read_sentences
from readalike.files.corpora import write_corpus
from readalike.gaze.events import rebuild_corpus
from readalike.imports.gao2023_readers import region_corpus
from readalike.running.arguments import In, Out
from readalike.running.command import log, run


def main(*, text: list[In], lengths: list[In], events: list[In], sentences: Out, words: Out) -> None:
    """One of the first three is given.

    text : TSV with article, sentence, text
    lengths : TSV with article, sentence, words; or a region's .pkl
    events : folders of Reading Brain event files
    """
    if text:
        corpus = read_sentences(text[0])
    elif lengths:
        corpus = (region_corpus if lengths[0].suffix == ".pkl" else read_lengths)(lengths[0])
    else:
        corpus = rebuild_corpus(events)
    log.info("%d sentences, %d words, %d pairs", len(corpus.sentences), corpus.n_words, corpus.n_pairs)
    write_corpus(sentences, words, corpus)


if __name__ == "__main__":
    run(main)
