"""Surprisal of whole words under a model, in nats: of its tokens, and corrected for where a word ends.

A pass of its own over the sentences alone, through the layers as extraction runs them, so that attention that stands
already is not made again.

Where tokenizers mark the beginning of words (a space before), the tokens of "check" say nothing of whether "checking"
goes on: the product of their probabilities is that of all words that begin so, and of a whole word p(w) times the
probability that a word begins after it, over the probability that one begins after what stands before (Pimentel and
Meister 2024, arXiv 2406.14561, equation 12). A word here is what stands between spaces, punctuation included.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from readalike.attention.batches import Item, batches, pad
from readalike.attention.blocks import Block
from readalike.attention.extract import DTYPES, items_of, require_positions, set_arithmetic, within_memory
from readalike.attention.passes import LOGITS, Pass, stacked
from readalike.attention.probe import probe
from readalike.attention.words import NO_WORD
from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.errors import NumericsError, UnsupportedModelError
from readalike.files.attention import RAW
from readalike.weights.description import read_config, read_tokenizer
from readalike.weights.failures import shortage_is_out_of_memory
from readalike.weights.tensors import Checkpoint
from readalike.weights.unread import require_all_taken

BoolArray = NDArray[np.bool_]


class TokenNats(NamedTuple):
    """Nats of one text: what the tokens up to one say of the next.

    own : (tokens - 1,) of the token that came
    begins : (tokens,) of any token that begins a word, or of the end of the text
    goes_on : (tokens,) of any other token
    """

    own: FloatArray
    begins: FloatArray
    goes_on: FloatArray


def surprisal(
    checkpoint: Checkpoint,
    corpus: Corpus,
    *,
    model_name: str,
    blocks: Sequence[tuple[int, int]],
    dtype: str,
    token_budget: int,
    threads: int,
    start_token: bool | None = None,
    device: str | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """One row a word: article, sentence, word, text, tokens, surprisal, surprisal_uncorrected.

    blocks : first and last layer of each, all layers of the model; one is loaded at a time. Other arguments as of
        `extract_block`

    A first word before which nothing stands is not predicted: its surprisal is NaN.
    Raises what `extract_block` raises, and UnsupportedModelError for a tokenizer that marks the beginning of some words
    only.
    """
    set_arithmetic(threads)
    config = read_config(checkpoint)
    whole = probe(config, trust_remote_code=checkpoint.trust_remote_code)
    items, _ = items_of(checkpoint, corpus, {PLAIN: ""}, start_token, model_name)
    require_positions(config, items, corpus, [PLAIN], model_name)
    beginning = beginning_of_words(read_tokenizer(checkpoint), int(config.get_text_config().vocab_size))
    marked = marks_beginnings(items, beginning, model_name)
    target = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def load(first: int, last: int) -> Pass:
        block = Block(checkpoint, config, first, last, DTYPES[dtype])
        require_all_taken(whole, checkpoint)
        block.to(target)
        return Pass(block, items, corpus, [PLAIN], model_name, target, progress)

    longest, carried = max(len(item.tokens.ids) for item in items), None
    for first, last in blocks:
        done = within_memory(load, carried, first, last, token_budget, longest, model_name, RAW)
        carried, token_budget = done.after, done.token_budget
    assert carried is not None  # a model has layers
    final = blocks[-1][1]
    found = _token_nats(load(final, final), carried.states, beginning)
    rows = []
    for item, nats in zip(items, found, strict=True):
        own = corpus.sentences[item.sentence]
        corrected, plain, tokens = of_words(item, nats, beginning if marked else None)
        if not (np.isfinite(corrected[1:]).all() and np.isfinite(plain[1:]).all()):
            raise NumericsError(
                f"{model_name}: the surprisal of a word is not a number in {own.name}; "
                + ("its weights are damaged" if dtype == "float32" else "use dtype: float32")
            )
        for k, text in enumerate(own.words):
            rows.append((own.article, own.sentence, k, text, tokens[k], corrected[k], plain[k]))
    names = ["article", "sentence", "word", "text", "tokens", "surprisal", "surprisal_uncorrected"]
    return pd.DataFrame(rows, columns=names)


def beginning_of_words(tokenizer: Any, vocabulary: int) -> BoolArray:
    """Which ids of the model, (vocabulary,), begin a word behind other text, or end the text.

    By what each adds behind another token when decoded, whatever sign the tokenizer has for a space; special tokens, of
    which one ends the text, count as ends. Ids that the tokenizer has not are none.
    """
    known = min(len(tokenizer), vocabulary)
    before = tokenizer("a", add_special_tokens=False)["input_ids"][-1:]
    options = {"clean_up_tokenization_spaces": False, "skip_special_tokens": False}
    texts = tokenizer.batch_decode([[*before, k] for k in range(known)], **options)
    start = len(tokenizer.decode(before, **options))
    result = np.zeros(vocabulary, dtype=bool)
    result[:known] = [text[start : start + 1].isspace() for text in texts]
    result[[k for k in tokenizer.all_special_ids if k < vocabulary]] = True
    return result


def marks_beginnings(items: Sequence[Item], beginning: BoolArray, model_name: str) -> bool:
    """Whether every word behind another begins with a token that only words begin with; False where none does.

    Raises UnsupportedModelError where some do, or where such tokens stand within words: what is the end of a word is
    then not told by the next token.
    """
    firsts, others = [], []
    for item in items:
        for token, word, previous in zip(item.tokens.ids[1:], item.tokens.words[1:], item.tokens.words, strict=False):
            if word == previous and word != NO_WORD:
                others.append(beginning[token])
            elif word > 0:
                firsts.append(beginning[token])
    if any(others) or (any(firsts) and not all(firsts)):
        raise UnsupportedModelError(
            f"{model_name}: its tokenizer marks the beginning of {sum(firsts)} of {len(firsts)} words, and "
            f"{sum(others)} tokens within words alike: surprisal of whole words is not defined; set surprisal: false"
        )
    return any(firsts)


def of_words(
    item: Item, nats: TokenNats, beginning: BoolArray | None
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Surprisal of the words of one text, corrected and not, and their numbers of tokens, each (words,).

    beginning : of the vocabulary; None for a tokenizer that does not mark beginnings, which needs no correction
    """
    owners = np.array(item.tokens.words)
    words = int(owners.max()) + 1
    tokens = np.bincount(owners[owners != NO_WORD], minlength=words)
    plain = np.full(words, np.nan)
    corrected = np.full(words, np.nan)
    for word in range(words):
        first, last = np.flatnonzero(owners == word)[[0, -1]]
        if first == 0:
            continue  # nothing stands before it
        plain[word] = corrected[word] = nats.own[first - 1 : last].sum()
        if beginning is not None:
            # A text's first word may have no space before it, and is then one of those that begin without.
            before = nats.begins if beginning[item.tokens.ids[first]] else nats.goes_on
            corrected[word] += nats.begins[last] - before[first - 1]
    return corrected, plain, tokens


def _token_nats(run: Pass, final: Sequence[torch.Tensor], beginning: BoolArray) -> list[TokenNats]:
    """Of every item; `final` : states that the last layer left of each, (tokens, hidden)."""
    with shortage_is_out_of_memory():
        run.block.to_head()
    vocabulary = len(beginning)
    begins = torch.from_numpy(beginning).to(run.device)
    result: dict[int, TokenNats] = {}
    for members in batches(run.items, max(1, LOGITS // vocabulary)):
        items = [run.items[k] for k in members]
        with torch.inference_mode(), shortage_is_out_of_memory():
            ids, mask = (torch.from_numpy(part).to(run.device) for part in pad(items)[:2])
            states = stacked([final[k][: len(run.items[k].tokens.ids)] for k in members], ids.shape[1])
            logits = run.block.logits(ids, mask, states.to(run.device)).float()
            everything = torch.logsumexp(logits, dim=2)
            own = everything[:, :-1] - torch.gather(logits[:, :-1], 2, ids[:, 1:, None]).squeeze(2)
            parts = [own]
            for kind in (begins, ~begins):
                # A vocabulary without such tokens gives -inf, which `of_words` then does not look at.
                parts.append(everything - torch.logsumexp(logits[:, :, kind], dim=2))
            arrays = [part.double().cpu().numpy() for part in parts]
        for row, k in enumerate(members):
            length = len(run.items[k].tokens.ids)
            result[k] = TokenNats(arrays[0][row, : length - 1], *(part[row, :length] for part in arrays[1:]))
    return [result[k] for k in range(len(run.items))]
