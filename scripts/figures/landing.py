"""What each layer tells of where saccades land."""

from typing import Any

from readalike.figures.landing import landing_by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.landing import LANDING
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, landing: list[In], style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    look = read_style(style)
    with drawing(look):
        figure, frame = landing_by_layer(gather(landing, LANDING), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
