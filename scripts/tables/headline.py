"""Every column of resemblance side by side, with ceilings and baseline."""

from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.contracts.human import CEILINGS, READER_BASELINE
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.contracts.tables import HEADLINE
from readalike.files.sums import SumsOf, read_sums
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.best_layer import RULE
from readalike.tables.headline import headline, printed_headline
from readalike.tables.latex import save


def main(
    *,
    resemblance: list[In],
    all_layers: list[In],
    best_layer: In,
    ceilings: list[In],
    baseline: list[In],
    sums: list[In],
    beyond: list[In],
    all_layers_sums: list[In],
    human_sums: list[In],
    signal: str,
    without_b3: Json[dict[str, str]],
    csv: Out,
    tex: Out,
) -> None:
    """
    all_layers : what the heads of all layers add to b2 at once
    beyond : sums of squares of what attention adds to baselines
    all_layers_sums : sums of squares of what all layers add
    without_b3 : model -> why what is beyond baseline b3 is empty
    """
    by_model: dict[tuple[str, str], list[SumsOf]] = {}
    for own in map(read_sums, [*sums, *beyond, *all_layers_sums]):
        by_model.setdefault((own.labels["model"], own.labels["group"]), []).append(own)
    found = headline(
        gather(resemblance, RESEMBLANCE),
        read_table(best_layer, BEST_LAYER),
        gather(ceilings, CEILINGS),
        gather(baseline, READER_BASELINE),
        signal,
        without_b3,
        by_model,
        {own.labels["group"]: own for own in map(read_sums, human_sums)},
        gather(all_layers, ALL_LAYERS),
    )
    caption = f"Resemblance at {RULE}, means over readers; in brackets 95 percent intervals over readers and sentences."
    save(found, HEADLINE, csv, tex, caption, printed_headline(found))


if __name__ == "__main__":
    run(main)
