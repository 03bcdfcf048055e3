"""The reproduction in plain words."""

from readalike.files.atomic import replacing
from readalike.files.attention import open_attention
from readalike.files.contracts.reproduction import LAYER_LISTS, REPRODUCTION
from readalike.files.contracts.statistics import TESTS
from readalike.files.contracts.tables import FMRI
from readalike.files.corpora import read_corpus
from readalike.files.tables import read_table
from readalike.reproduction.report import report
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, values: In, lists: In, group_tests: In, regions: In, words: In, attention: list[In], text: Out) -> None:
    """
    values : reproduction.csv
    lists : significant layers in the authors' divergences
    regions : table-08-fmri.csv
    words : of the corpus with text
    attention : one imported file a model
    """
    corpus = read_corpus(words)
    differing = {}
    for path in attention:
        with open_attention([path], corpus) as model:
            differing[model.model] = (len(model.sentences_that_differ), len(corpus.sentences))
    said = report(
        read_table(values, REPRODUCTION),
        read_table(lists, LAYER_LISTS),
        read_table(group_tests, TESTS),
        read_table(regions, FMRI),
        differing,
    )
    with replacing(text) as temporary:
        temporary.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    run(main)
