"""Tables that put the published values beside those computed here."""

from readalike.files.contracts import Table, flag, number, text, whole
from readalike.files.contracts.names import CONDITION, A, B
from readalike.files.contracts.statistics import TESTS

_SOURCE = text("source", meaning="table, figure or file of the paper's authors")
_PUBLISHED = (
    _SOURCE,
    text("quantity", meaning="what was published"),
    text("model", meaning="as the paper calls it"),
    text("size_billion", meaning="billions of parameters, as the paper gives them"),
    text("group", meaning="L1 or L2"),
    text("unit", meaning="unit of the value"),
)
REPRODUCTION = Table(
    paths=("tables/reproduction.csv",),
    keys=_PUBLISHED,
    values=(
        text("published", meaning="as it is printed"),
        text("basis", meaning="from what the value here was computed"),
        number("computed", meaning="the value here"),
        number("difference", meaning="computed minus published"),
        text("status", meaning="reproduced, close, differs, contradicts itself, or not computable here"),
        text("why", meaning="what is known of the reason"),
    ),
    meaning="every published value beside the one computed here",
)
SIGNIFICANCE = Table(
    paths=("statistics/published-significance.csv",),
    keys=TESTS.keys,
    values=(*TESTS.values, _SOURCE, flag("significant", meaning="p_bonferroni below 0.05")),
    meaning="the paper's significance tests on the authors' own divergences",
)
LAYER_LISTS = Table(
    paths=("tables/published-significance.csv",),
    keys=(_SOURCE, text("question", meaning="what is asked, in words"), A, B, CONDITION),
    values=(
        whole("n_tests", meaning="tests that Bonferroni counts"),
        whole("count", meaning="significant layers"),
        whole("of", meaning="layers tested"),
        text("layers", meaning="the significant ones"),
    ),
    meaning="layers that are significant in the authors' own divergences",
)
