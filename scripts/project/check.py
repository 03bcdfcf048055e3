"""Results of a run -> whether each is what its record says; status 1 where one is not."""

from pathlib import Path

from readalike.configuration import with_results
from readalike.errors import FileFormatError
from readalike.running.arguments import In
from readalike.running.check import check, told
from readalike.running.command import log, run
from readalike.strict_yaml import read_strict


def main(*, config: In, folder: Path = Path()) -> None:
    """
    config : configuration that was run
    folder : where it was run (default: here)
    """
    results = Path(with_results(read_strict(config), config)["results"])
    found = check(results, folder)
    said = told(found, results, f".venv/bin/snakemake --profile workflow/profiles/demo --configfile {config}")
    if not found.whole:
        raise FileFormatError(said)
    log.info("%s", said)


if __name__ == "__main__":
    run(main)
