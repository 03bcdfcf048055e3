"""Figure 7: resemblance against size."""

from typing import Any

from readalike.figures.resemblance import resemblance_by_size
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.statistics import CORRELATIONS, SCALING_LAW
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *, scaling_law: In, correlations: In, signal: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out
) -> None:
    look = read_style(style)
    with drawing(look):
        found = read_table(correlations, CORRELATIONS)
        found = found[found["question"] == "size"]
        figure, frame = resemblance_by_size(read_table(scaling_law, SCALING_LAW), found, look, signal)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
