"""How a script of the workflow runs: arguments, a log, a record of what it wrote, one message for a user's mistake."""

import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from readalike.errors import FULL, ConfigurationError, ReadalikeError
from readalike.running import began, environment, kept, records
from readalike.running.arguments import (
    HANDED_ON,
    READ,
    TAKEN_OVER,
    WRITTEN,
    arguments_of,
    parser_of,
    paths_of,
    values_of,
)
from readalike.running.digests import code_digest

log = logging.getLogger("readalike")


def run(main: Callable[..., None]) -> None:
    """Call `main` with what the command line says, log to stderr and to `--log FILE`, and leave a record.

    Options come from the signature of `main` (`running.arguments`); every path it declares as written must be there
    when it ends, and gets a record of where it comes from. What it reads of other jobs must be what they wrote. With
    `--keep FOLDER` it takes what an earlier try of the same work left there, and leaves its own (`running.kept`).

    A `ReadalikeError`, and a full disk, end in one message and status 1. Any other exception keeps its traceback, in
    the log file too: it is a defect to be reported.
    """
    arguments = arguments_of(main)
    parser = parser_of(main, main.__globals__.get("__doc__"))
    parser.add_argument("--log", type=Path, help="file that repeats what is said on stderr")
    parser.add_argument(
        "--keep", type=Path, nargs="*", default=[], help="folder that keeps the outputs for another try"
    )
    parser.add_argument("--drop", type=Path, nargs="*", default=[], help="folder of that kind to be removed at the end")
    given = parser.parse_args()
    values, log_file = values_of(parser, arguments, given), given.log
    _log_to(log_file)
    script = Path(sys.argv[0])
    try:
        _require_own_library(script)
        # What is loaded now is what runs, whatever is edited meanwhile.
        code = code_digest(script, records.SOURCE)
        began.require_same(script, code)
        results = records.folder_of_results()
        inputs = records.verified(paths_of(arguments, values, READ), results)
        inputs |= {str(path): records.checksum(path) for path in paths_of(arguments, values, TAKEN_OVER)}
        written, handed_on = paths_of(arguments, values, WRITTEN), paths_of(arguments, values, HANDED_ON)
        rest = {argument.name: values.get(argument.name) for argument in arguments if not _is_path(argument.role)}
        key = kept.key_of(rest, inputs, code, written)
        if any(kept.restore(folder, key, [*written, *handed_on]) for folder in given.keep):
            log.info("taken as an earlier try left it")
        else:
            main(**values)
        missing = [path for path in (*written, *handed_on) if not path.exists()]
        if missing:
            raise FileNotFoundError(f"{missing[0]} is declared as written and is not there")
        records.write(
            script,
            rest,
            code=code,
            environment=environment.of_job(script, records.SOURCE),
            inputs=inputs,
            outputs=written,
            results=results,
        )
        for folder in given.keep:
            kept.keep(folder, key, [*written, *handed_on])
        for folder in given.drop:
            shutil.rmtree(folder, ignore_errors=True)
    except ReadalikeError as error:
        log.error("%s", error)
        if error.__cause__ is not None and log_file is not None:
            # What a library raised behind the message helps in a report, and would only hide it on the screen.
            with log_file.open("a", encoding="utf-8") as file:
                traceback.print_exception(error.__cause__, file=file)
        sys.exit(1)
    except Exception as error:  # whatever it is, it must stand in the log before it ends the script
        if isinstance(error, OSError) and error.errno in FULL:
            log.error("%s; free some space, or write elsewhere, and run again", error)
            sys.exit(1)
        log.exception("unexpected error: please report it with this log")
        sys.exit(2)


def _is_path(role: object) -> bool:
    return role in (READ, TAKEN_OVER, WRITTEN, HANDED_ON)


def _require_own_library(script: Path) -> None:
    """Raise ConfigurationError where a script of one checkout runs with the library of another: digests and numbers
    would be of two versions."""
    own = script.resolve().parents[2] / "src"
    if (own / "readalike").is_dir() and own.resolve() != records.SOURCE.resolve():
        raise ConfigurationError(
            f"{script} runs with the library in {records.SOURCE}, not with its own in {own}; start it through this "
            f"Snakefile, or with PYTHONPATH={own}"
        )


def _log_to(file: Path | None) -> None:
    screen = logging.StreamHandler(sys.stderr)
    if file is not None and records.REVISION in os.environ:
        # Of a job the screen has warnings, and the workflow ends with its error (`running.messages`); the file has all.
        screen.addFilter(lambda record: record.levelno == logging.WARNING)
        if "transformers" in sys.modules:  # a bar a model, of weights that are in memory in a moment
            sys.modules["transformers"].utils.logging.disable_progress_bar()
    handlers: list[logging.Handler] = [screen]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(file, mode="w", encoding="utf-8"))
    # Libraries tell at INFO what nobody asked for: a line for every table of a font.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", handlers=handlers, force=True)
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
