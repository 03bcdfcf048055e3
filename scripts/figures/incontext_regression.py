"""Figures of linear regression in context."""

from typing import Any, Literal

from readalike.figures import incontext_regression as figures
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.incontext import CROSSINGS, RISK, SHRINKAGE, TRAINED_REGRESSION
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    risk: In,
    crossing: In,
    kept: In,
    trained: list[In],
    examples: int,
    which: Literal["noise", "rank", "shrinkage", "length"],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    trained : trained-regression.csv, where something is trained
    examples : demonstrations in the prompts that layers were trained on
    """
    look = read_style(style)
    risks, crossings = read_table(risk, RISK), read_table(crossing, CROSSINGS)
    with drawing(look):
        if which == "noise":
            figure, frame = figures.noise_and_rank(risks, crossings, look)
        elif which == "rank":
            figure, frame = figures.best_rank(risks, crossings, look)
        elif which == "length":
            figure, frame = figures.risk_and_length(risks, look)
        else:
            layers = gather(trained, TRAINED_REGRESSION).assign(examples=examples)
            figure, frame = figures.shrinkage(read_table(kept, SHRINKAGE), layers, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
