"""Table 5: readers' reliance on the trivial patterns."""

from readalike.files.contracts.human import READER_RELIANCE
from readalike.files.contracts.tables import READER_RELIANCE_TABLE
from readalike.files.tables import gather
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.tables.latex import save
from readalike.tables.readers import printed, reader_reliance


def main(*, reliance: list[In], signal: str, csv: Out, tex: Out) -> None:
    found = reader_reliance(gather(reliance, READER_RELIANCE), signal)
    caption = f"Table 5. R2 of saccade {signal} on first word, previous word and self."
    save(found, READER_RELIANCE_TABLE, csv, tex, caption, printed(found))


if __name__ == "__main__":
    run(main)
