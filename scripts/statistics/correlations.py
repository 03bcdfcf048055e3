"""Best layers and losses -> correlations of resemblance with size and with loss."""

from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.statistics import BEST_LAYER, CORRELATIONS
from readalike.files.tables import gather, read_table, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.scaling import correlations


def main(
    *,
    best_layer: In,
    loss: list[In],
    scaling_law: list[str],
    corpora: Json[dict[str, str]],
    left_out: Json[list[str]],
    seed: int,
    table: Out,
) -> None:
    """
    scaling_law : base models
    corpora : group -> the corpus it read
    left_out : of the correlation with loss: models that differ from another one by next to nothing, and untrained ones
    """
    layers, losses = read_table(best_layer, BEST_LAYER), gather(loss, LOSS)
    write_table(table, correlations(layers, losses, scaling_law, corpora, left_out, seed=seed), CORRELATIONS)


if __name__ == "__main__":
    run(main)
