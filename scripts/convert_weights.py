"""Turn a GGUF file into a folder with config.json, tokenizer.json and model.safetensors."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.weights.gguf import convert


def main(arguments: argparse.Namespace) -> None:
    convert(arguments.gguf, arguments.output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="folder")
    run(main, parser)
