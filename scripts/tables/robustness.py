"""Statistics of a run -> each conclusion under every variant: direction, interval, p, what survives."""

from readalike.files.contracts.robustness import CONCLUSIONS, ROBUSTNESS
from readalike.files.contracts.statistics import SLOPES, TESTS
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.tables import variants
from readalike.tables.robustness import robustness


def main(
    *,
    conclusions: list[In],
    slopes: list[In],
    tuning: list[In],
    groups: list[In],
    sensitivity: list[In],
    sensitivity_tuning: list[In],
    tuned: list[str],
    untrained: list[str],
    corpora: Json[dict[str, str]],
    signal: str,
    attention: str,
    divergence: str,
    table: Out,
) -> None:
    """
    tuned : models that were tuned
    untrained : models that were not trained, which no claim is about
    corpora : group with saccades -> the corpus it read
    attention : kind of attention that the run looks at
    divergence : formula that the run computes
    """
    statistics = {
        variants.CONCLUSIONS: gather(conclusions, CONCLUSIONS),
        variants.SLOPES: gather(slopes, SLOPES),
        variants.TUNING_TESTS: gather(tuning, TESTS),
        variants.GROUP_TESTS: gather(groups, TESTS),
        variants.SENSITIVITY: gather(sensitivity, TESTS),
        variants.SENSITIVITY_TUNING: gather(sensitivity_tuning, TESTS),
    }
    settings = {"signal": signal, "attention": attention, "divergence": divergence}
    write_table(table, robustness(statistics, tuned, corpora, settings, untrained), ROBUSTNESS)


if __name__ == "__main__":
    run(main)
