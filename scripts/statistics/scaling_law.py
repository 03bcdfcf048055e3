"""Best layers and numbers of parameters -> the line of resemblance on ln(parameters), and slopes within families."""

from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.statistics import BEST_LAYER, SCALING_LAW, SLOPES
from readalike.files.tables import gather, read_table, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics import scaling
from readalike.statistics.slopes import slopes


def main(
    *,
    best_layer: In,
    loss: list[In],
    scaling_law: list[str],
    families: Json[dict[str, str]],
    seed: int,
    table: Out,
    by_family: Out,
) -> None:
    """
    scaling_law : base models
    families : model -> family, for those that have one
    """
    layers, losses = read_table(best_layer, BEST_LAYER), gather(loss, LOSS)
    write_table(table, scaling.scaling_law(layers, losses, scaling_law, families), SCALING_LAW)
    write_table(by_family, slopes(layers, losses, scaling_law, families, seed=seed), SLOPES)


if __name__ == "__main__":
    run(main)
