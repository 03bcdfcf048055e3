"""Tokens to words: every token has one word, every word a token, whatever the tokenizer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from readalike.attention.words import NO_WORD, owners_of_tokens, require_offsets, tokenise
from readalike.corpus import Sentence
from readalike.errors import UnsupportedModelError, WordAlignmentError

TEXT = [
    "Bats' calls lie far above what any human can hear.",
    "About 69% of it lies in glaciers, e.g. in the U.S. or “elsewhere”.",
    "naïve café, Ελλάδα, שלום, 東京 2.5",
    "Please paraphrase this sentence:",
]
PREFIXES = ["", "Please paraphrase this sentence:"]


def byte_level() -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=330, initial_alphabet=alphabet))
    return PreTrainedTokenizerFast(tokenizer_object=inner)


def sentencepiece_like(prefix_space: bool, start: bool) -> PreTrainedTokenizerFast:
    """A BPE over '▁' with byte fallback, as LLaMA's, with or without a prefix space and `<s>`."""
    inner = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first" if prefix_space else "never")
    special = ["<unk>", "<s>", "</s>", *(f"<0x{k:02X}>" for k in range(256))]
    inner.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=420, special_tokens=special))
    if start:
        inner.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", unk_token="<unk>")


TOKENIZERS = {
    "byte-level": byte_level(),
    "metaspace": sentencepiece_like(True, False),
    "metaspace with <s>": sentencepiece_like(True, True),
    "metaspace without prefix space": sentencepiece_like(False, True),
}
# Joiners, soft hyphens and marks of direction (Cf) are parts of words; control characters are not.
CHARACTERS = st.characters(exclude_categories=("Z", "Cc", "Cs", "Cn"), exclude_characters="▁")
word = st.text(CHARACTERS, min_size=1, max_size=8).filter(lambda text: len(text.split()) == 1 and text == text.strip())


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(word, min_size=1, max_size=6),
    name=st.sampled_from(sorted(TOKENIZERS)),
    prefix=st.sampled_from(PREFIXES),
)
def test_every_token_belongs_to_one_word_and_every_word_has_tokens(words: list[str], name: str, prefix: str) -> None:
    tokens = tokenise(TOKENIZERS[name], Sentence(1, 1, tuple(words)), prefix, None)
    owners = [k for k in tokens.words if k != NO_WORD]
    assert owners == sorted(owners), "the tokens of a word stand together, words in order"
    assert set(owners) == set(range(len(words)))
    first = next(k for k, owner in enumerate(tokens.words) if owner != NO_WORD)
    assert NO_WORD not in tokens.words[first:], "every token from the sentence's start on is in a word"
    assert len(tokens.ids) == len(tokens.words)


@settings(max_examples=40, deadline=None)
@given(words=st.lists(word, min_size=2, max_size=6), name=st.sampled_from(sorted(TOKENIZERS)))
def test_from_the_second_word_on_the_prefix_changes_no_token(words: list[str], name: str) -> None:
    sentence = Sentence(1, 1, tuple(words))
    plain, prefixed = (tokenise(TOKENIZERS[name], sentence, prefix, None) for prefix in PREFIXES)

    def later(tokens: object) -> list[int]:
        return [i for i, w in zip(tokens.ids, tokens.words, strict=True) if w >= 1]  # type: ignore[attr-defined]

    assert later(plain) == later(prefixed)


def test_a_start_token_is_added_kept_or_left_out() -> None:
    sentence = Sentence(1, 1, ("any", "human"))
    adds, adds_not = TOKENIZERS["metaspace with <s>"], TOKENIZERS["metaspace"]
    assert tokenise(adds, sentence, "", None).ids[0] == 1
    assert tokenise(adds, sentence, "", False).ids[0] != 1
    assert tokenise(adds, sentence, "", True).ids == tokenise(adds, sentence, "", None).ids
    assert tokenise(adds_not, sentence, "", None).ids[0] != 1
    assert tokenise(adds_not, sentence, "", True).ids[0] == 1
    with pytest.raises(UnsupportedModelError, match="has no <s>"):
        tokenise(TOKENIZERS["byte-level"], sentence, "", True)


def test_a_token_over_two_words_is_named() -> None:
    with pytest.raises(WordAlignmentError, match="article 2, sentence 3: the token 'of it' covers 'of' and 'it'"):
        owners_of_tokens([(0, 5)], [0], "of it", 0, Sentence(2, 3, ("of", "it")))
    with pytest.raises(WordAlignmentError, match="covers the prefix and 'of'"):
        owners_of_tokens([(0, 5)], [0], "a: of", 3, Sentence(2, 3, ("of",)))


def test_a_word_that_no_token_covers_is_named() -> None:
    inner = Tokenizer(models.WordLevel({"any": 0, "human": 1}, unk_token=None))
    inner.normalizer = normalizers.Replace("…", "")
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner)
    with pytest.raises(WordAlignmentError, match="no token covers word 2 \\('…'\\)"):
        tokenise(tokenizer, Sentence(1, 1, ("any", "…", "human")), "", None)


def test_spaces_belong_to_the_word_that_follows() -> None:
    offsets = [(0, 3), (3, 4), (4, 9), (9, 9)]
    assert owners_of_tokens(offsets, [0, 0, 0, 1], "any human", 0, Sentence(1, 1, ("any", "human"))) == [
        0,
        1,
        1,
        NO_WORD,
    ]


def test_a_tokenizer_without_offsets_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match="tokenizer has no offsets"):
        require_offsets(object(), "m")
