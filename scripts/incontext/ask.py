"""Weights and a task -> what a model answers under noise in its context, and where it looks."""

from readalike.files.context_attention import write_context_attention
from readalike.files.contracts.incontext_models import ANSWERS
from readalike.files.tables import write_table
from readalike.incontext.asking import Settings, ask_task
from readalike.incontext.task import read_irrelevant, read_task
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.weights.tensors import Checkpoint


def main(
    *,
    texts: In,
    irrelevant: In | None = None,
    weights: In,
    delta: In | None = None,
    missing_rows: str | None = None,
    untrained: int | None = None,
    trust_remote_code: bool,
    task: str,
    model: str,
    settings: Json[Settings],
    blocks: Json[list[tuple[int, int]]],
    dtype: str,
    token_budget: int,
    threads: int,
    start_token: bool | None = None,
    share_prefixes: bool,
    seed: int,
    answers: Out,
    attention: Out,
) -> None:
    """
    texts : of the task with their labels; irrelevant: texts that replace those of demonstrations
    weights : folder with config.json, tokenizer and weights
    delta : folder of the same kind, added to the weights
    missing_rows : rows that the delta has and the weights have not: zeros or mean
    untrained : seed of weights that are drawn in place of those in the folder
    trust_remote_code : run code that comes with the weights
    settings : incontext.models of the configuration
    blocks : first and last layer of each block, one loaded at a time
    token_budget : padded tokens a batch
    start_token : put <s> first, leave it out, or (not given) do what the tokenizer does
    share_prefixes : run demonstrations once for all items
    """
    table, looks = ask_task(
        Checkpoint(weights, delta, missing_rows, trust_remote_code, untrained),
        read_task(texts, task),
        read_irrelevant(irrelevant) if irrelevant else (),
        settings,
        model_name=model,
        blocks=blocks,
        dtype=dtype,
        token_budget=token_budget,
        threads=threads,
        seed=seed,
        start_token=start_token,
        share_demonstrations=share_prefixes,
    )
    write_table(answers, table, ANSWERS)
    write_context_attention(attention, looks)


if __name__ == "__main__":
    run(main)
