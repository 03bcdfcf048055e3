"""The data dictionary: what each column of each table means."""

from readalike.files.contracts.dictionary import DICTIONARY, dictionary
from readalike.files.tables import write_table
from readalike.running.arguments import Out
from readalike.running.command import run


def main(*, meanings: str, table: Out) -> None:
    """
    meanings : checksum of what it says, so that new words make it again
    """
    write_table(table, dictionary(), DICTIONARY)


if __name__ == "__main__":
    run(main)
