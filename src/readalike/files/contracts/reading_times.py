"""The table of reading times: what surprisal and the spread of attention tell of them."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import GROUP, LAYER, MODEL, READER, READERS_ARE

A_WORD = "nats a word"
READING_TIMES = Table(
    paths=("reading-times/{model}/{group}.csv",),
    keys=(
        *(MODEL, GROUP, READERS_ARE),
        text(
            "measure",
            meaning="`first-pass` time (until the eyes leave the word), `regression-path` time (until they go past "
            "it), `total` time",
        ),
        text("scale", meaning="`log`: the logarithm of the time was predicted; `ms`: the time itself"),
        text(
            "slopes",
            meaning="whose they are: one of the `group` for all its readers, which everything else goes by; or each "
            "`reader`'s own, which cost about 1 / (2 words) nats a word for each column",
        ),
        text(
            "predictor",
            meaning="`surprisal` of the word and the one before; `entropy` of their attention over its largest value, "
            "mean over heads; `both`; `entropy, another sentence's`: of the attention of a sentence as long",
        ),
        LAYER,
        READER,
    ),
    values=(
        whole("words", meaning="words of the reader that have this time and are scored"),
        number(
            "baseline",
            unit=A_WORD,
            meaning="held-out log-likelihood of what is known without a model (length, punctuation, place, frequency "
            "where known) minus that of the reader's mean",
        ),
        number(
            "delta_log_likelihood",
            unit=A_WORD,
            meaning="held-out log-likelihood of the baseline with the predictor minus that of the baseline alone; 0 "
            "where it tells nothing; empty for a reader with too few words",
        ),
    ),
    overview=("delta_log_likelihood",),
    meaning="what surprisal and the spread of attention tell of how long words are read, by reader; surprisal has no "
    "layer",
)
