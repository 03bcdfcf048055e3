"""Errors that a user can mend: each message says what is wrong, where, and what to do."""

import errno

# Of a disk or a quota that is full, or of a limit on the size of files (`ulimit -f`): a message as well, though the
# error is Python's own.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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


class ResultsError(ReadalikeError):
    """A folder of results, or something in one, that is not there."""


class DownloadError(ReadalikeError):
    """A public file that could not be fetched, or that is there and is another."""


class WordAlignmentError(ReadalikeError):
    """Tokens and words that do not fit together."""


class UnsupportedModelError(ReadalikeError):
    """A model whose attention cannot be had exactly."""


class NumericsError(ReadalikeError):
    """NaN, infinity or attention that is not causal."""
