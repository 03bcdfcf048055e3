"""What each table and figure of the run shows and how it was computed; what was not made, and why."""

from pathlib import Path

import pandas as pd

from readalike.captions import About, captions, run_of
from readalike.catalogue import read_catalogue
from readalike.files.atomic import replacing
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    catalogue: In,
    shown: list[In],
    ceilings: list[In],
    words: list[In],
    made: list[In],
    about: Json[About],
    text: Out,
) -> None:
    """
    catalogue : titles, methods and needs
    shown : captions of figures
    words : of every corpus
    made : tables and figures
    about : what the configuration says
    """
    said = captions(
        read_catalogue(catalogue),
        {str(path): pd.read_csv(path) if path.suffix == ".csv" else None for path in made},
        {Path(path).stem: path.read_text(encoding="utf-8") for path in shown},
        run_of(about, ceilings, words),
    )
    with replacing(text) as temporary:
        temporary.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    run(main)
