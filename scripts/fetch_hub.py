"""Fetch a commit of a repository of the Hugging Face Hub; HF_TOKEN in the environment opens gated ones."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.weights.hub import fetch


def main(arguments: argparse.Namespace) -> None:
    fetch(arguments.repository, arguments.commit, arguments.output, code=arguments.code)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", required=True, help="OWNER/NAME")
    parser.add_argument("--commit", required=True, help="40 hexadecimal digits")
    parser.add_argument("--code", action="store_true", help="its Python files as well")
    parser.add_argument("--output", type=Path, required=True, help="folder")
    run(main, parser)
