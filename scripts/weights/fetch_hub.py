"""Fetch a commit of a repository of the Hugging Face Hub; HF_TOKEN in the environment opens gated ones."""

from readalike.running.arguments import Out
from readalike.running.command import run
from readalike.weights.hub import fetch


def main(*, repository: str, commit: str, python_files: bool, folder: Out) -> None:
    """
    repository : OWNER/NAME
    commit : 40 hexadecimal digits
    python_files : its Python files as well
    """
    fetch(repository, commit, folder, code=python_files)


if __name__ == "__main__":
    run(main)
