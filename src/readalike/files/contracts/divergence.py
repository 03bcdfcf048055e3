"""Tables of divergence between two attentions of the same sentences."""

from readalike.files.contracts import Table, number, whole
from readalike.files.contracts.names import (
    ARTICLE,
    COMPARISON,
    CONDITION,
    CORPUS,
    INDEX,
    LAYER,
    MODEL,
    SENTENCE,
    UNIT,
    A,
    B,
)

_VALUES = (
    number(
        "divergence", unit="nats", meaning="Jensen-Shannon: rows, then heads (or the formula that the paper prints)"
    ),
    whole("rows_left_out", meaning="rows of heads without mass in either attention, which have no distribution"),
)
SENSITIVITY = Table(
    paths=("sensitivity/{corpus}/{model}.csv",),
    keys=(CORPUS, MODEL, CONDITION, LAYER, ARTICLE, SENTENCE),
    values=_VALUES,
    overview=("divergence",),
    meaning="divergence between a condition and `plain` in one model",
)
DIVERGENCE = Table(
    paths=("divergence/{corpus}/{comparison}/{a}--{b}.csv",),
    keys=(CORPUS, COMPARISON, A, B, CONDITION, UNIT, INDEX, ARTICLE, SENTENCE),
    values=_VALUES,
    meaning="divergence between two models in each condition",
)
