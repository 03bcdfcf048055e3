"""Figures of models under noise in their context."""

from typing import Any, Literal

from readalike.figures import incontext_noise as figures
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.incontext import RISK
from readalike.files.contracts.incontext_models import ACCURACY, NOISE_PAIRS, NOISE_SLOPES, NOISY_LOOKS
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    accuracy: In,
    slopes: In,
    pairs: In,
    noisy: In,
    risk: In | None = None,
    which: Literal["accuracy", "slopes", "looks"],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    risk : of the regression setting, where the run has it
    """
    look = read_style(style)
    with drawing(look):
        if which == "accuracy":
            figure, frame = figures.noise_accuracy(
                read_table(accuracy, ACCURACY), read_table(slopes, NOISE_SLOPES), look
            )
        elif which == "slopes":
            solved = read_table(risk, RISK) if risk else None
            figure, frame = figures.noise_slopes(
                read_table(slopes, NOISE_SLOPES), read_table(pairs, NOISE_PAIRS), solved, look
            )
        else:
            figure, frame = figures.noisy_looks(read_table(noisy, NOISY_LOOKS), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
