"""Fetch the public Reading Brain events (OpenNeuro ds003974 and ds003988) and verify every file."""

from readalike.errors import ReadalikeError
from readalike.imports.openneuro import BUCKET, fetch
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, registry: In, output: Out, url: str = BUCKET) -> None:
    """
    registry : checksums and paths, as sha256sum writes them
    output : folder for ds003974 and ds003988
    url : address below which the files lie
    """
    try:
        fetch(registry, output, url)
    except KeyboardInterrupt:
        raise ReadalikeError("interrupted: what is there is whole; the same command fetches the rest") from None


if __name__ == "__main__":
    run(main)
