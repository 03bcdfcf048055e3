"""Resemblance at equal numbers of features -> slopes on ln(parameters), beside those on all heads."""

from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.equal_features import EQUAL_FOLDS, EQUAL_SLOPES
from readalike.files.contracts.resemblance import FOLDS
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.tables import gather, read_table, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.equal_features import equal_slopes


def main(
    *,
    folds: list[In],
    equal: list[In],
    best_layer: In,
    loss: list[In],
    scaling_law: list[str],
    families: Json[dict[str, str]],
    seed: int,
    table: Out,
) -> None:
    """
    folds : of the models of the scaling law, on all heads
    equal : the same at equal numbers of features
    scaling_law : base models
    families : model -> family, for those that have one
    """
    tables = gather(folds, FOLDS), gather(equal, EQUAL_FOLDS), read_table(best_layer, BEST_LAYER), gather(loss, LOSS)
    write_table(table, equal_slopes(*tables, scaling_law, families, seed=seed), EQUAL_SLOPES)


if __name__ == "__main__":
    run(main)
