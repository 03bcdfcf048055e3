"""What attention tells of where saccades land, at a layer chosen without what is scored."""

from readalike.files.contracts.tables import LANDING_TABLE
from readalike.files.gains import read_gains
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.tables.landing import landing_table, printed
from readalike.tables.latex import save


def main(*, sentences: list[In], csv: Out, tex: Out) -> None:
    """
    sentences : what each reader's saccades gain in each sentence, a file a model and group
    """
    found = landing_table([read_gains(path) for path in sentences])
    caption = "Held-out nats a saccade that attention adds to position and word length (gains in thousandths)."
    save(found, LANDING_TABLE, csv, tex, caption, printed(found))


if __name__ == "__main__":
    run(main)
