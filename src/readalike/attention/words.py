"""Tokens to words: which word owns each token (paper, 4.3).

The text is encoded once, prefix and sentence joined by one space, and each token belongs to the word that owns its
characters that are no spaces. A token of spaces only belongs to the word that follows. Characters decide, not spans:
byte-level tokenizers split one character over tokens whose offsets overlap.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from readalike.corpus import Sentence
from readalike.errors import UnsupportedModelError, WordAlignmentError

NO_WORD = -1  # owner of prefix and special tokens


class Tokens(NamedTuple):
    """One sentence in one condition: token ids, and for each the word it belongs to (NO_WORD: none)."""

    ids: tuple[int, ...]
    words: tuple[int, ...]


def require_offsets(tokenizer: Any, model: str) -> None:
    """Raise UnsupportedModelError for a tokenizer that does not say which characters a token covers."""
    if not getattr(tokenizer, "is_fast", False):
        raise UnsupportedModelError(
            f"{model}: its tokenizer has no offsets (it is a slow one); save it with a tokenizer.json"
        )


def encode_text(
    tokenizer: Any, text: str, start_token: bool | None
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Ids of a text, which of them are special (1), and the characters each covers; `start_token` as of `tokenise`."""
    encoded = tokenizer(
        text,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        add_special_tokens=start_token is not False,
    )
    return list(encoded["input_ids"]), list(encoded["special_tokens_mask"]), list(encoded["offset_mapping"])


def lacks_start(tokenizer: Any, ids: Sequence[int], special: Sequence[int], start_token: bool | None) -> bool:
    """Whether <s> is asked for and not there yet. Raises UnsupportedModelError where the tokenizer has none."""
    if not start_token or (special and special[0] and ids[0] == tokenizer.bos_token_id):
        return False
    if tokenizer.bos_token_id is None:
        raise UnsupportedModelError("start_token: true, but this tokenizer has no <s>; remove start_token")
    return True


def tokenise(tokenizer: Any, sentence: Sentence, prefix: str, start_token: bool | None) -> Tokens:
    """Encode prefix and sentence and find the word of every token.

    start_token : True puts <s> first where the tokenizer does not; False leaves it out; None: what the tokenizer does.
    Raises WordAlignmentError naming sentence, words and token where a token covers two words, or a word has no token.
    """
    text = f"{prefix} {sentence.text}" if prefix else sentence.text
    ids, special, spans = encode_text(tokenizer, text, start_token)
    owners = owners_of_tokens(spans, special, text, len(text) - len(sentence.text), sentence)
    if lacks_start(tokenizer, ids, special, start_token):
        ids, owners = [tokenizer.bos_token_id, *ids], [NO_WORD, *owners]
    missing = sorted(set(range(len(sentence.words))) - set(owners))
    if missing:
        raise WordAlignmentError(
            f"{sentence.name}: no token covers word {missing[0] + 1} ({sentence.words[missing[0]]!r}); "
            "this tokenizer drops its characters: remove them from the corpus or use another model"
        )
    return Tokens(tuple(ids), tuple(owners))


def owners_of_tokens(
    offsets: list[tuple[int, int]], special: list[int], text: str, start: int, sentence: Sentence
) -> list[int]:
    """Word of each token; `start` is where the sentence begins in `text`."""
    owner = np.full(len(text), NO_WORD)
    at = start
    for k, text_of_word in enumerate(sentence.words):
        owner[at : at + len(text_of_word)] = k
        at += len(text_of_word) + 1
    result: list[int] = []
    waiting = 0  # tokens of spaces only, which belong to the word that follows
    for (a, b), is_special in zip(offsets, special, strict=True):
        if is_special:
            result.append(NO_WORD)
            continue
        characters = [int(owner[c]) for c in range(a, b) if not text[c].isspace()]
        if not characters:
            waiting += 1
            result.append(NO_WORD)
            continue
        found = set(characters)
        if len(found) > 1:
            named = " and ".join("the prefix" if k == NO_WORD else repr(sentence.words[k]) for k in sorted(found))
            raise WordAlignmentError(
                f"{sentence.name}: the token {text[a:b]!r} covers {named}; this tokenizer merges across spaces, "
                "so that word-level attention is not defined"
            )
        (word,) = found
        result[len(result) - waiting :] = [word] * waiting
        waiting = 0
        result.append(word)
    if waiting:
        # Nothing follows (the tokenizer dropped the last word): no word has them, and the caller finds which lacks.
        owned = [word for word in result if word != NO_WORD]
        result[len(result) - waiting :] = [owned[-1] if owned else NO_WORD] * waiting
    return result
