"""Tables of the paper's conclusions, each under every variant of how it can be asked."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import CORPUS, READERS_ARE, SIGNAL

_KEYS = (
    text(
        "conclusion",
        meaning="`size`: larger models resemble readers more; `patterns`: larger models rely less on trivial patterns; "
        "`tuning`: instruction tuning does not change resemblance; `instructions`: tuned models are more sensitive to "
        "instructions; `groups`: models resemble the first group of a contrast (L2) more than the second; `beyond` (in "
        "`conclusions.csv` alone): attention adds to what is known of places, lengths and punctuation",
    ),
    CORPUS,
    text("readers", meaning="group of readers, `a above b` of two; empty where no reader is in it"),
    READERS_ARE,
    SIGNAL,
    text("score", meaning="what is compared, in the words of `readalike.tables.variants`"),
    text(
        "test",
        meaning="what is taken as drawn from many: `readers`, as the paper; `readers and sentences` (clustered); "
        "`sentences`; `models` (a line through them); `orders of models`; `equivalence` is two one-sided tests over "
        "readers and sentences",
    ),
    text(
        "layers",
        meaning="`best`: of each model that with the highest in-sample R2, as the paper; `own best`: that with the "
        "highest of the score itself; `all`: mean of the layers there are; `any`: the one with the smallest p, for all "
        "layers and models corrected; `quarter 1` to `quarter 4` of the layers",
    ),
    text(
        "models",
        meaning="`pairs`: mean over configured pairs; `within families`, `all models`: a slope, for each doubling of "
        "the parameters; `every pair`: the pair with the largest p; `mean`: over the models; `any`: as `any` layers",
    ),
    text("condition", meaning="prefix that sensitivity is to; `plain` of all else"),
)
_FOUND = (
    number("estimate", meaning="size of the effect, in `unit`"),
    number("ci_low", meaning="lower end of the 95 percent interval"),
    number("ci_high", meaning="upper end of it"),
    number("df", meaning="degrees of freedom, of a t that is taken from `statistics/conclusions.csv`"),
    number("skewness", meaning="for which such a t was adjusted; others' stands in the table that they are taken from"),
    text("unit", meaning="unit of estimate and interval"),
    number(
        "bound",
        meaning="a difference that counts as none: what as many heads explain by chance (heads / pairs, of the layer "
        "of most) times `equivalence` of the configuration; of a slope over its doublings; of nats a tenth of what the "
        "reference pair diverges by",
    ),
    number(
        "p_articles",
        meaning="F test of whether articles differ in the effect more than their sentences do, where readers and "
        "sentences are drawn; if it is small, p and interval, which take sentences as independent, are too small",
    ),
    number("p", meaning="two-sided; of an equivalence test twice the larger one-sided p"),
    whole("n_readers", meaning="readers, of both groups of a contrast"),
    whole("n_sentences", meaning="sentences"),
    whole("n_models", meaning="models"),
)
CONCLUSIONS = Table(
    paths=("statistics/conclusions.csv",),
    keys=_KEYS,
    values=_FOUND,
    meaning="each conclusion pooled over models and layers, by what is taken as drawn",
)
ROBUSTNESS = Table(
    paths=("tables/robustness.csv",),
    keys=_KEYS,
    values=(
        text("source", meaning="table that the row is taken from"),
        *_FOUND,
        text("direction", meaning="`as claimed`, `against` or `none`: the sign of the estimate beside the claim's"),
        number("p_holm", meaning="p corrected over all tested rows of this table (Holm 1979)"),
        text(
            "outcome",
            meaning="`supports` or `contradicts`: p_holm below 0.05 and the sign the claim's or the other; of an "
            "equivalence test equal within the bound, or different; `cannot tell`: neither; `not asked`: see `why`",
        ),
        text("outcome_alone", meaning="the same by p, without a correction"),
        text("strict", meaning="`yes` for a variant that is held out, beyond b2 and takes sentences as drawn too"),
        text("survives", meaning="of strict rows: `yes` where the outcome is `supports`; `no`; empty of other rows"),
        text("why", meaning="why the run cannot answer the variant"),
        text("attention", meaning="setting of the run: kind of attention"),
        text("divergence", meaning="setting of the run: formula of the divergence"),
    ),
    meaning="what becomes of each conclusion under every variant",
)
