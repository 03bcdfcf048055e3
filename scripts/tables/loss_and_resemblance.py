"""Table 1: loss and resemblance of every model."""

from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.contracts.tables import LOSS_AND_RESEMBLANCE
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.best_layer import RULE
from readalike.tables.latex import save
from readalike.tables.models import loss_and_resemblance, printed_loss


def main(*, best_layer: In, loss: list[In], corpora: Json[dict[str, str]], signal: str, csv: Out, tex: Out) -> None:
    """
    corpora : group -> the corpus it read
    """
    found = loss_and_resemblance(read_table(best_layer, BEST_LAYER), gather(loss, LOSS), corpora, signal)
    caption = f"Table 1. Loss (nats a token, of each corpus) and resemblance of {RULE} (percent of the ceiling)."
    save(found, LOSS_AND_RESEMBLANCE, csv, tex, caption, printed_loss(found))


if __name__ == "__main__":
    run(main)
