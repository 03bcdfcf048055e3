"""Prompts as tokens: what each token is of, and the tokens of every label that may follow."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from readalike.attention.words import encode_text, lacks_start
from readalike.errors import WordAlignmentError
from readalike.incontext.prompts import FIRST, GROUPS, QUERY, TEMPLATE, Piece


class Encoded(NamedTuple):
    """A prompt and its labels in tokens.

    ids : of the prompt; groups : of each, its place in `GROUPS`
    own : the first token that the text asked about is part of; those before are the demonstrations'
    labels : ids of each label, in the order given
    """

    ids: tuple[int, ...]
    groups: tuple[int, ...]
    own: int
    labels: tuple[tuple[int, ...], ...]


def encode(
    tokenizer: Any, pieces: Sequence[Piece], labels: Sequence[str], start_token: bool | None, model_name: str
) -> Encoded:
    """The whole prompt, encoded with each label behind it; what a token is of follows from its characters.

    A token is of the group of its first character that is no space, the very first of the group `first token`: adding
    up pieces that were encoded alone gives other tokens.

    start_token : as of `attention.words.tokenise`

    Raises UnsupportedModelError where <s> is asked for and there is none; WordAlignmentError where a label's first
    token covers what stands before it as well, or changes it.
    """
    prompt = "".join(piece.text for piece in pieces)
    of_character = np.repeat([GROUPS.index(piece.group) for piece in pieces], [len(piece.text) for piece in pieces])
    ids, spans = _tokens(tokenizer, f"{prompt} {labels[0]}", start_token)
    end = next(k for k, (_, b) in enumerate(spans) if b > len(prompt))
    found = []
    for label in labels:
        other, places = _tokens(tokenizer, f"{prompt} {label}", start_token)
        first = next((k for k, (_, b) in enumerate(places) if b > len(prompt)), len(other))
        if first != end or other[:end] != ids[:end] or first == len(other) or places[first][0] < len(prompt):
            raise WordAlignmentError(
                f"{model_name}: its tokenizer joins the label {label!r} with what stands before it "
                f"({prompt[-20:]!r}), so that it has no probability of its own; use other labels or another model"
            )
        found.append(tuple(other[first:]))
    groups = [GROUPS.index(FIRST)]
    for a, b in spans[1:end]:
        plain = [k for k in range(a, b) if not prompt[k].isspace()] or list(range(a, b))
        groups.append(int(of_character[plain[0]]) if plain else GROUPS.index(TEMPLATE))
    return Encoded(tuple(ids[:end]), tuple(groups), _first_own(pieces, spans[:end]), tuple(found))


def _tokens(tokenizer: Any, text: str, start_token: bool | None) -> tuple[list[int], list[tuple[int, int]]]:
    """Ids of a text that goes on, and the characters that each covers; special tokens cover none."""
    ids, special, covered = encode_text(tokenizer, text, start_token)
    spans = [(0, 0) if s else (a, b) for (a, b), s in zip(covered, special, strict=True)]
    if special and special[-1]:  # of the end, which does not come here
        last = max((k for k, s in enumerate(special) if not s), default=-1)
        ids, spans = ids[: last + 1], spans[: last + 1]
    if lacks_start(tokenizer, ids, special, start_token):
        ids, spans = [tokenizer.bos_token_id, *ids], [(0, 0), *spans]
    return ids, spans


def _first_own(pieces: Sequence[Piece], spans: Sequence[tuple[int, int]]) -> int:
    """The first token of the text asked about, or where that is empty of what follows it."""
    asked = [k for k, piece in enumerate(pieces) if piece.group == QUERY]
    start = sum(len(piece.text) for piece in pieces[: asked[0] if asked else len(pieces) - 1])
    return next(k for k, (_, b) in enumerate(spans) if b > start)


def sharing_first_tokens(labels: Sequence[str], tokens: Sequence[Sequence[int]]) -> list[list[str]]:
    """Labels that begin with one token, which tells nothing of which of them it is."""
    by_first: dict[int, list[str]] = {}
    for label, ids in zip(labels, tokens, strict=True):
        by_first.setdefault(ids[0], []).append(label)
    return [same for same in by_first.values() if len(same) > 1]
