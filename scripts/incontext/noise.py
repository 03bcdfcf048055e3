"""Answers of all models to all tasks -> accuracy by noise, slopes, and models side by side."""

from readalike.files.context_attention import read_parameters
from readalike.files.contracts import incontext_models as contracts
from readalike.files.tables import gather, write_table
from readalike.incontext import noise
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    answers: list[In],
    attention: list[In],
    words: list[In],
    comparisons: Json[dict[str, list[tuple[str, str]]]],
    accuracy: Out,
    slopes: Out,
    sets: Out,
    pairs: Out,
    sizes: Out,
) -> None:
    """
    answers : answers.csv of every model and task; attention: attention.h5 beside them, for the sizes of the models
    words : what a bag of words knows, of every task
    comparisons : name -> pairs of models that were asked: smaller and larger, base and tuned
    """
    found = noise.cubes(gather(answers, contracts.ANSWERS))
    parameters = dict(map(read_parameters, attention))
    of_words = gather(words, contracts.BAG_OF_WORDS)
    known = dict(zip(of_words["task"], of_words["accuracy"], strict=True))
    table = noise.slope_table(found, parameters, known)
    write_table(accuracy, noise.accuracy_table(found), contracts.ACCURACY)
    write_table(slopes, table, contracts.NOISE_SLOPES)
    write_table(sets, noise.set_table(found), contracts.NOISE_SETS)
    write_table(pairs, noise.pair_table(found, comparisons, parameters), contracts.NOISE_PAIRS)
    write_table(sizes, noise.size_table(table), contracts.NOISE_SIZES)


if __name__ == "__main__":
    run(main)
