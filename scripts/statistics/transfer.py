"""Tables of all models and groups -> each claim with its size in every corpus and group."""

from readalike.files.contracts.resemblance import HEADS, RESEMBLANCE
from readalike.files.contracts.statistics import BEST_LAYER, SLOPES, TRANSFER
from readalike.files.tables import gather, read_table, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics import transfer


def main(
    *,
    resemblance: list[In],
    best_layer: In,
    slopes: list[In],
    heads: list[In],
    corpora: Json[dict[str, str]],
    layers: Json[dict[str, int]],
    signal: str,
    table: Out,
) -> None:
    """
    slopes : scaling-slopes.csv, where there are models enough
    corpora : group -> the corpus it read
    layers : of every model that counts
    """
    found = transfer.transfer(
        gather(resemblance, RESEMBLANCE),
        read_table(best_layer, BEST_LAYER),
        gather(slopes, SLOPES),
        gather(heads, HEADS),
        corpora,
        layers,
        signal,
    )
    write_table(table, found, TRANSFER)


if __name__ == "__main__":
    run(main)
