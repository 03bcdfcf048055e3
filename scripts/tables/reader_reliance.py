"""Table 5: readers' reliance on the trivial patterns."""

from readalike import tables
from readalike.files.contracts.human import READER_RELIANCE
from readalike.files.contracts.tables import READER_RELIANCE_TABLE
from readalike.files.tables import gather
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, reliance: list[In], csv: Out, tex: Out) -> None:
    found = tables.reader_reliance(gather(reliance, READER_RELIANCE))
    caption = "Table 5. R2 of saccade number on first word, previous word and self."
    tables.save(found, READER_RELIANCE_TABLE, csv, tex, caption)


if __name__ == "__main__":
    run(main)
