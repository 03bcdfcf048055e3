"""Errors that a user can mend: each message says what is wrong, where, and what to do."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger("readalike")


class ReadalikeError(Exception):
    """Base of all errors with a message for the user; anything else is a defect of this library."""


class ConfigurationError(ReadalikeError):
    """The configuration asks for something that does not exist or does not fit together."""


class CorpusError(ReadalikeError):
    """Sentences, words or events that cannot be read as a corpus."""


class EventsError(ReadalikeError):
    """An events file or a reader that cannot be turned into saccades."""


class FileFormatError(ReadalikeError):
    """A file of another corpus, of another kind, or damaged."""


class WordAlignmentError(ReadalikeError):
    """Tokens and words that do not fit together."""


class UnsupportedModelError(ReadalikeError):
    """A model whose attention cannot be had exactly."""


class NumericsError(ReadalikeError):
    """NaN, infinity or attention that is not causal."""


def run_script(main: Callable[[], None], log_file: Path | None = None) -> None:
    """Run a script's main: log to stderr and to `log_file`; a `ReadalikeError` ends in one message, status 1.

    Any other exception keeps its traceback, in the log file too: it is a defect to be reported.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if log_file is not None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(log_file, mode="w", encoding="utf-8"))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", handlers=handlers, force=True)
    logging.captureWarnings(True)
    try:
        main()
    except ReadalikeError as error:
        log.error("%s", error)
        sys.exit(1)
    except Exception:
        log.exception("unexpected error: please report it with this log")
        sys.exit(2)
