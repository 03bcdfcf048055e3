"""Turn a GGUF file into a folder with config.json, tokenizer.json and model.safetensors."""

from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.weights.gguf import convert


def main(*, gguf: In, folder: Out) -> None:
    convert(gguf, folder)


if __name__ == "__main__":
    run(main)
