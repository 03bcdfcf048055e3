"""Weights and corpus -> word-level attention of a block of layers, in all conditions."""

import argparse
import json
from pathlib import Path

from readalike.attention.extract import DTYPES, extract_block
from readalike.command import run
from readalike.files.attention import write_attention
from readalike.files.corpora import read_corpus
from readalike.weights.tensors import MISSING_ROWS, Checkpoint

START_TOKEN = {"true": True, "false": False, "tokenizer": None}


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    checkpoint = Checkpoint(
        arguments.weights, arguments.delta, arguments.missing_rows, trust_remote_code=arguments.trust_remote_code
    )
    found = extract_block(
        checkpoint,
        corpus,
        json.loads(arguments.conditions),
        model_name=arguments.model,
        first=arguments.first,
        last=arguments.last,
        layers=arguments.layers,
        dtype=arguments.dtype,
        token_budget=arguments.token_budget,
        threads=arguments.threads,
        start_token=START_TOKEN[arguments.start_token],
        share_prefixes=arguments.share_prefixes,
        rollout=arguments.rollout,
        states_in=arguments.states_in,
        states_out=arguments.states_out,
    )
    write_attention(
        arguments.output,
        found.conditions,
        corpus,
        first=arguments.first,
        attributes={**found.attributes, "revisions": json.loads(arguments.revisions)},
        storage=arguments.storage,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--weights", type=Path, required=True, help="folder with config.json, tokenizer and weights")
    parser.add_argument("--delta", type=Path, help="folder of the same kind, added to the weights")
    parser.add_argument("--missing-rows", choices=MISSING_ROWS, help="rows that the delta has and the weights have not")
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that comes with the weights")
    parser.add_argument("--revisions", default="{}", help="JSON: repository -> commit, where the weights have them")
    parser.add_argument("--model", required=True, help="name in the configuration")
    parser.add_argument("--conditions", required=True, help="JSON: name -> prefix")
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--last", type=int, required=True)
    parser.add_argument("--layers", type=int, required=True, help="of the whole model, as configured")
    parser.add_argument("--dtype", choices=sorted(DTYPES), required=True)
    parser.add_argument("--token-budget", type=int, required=True, help="padded tokens a batch")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--start-token", choices=sorted(START_TOKEN), required=True)
    parser.add_argument(
        "--share-prefixes", action=argparse.BooleanOptionalAction, default=True, help="run a condition's prefix once"
    )
    parser.add_argument("--rollout", action="store_true", help="attention rollout as well")
    parser.add_argument("--storage", choices=["float32", "float16"], required=True)
    parser.add_argument("--states-in", type=Path, help="hidden states of the block before")
    parser.add_argument("--states-out", type=Path, help="where to leave those of this block")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
