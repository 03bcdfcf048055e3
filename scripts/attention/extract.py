"""Weights and corpus -> word-level attention of a block of layers, in all conditions."""

from readalike.attention.extract import extract_block
from readalike.files.attention import write_attention
from readalike.files.conditions import read_conditions
from readalike.files.corpora import read_corpus
from readalike.running.arguments import HandedOn, In, Json, Out, TakenOver
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
    revisions: Json[dict[str, str]],
    model: str,
    conditions: In,
    names: list[str],
    first: int,
    last: int,
    layers: int,
    dtype: str,
    token_budget: int,
    threads: int,
    start_token: bool | None = None,
    share_prefixes: bool,
    kind: str,
    storage: str,
    states_before: TakenOver | None = None,
    attention: list[Out],
    states: HandedOn,
) -> None:
    """
    weights : folder with config.json, tokenizer and weights
    names : of the conditions to extract, among those in the file
    delta : folder of the same kind, added to the weights
    missing_rows : rows that the delta has and the weights have not: zeros or mean
    untrained : seed of weights that are drawn in place of those in the folder
    trust_remote_code : run code that comes with the weights
    revisions : repository of the Hub -> commit, where the weights have them
    layers : of the whole model, as configured
    token_budget : padded tokens a batch
    start_token : put <s> first, leave it out, or (not given) do what the tokenizer does
    share_prefixes : run a condition's prefix once
    kind : of attention to extract beside the raw one, or raw
    states_before : hidden states that the block before left
    attention : a file a condition, in the order of `names`
    states : hidden states for the block after
    """
    corpus = read_corpus(words)
    checkpoint = Checkpoint(weights, delta, missing_rows, trust_remote_code, untrained)
    texts = read_conditions(conditions)
    found = extract_block(
        checkpoint,
        corpus,
        {name: texts[name] for name in names},
        model_name=model,
        first=first,
        last=last,
        layers=layers,
        dtype=dtype,
        token_budget=token_budget,
        threads=threads,
        start_token=start_token,
        share_prefixes=share_prefixes,
        kind=kind,
        states_in=states_before,
        states_out=states,
    )
    for name, path in zip(names, attention, strict=True):
        write_attention(
            path,
            {name: found.conditions[name]},
            corpus,
            first=first,
            attributes={**found.attributes, "revisions": revisions},
            storage=storage,
        )


if __name__ == "__main__":
    run(main)
