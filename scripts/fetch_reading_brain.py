"""Fetch the public Reading Brain events (OpenNeuro ds003974 and ds003988) and verify every file."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.errors import ReadalikeError
from readalike.imports.openneuro import BUCKET, fetch


def main(arguments: argparse.Namespace) -> None:
    try:
        fetch(arguments.registry, arguments.output, arguments.url)
    except KeyboardInterrupt:
        raise ReadalikeError("interrupted: what is there is whole; the same command fetches the rest") from None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path, required=True, help="checksums and paths, as sha256sum writes them")
    parser.add_argument("--output", type=Path, required=True, help="folder for ds003974 and ds003988")
    parser.add_argument("--url", default=BUCKET, help="address below which the files lie (default: %(default)s)")
    run(main, parser)
