"""Weights and corpus -> how unexpected every word of the sentences is to a model."""

from readalike.attention.surprisal import surprisal
from readalike.files.contracts.attention import SURPRISAL
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.weights.tensors import Checkpoint


def main(
    *,
    words: In,
    weights: In,
    delta: In | None = None,
    missing_rows: str | None = None,
    untrained: int | None = None,
    trust_remote_code: bool,
    corpus_name: str,
    model: str,
    blocks: Json[list[tuple[int, int]]],
    dtype: str,
    token_budget: int,
    threads: int,
    start_token: bool | None = None,
    table: Out,
) -> None:
    """
    weights : folder with config.json, tokenizer and weights
    delta : folder of the same kind, added to the weights
    missing_rows : rows that the delta has and the weights have not: zeros or mean
    untrained : seed of weights that are drawn in place of those in the folder
    trust_remote_code : run code that comes with the weights
    blocks : first and last layer of each block, one loaded at a time
    token_budget : padded tokens a batch
    start_token : put <s> first, leave it out, or (not given) do what the tokenizer does
    """
    found = surprisal(
        Checkpoint(weights, delta, missing_rows, trust_remote_code, untrained),
        read_corpus(words),
        model_name=model,
        blocks=blocks,
        dtype=dtype,
        token_budget=token_budget,
        threads=threads,
        start_token=start_token,
    )
    write_table(table, found.assign(corpus=corpus_name, model=model), SURPRISAL)


if __name__ == "__main__":
    run(main)
