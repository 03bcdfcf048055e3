"""Every column of resemblance side by side, with ceilings and baseline."""

from readalike.files.contracts.human import CEILINGS, READER_BASELINE
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.contracts.tables import HEADLINE
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.tables.headline import headline
from readalike.tables.latex import save


def main(
    *,
    resemblance: list[In],
    best_layer: In,
    ceilings: list[In],
    baseline: list[In],
    signal: str,
    without_b3: Json[dict[str, str]],
    csv: Out,
    tex: Out,
) -> None:
    """
    without_b3 : model -> why what is beyond baseline b3 is empty
    """
    found = headline(
        gather(resemblance, RESEMBLANCE),
        read_table(best_layer, BEST_LAYER),
        gather(ceilings, CEILINGS),
        gather(baseline, READER_BASELINE),
        signal,
        without_b3,
    )
    caption = "Resemblance at the layer with the highest in-sample R2, means over readers."
    save(found, HEADLINE, csv, tex, caption)


if __name__ == "__main__":
    run(main)
