"""Attention files released by others -> the same attention files that extraction writes."""

from readalike.files.attention import write_attention
from readalike.files.corpora import read_corpus
from readalike.imports.gao2023 import import_attention
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *,
    words: In,
    folder: In,
    model: str,
    condition: str,
    first: int,
    last: int,
    layers: int,
    parameters: float,
    crop: bool,
    attention: Out,
) -> None:
    """
    folder : with the authors' .npy files
    layers : of the whole model
    parameters : of the whole model; nan where they are not known
    crop : cut rows beyond a sentence, leave missing rows at zero
    """
    corpus = read_corpus(words)
    found, odd = import_attention(folder, corpus, model=model, condition=condition, first=first, last=last, crop=crop)
    attributes = {
        "model": model,
        "layers": layers,
        "heads": found.attention.shape[1],
        "parameters": parameters,
        "imported": folder.name,
        "sentences_that_differ": odd,
    }
    write_attention(attention, {condition: found}, corpus, first=first, attributes=attributes)


if __name__ == "__main__":
    run(main)
