"""Tables of a model by itself: its attention's reliance on trivial patterns, loss, surprisal; words' frequency."""

from readalike.files.contracts import Table, flag, number, text, whole
from readalike.files.contracts.names import ARTICLE, CONDITION, CORPUS, HEAD, LAYER, MODEL, PARAMETERS, R2, SENTENCE

RELIANCE = Table(
    paths=("reliance/{corpus}/{model}.csv",),
    keys=(CORPUS, MODEL, CONDITION, LAYER, HEAD),
    values=(
        R2,
        number("to_first", meaning="attention to the sentence's first word, mean over the words after it"),
        number("to_previous", meaning="attention to the previous word, mean over the words after the first"),
        number("to_self", meaning="attention to the word itself, mean over the words after the first"),
    ),
    overview=("r2", "to_first", "to_previous", "to_self"),
    meaning="what the trivial patterns (first word, previous word, self) explain of each head",
)
ENTROPY = Table(
    paths=("entropy/{corpus}/{model}.csv",),
    keys=(CORPUS, MODEL, CONDITION, LAYER, HEAD),
    values=(
        number("entropy", unit="nats", meaning="of a word's attention over the words up to it, mean over the words"),
        number("evenness", meaning="the same over its largest value at that place: 1 is even attention"),
        whole("rows_left_out", meaning="words whose attention has no mass"),
    ),
    overview=("entropy", "evenness"),
    meaning="how spread the attention of each head is, over the words after a sentence's first",
)
LOSS = Table(
    paths=("loss/{corpus}/{model}.csv",),
    keys=(CORPUS, MODEL, PARAMETERS, CONDITION),
    values=(
        whole("tokens", meaning="tokens of the sentences that were predicted"),
        number("loss_per_token", unit="nats", meaning="a predicted token, pooled over sentences"),
        number("loss_mean_of_sentences", unit="nats", meaning="mean over sentences of nats per predicted token"),
        number("loss_per_word", unit="nats", meaning="a word: comparable between tokenizers"),
        number("loss_per_character", unit="nats", meaning="a character, spaces counted: comparable between tokenizers"),
        number(
            "loss_per_token_squared",
            unit="nats",
            meaning="nats a token over tokens, mean over sentences: a guess at the unit of the paper's Table 1",
        ),
        flag("first_token_predicted", meaning="whether a sentence's first token is predicted (from a start token)"),
    ),
    overview=("loss_per_token", "loss_per_word", "loss_per_character"),
    meaning="how well a model predicts the sentences, prefix left out; empty for attention that others released",
)
_WORD = (
    ARTICLE,
    SENTENCE,
    whole("word", meaning="word of the sentence, from 0"),
    text("text", meaning="the word, punctuation included"),
)
SURPRISAL = Table(
    paths=("surprisal/{corpus}/{model}.csv",),
    keys=(CORPUS, MODEL, *_WORD),
    values=(
        whole("tokens", meaning="tokens of the word in this model"),
        number(
            "surprisal",
            unit="nats",
            meaning="of the whole word behind the words before it, sentences alone, corrected for where a word ends; "
            "empty for a first word before which no start token stands",
        ),
        number(
            "surprisal_uncorrected", unit="nats", meaning="sum over the word's tokens, as much of the literature has it"
        ),
    ),
    overview=("surprisal", "surprisal_uncorrected"),
    meaning="how unexpected every word is to a model",
)
FREQUENCY = Table(
    paths=("frequency/{corpus}.csv",),
    keys=(CORPUS, *_WORD),
    values=(
        number(
            "zipf", meaning="Zipf frequency in English: 3 more than log10 of uses in a million words; 0 where unknown"
        ),
    ),
    meaning="how frequent every word is in English (wordfreq)",
)
