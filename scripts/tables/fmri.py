"""Table 8: resemblance to brain regions."""

from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.tables import FMRI
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.best_layer import RULE
from readalike.tables.latex import save
from readalike.tables.regions import printed_regions, regions


def main(*, resemblance: list[In], ceilings: list[In], layers: Json[dict[str, int]], csv: Out, tex: Out) -> None:
    """
    layers : model -> layers of the whole model
    """
    found = regions(gather(resemblance, RESEMBLANCE), gather(ceilings, CEILINGS), layers)
    caption = f"Table 8. Resemblance to brain regions (fMRI): {RULE}, percent of the paper's ceiling."
    save(found, FMRI, csv, tex, caption, printed_regions(found))


if __name__ == "__main__":
    run(main)
