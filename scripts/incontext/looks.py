"""Attention of prompts' last tokens -> where they look, and whether more at noisy demonstrations than at others."""

import pandas as pd

from readalike.files.context_attention import read_context_attention
from readalike.files.contracts.incontext_models import LOOKS, NOISY_LOOKS
from readalike.files.tables import write_table
from readalike.incontext.looks import noisy_against_intact, shares
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, attention: list[In], looks: Out, noisy: Out) -> None:
    """
    attention : attention.h5 of every model and task
    """
    of_groups, of_noisy = [], []
    for path in attention:
        found = read_context_attention(path)
        of_groups.append(shares(found))
        of_noisy.append(noisy_against_intact(found))
    write_table(looks, pd.concat(of_groups, ignore_index=True), LOOKS)
    write_table(noisy, pd.concat(of_noisy, ignore_index=True), NOISY_LOOKS)


if __name__ == "__main__":
    run(main)
