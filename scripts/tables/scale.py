"""Table 2: resemblance of the base models whose sizes are compared."""

from readalike.files.contracts.tables import LOSS_AND_RESEMBLANCE, SCALE
from readalike.files.tables import read_table
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.statistics.best_layer import RULE
from readalike.tables.latex import save
from readalike.tables.models import printed_scale, scale


def main(*, models: In, scaling_law: list[str], csv: Out, tex: Out) -> None:
    """
    models : Table 1
    scaling_law : base models
    """
    found = scale(read_table(models, LOSS_AND_RESEMBLANCE), scaling_law)
    caption = f"Table 2. Resemblance of {RULE} (percent of the ceiling), by size."
    save(found, SCALE, csv, tex, caption, printed_scale(found))


if __name__ == "__main__":
    run(main)
