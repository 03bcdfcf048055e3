"""What each table and figure of the run shows and how it was computed; what was not made, and why."""

from pathlib import Path

import pandas as pd

from readalike.captions import About, Run, captions
from readalike.catalogue import read_catalogue
from readalike.files.atomic import replacing
from readalike.files.contracts.human import CEILINGS
from readalike.files.corpora import read_corpus
from readalike.files.tables import gather
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
    table = gather(ceilings, CEILINGS)
    # Of groups with regions every table that counts readers says how many.
    table = table[(table["signal"] == about["signal"]) | table["group"].isin(list(about["regions"]))]
    readers = {
        str(group): (int(own["reader"].nunique()), str(own["readers_are"].iloc[0]))
        for group, own in table.groupby("group", sort=False)
    }
    corpora = {}
    for path in words:
        corpus = read_corpus(path)
        corpora[path.parent.name] = (len(corpus.sentences), len(set(corpus.articles)))
    said = captions(
        read_catalogue(catalogue),
        {str(path): pd.read_csv(path) if path.suffix == ".csv" else None for path in made},
        {Path(path).stem: path.read_text(encoding="utf-8") for path in shown},
        Run(about, readers, corpora),
    )
    with replacing(text) as temporary:
        temporary.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    run(main)
