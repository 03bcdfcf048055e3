"""Table of what attention adds with its sinks out of the way."""

from readalike.files.contracts import Table, number
from readalike.files.contracts.names import GROUP, LAYER, MODEL, READER, READERS_ARE, SIGNAL

_VALUES = (
    number(
        "r2_unique_b2_renormalised",
        unit="R2",
        meaning="`r2_unique_b2` with rows of attention renormalised: each sums to 1 over the words of the sentence; "
        "one without mass stays 0",
    ),
    number("r2_unique_b2_renormalised_null", unit="R2", meaning="the same with shuffled attention"),
    number(
        "r2_unique_b2_others",
        unit="R2",
        meaning="`r2_unique_b2` of looks at other words than the sentence's first: those at the first are left out, of "
        "readers too",
    ),
    number("r2_unique_b2_others_null", unit="R2", meaning="the same with shuffled attention"),
    number(
        "r2_unique_b2_others_renormalised",
        unit="R2",
        meaning="the same with rows renormalised over these other words",
    ),
    number("r2_unique_b2_others_renormalised_null", unit="R2", meaning="the same with shuffled attention"),
)
SINKS = Table(
    paths=("sinks/{model}/{group}.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER, READER),
    values=_VALUES,
    overview=tuple(value.name for value in _VALUES),
    meaning="what attention adds to baseline b2 whatever goes to a start token or the first word",
)
