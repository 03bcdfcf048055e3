"""Table 3: resemblance of base models and of those tuned from them."""

from readalike.files.contracts.tables import LOSS_AND_RESEMBLANCE, TUNING
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.best_layer import RULE
from readalike.tables.latex import save
from readalike.tables.models import printed_tuning, tuning


def main(*, models: In, pairs: Json[list[list[str]]], csv: Out, tex: Out) -> None:
    """
    models : Table 1
    pairs : base and tuned model
    """
    found = tuning(read_table(models, LOSS_AND_RESEMBLANCE), pairs)
    caption = f"Table 3. Resemblance of {RULE} (percent of the ceiling) of base and tuned models."
    save(found, TUNING, csv, tex, caption, printed_tuning(found))


if __name__ == "__main__":
    run(main)
