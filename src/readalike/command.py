"""How a script of the workflow runs: arguments, a log, and one message for a user's mistake."""

import argparse
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from readalike import provenance
from readalike.errors import FULL, ReadalikeError

log = logging.getLogger("readalike")


def run(main: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser) -> None:
    """Parse arguments (`--log` is added), run `main` with them, and log to stderr and to the log file.

    What it writes below results/ gets a record of where it comes from.

    A `ReadalikeError`, and a full disk, end in one message and status 1. Any other exception keeps its traceback, in
    the log file too: it is a defect to be reported.
    """
    parser.add_argument("--log", type=Path, help="file that repeats what is said on stderr")
    arguments = parser.parse_args()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if arguments.log is not None:
        arguments.log.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(arguments.log, mode="w", encoding="utf-8"))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", handlers=handlers, force=True)
    logging.captureWarnings(True)
    # Hidden states are removed once the next block of layers stands.
    passing = {arguments.log, getattr(arguments, "states_out", None)}
    try:
        before = provenance.states(provenance.named_paths(arguments))
        main(arguments)
        provenance.write_records(Path(sys.argv[0]), arguments, before, without=passing)
    except ReadalikeError as error:
        log.error("%s", error)
        if error.__cause__ is not None and arguments.log is not None:
            # What a library raised behind it is no matter for the screen, and may be one for a report.
            with arguments.log.open("a", encoding="utf-8") as file:
                traceback.print_exception(error.__cause__, file=file)
        sys.exit(1)
    except Exception as error:  # whatever it is, it must stand in the log before it ends the script
        if isinstance(error, OSError) and error.errno in FULL:
            log.error("%s; free some space, or write elsewhere, and run again", error)
            sys.exit(1)
        log.exception("unexpected error: please report it with this log")
        sys.exit(2)
