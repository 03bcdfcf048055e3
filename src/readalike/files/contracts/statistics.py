"""Tables of statistics: best layers, tests with their corrections, correlations, the scaling law."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import (
    CI_HIGH,
    CI_LOW,
    COMPARISON,
    CONDITION,
    CORPUS,
    GROUP,
    INDEX,
    MODEL,
    PARAMETERS,
    READERS_ARE,
    SIGNAL,
    SKEWNESS,
    UNIT,
    WITHHELD,
    A,
    B,
    N,
)

BEST_LAYER = Table(
    paths=("statistics/best-layer.csv",),
    keys=(
        MODEL,
        GROUP,
        READERS_ARE,
        SIGNAL,
        text(
            "rule",
            meaning="`maximum`: the layer with the highest mean over readers, chosen on the scores it is reported with "
            "(favours deep models); `nested`: for each left-out article the best layer of the others",
        ),
        text("column", meaning="score by which the layer was chosen"),
    ),
    values=(
        text("layer", meaning="the layer; of `nested` one for each article"),
        number("score", unit="R2", meaning="mean over readers"),
        number(
            "ceiling",
            unit="R2",
            meaning="the group's mean ceiling of the same kind: `group_mean` of `r2`, `leave_one_out_cv` of `r2_cv`, "
            "`split_half_cv` of `r2_cv - r2_null`, `split_half_beyond_b2` of what is beyond b2 above shuffled "
            "attention; empty for `r2_specific`",
        ),
        number("percent", unit="percent", meaning="score over ceiling; empty where it is withheld"),
        WITHHELD,
    ),
    meaning="the layer that stands for a model",
)

_WHAT = (
    text("question", meaning="what is asked, in words"),
    CORPUS,
    COMPARISON,
    A,
    B,
    MODEL,
    GROUP,
    READERS_ARE,
    SIGNAL,
    CONDITION,
    UNIT,
    INDEX,
    whole("reference_index", meaning="layer or quarter of the reference pair beside it"),
    text("scale", meaning="score that is compared; of reading times what predicts them, or its slope"),
    text("test", meaning="name of the test, or `none` with the reason"),
    text("family", meaning="rows of one family and test are corrected together"),
)
_FOUND = (
    whole("n_a", meaning="readers or sentences of a"),
    whole("n_b", meaning="readers or sentences of b"),
    whole("n_sentences", meaning="sentences, of a test that takes them as drawn as well as the readers"),
    number("mean_a", meaning="mean of a"),
    number("mean_b", meaning="mean of b, or of the reference"),
    number("difference", meaning="mean of a minus mean of b"),
    CI_LOW,
    CI_HIGH,
    number(
        "bound",
        meaning="of an equivalence test: the difference that counts as none, what as many heads explain with "
        "nothing to find (heads / pairs) times `equivalence` of the configuration; of reading times what as many "
        "columns gain in sample with nothing to tell (half a nat each, over the words), and of slopes on them 0.01, "
        "times the same",
    ),
    number("statistic", meaning="t; of an equivalence test that of the bound whose one-sided p is larger"),
    number("df", meaning="degrees of freedom"),
    SKEWNESS,
    text("side", meaning="`greater`, `less`, `two-sided`, or `within bounds`"),
    number("p", meaning="of this test alone"),
    text(
        "outcome",
        meaning="of an equivalence test: `equivalent` (p below 0.05), `different` (not so, and zero is outside the 95 "
        "percent interval), `inconclusive` (neither: the data do not tell); uncorrected",
    ),
    number("n_tests", meaning="tests that Bonferroni counts, the paper's number"),
    number("p_bonferroni", meaning="p times n_tests, at most 1"),
    number("p_holm", meaning="corrected over the family (Holm 1979)"),
    number("p_bh", meaning="false discovery rate over the family (Benjamini and Hochberg 1995)"),
    number(
        "p_maxt",
        meaning="corrected over the tests that Bonferroni counts by flips of signs and the largest t; "
        "of `clustered t` of sentences and readers, and of `statistic`, which is not adjusted for skewness",
    ),
    number("effect_size", meaning="Cohen's d"),
    text("effect_name", meaning="`d_z` (paired) or `d` (pooled standard deviation)"),
    number("effect_ci_low", meaning="lower end of its 95 percent interval"),
    number("effect_ci_high", meaning="upper end of it"),
)
TESTS = Table(
    paths=tuple(
        f"statistics/{name}.csv"
        for name in (
            *("divergence", "sensitivity", "sensitivity-tuning", "resemblance-tuning", "resemblance-groups"),
            *("reliance-groups", "reading-times"),
        )
    ),
    keys=_WHAT,
    values=_FOUND,
    meaning="one test a row",
)
RELIANCE_CHANGE = Table(
    paths=("statistics/reliance-change.csv",),
    keys=(CORPUS, COMPARISON, A, B, CONDITION, whole("quarter", meaning="quarter of the layers, from 0")),
    values=(
        number("reliance_a", unit="R2", meaning="mean over heads, then layers, of a"),
        number("reliance_b", unit="R2", meaning="the same of b"),
        number("change", meaning="(b - a) / a; empty where it is withheld"),
        CI_LOW,
        CI_HIGH,
        WITHHELD,
        whole("draws", meaning="bootstrap draws over sentences"),
    ),
    meaning="change of a model's reliance on the trivial patterns with size and with tuning",
)
_SCORE = text(
    "column",
    meaning="score: percent of the ceiling in sample (the paper's), `r2_cv - r2_null` or `r2_specific`, of the layer "
    "that is best by it; `nested` before these: of the layers that the other articles choose",
)
CORRELATIONS = Table(
    paths=("statistics/correlations.csv",),
    keys=(
        text("question", meaning="`size`: with ln(parameters); `loss`: with nats per token"),
        CORPUS,
        GROUP,
        READERS_ARE,
        SIGNAL,
        _SCORE,
    ),
    values=(
        N,
        number("r", unit="r", meaning="Pearson r over the models"),
        number("p", meaning="parametric, as printed in the paper; too small for few models"),
        number("p_permutation", meaning="two-sided, over orders of the models"),
        whole("permutations", meaning="orders gone through: all of them for few models"),
        text("models", meaning="the models, one after the other"),
    ),
    meaning="resemblance against size and loss",
)
SLOPES = Table(
    paths=("statistics/scaling-slopes.csv",),
    keys=(
        GROUP,
        READERS_ARE,
        SIGNAL,
        _SCORE,
        text(
            "fit",
            meaning="`pooled`: one line through all models, which cannot tell size from what else differs between "
            "families; `within families`: one slope with an intercept a family; `family NAME`: that family alone",
        ),
    ),
    values=(
        whole("n", meaning="models of the fit"),
        whole("families", meaning="intercepts of the fit"),
        number("slope", meaning="change of the score for each unit of ln(parameters)"),
        CI_LOW,
        CI_HIGH,
        whole("df", meaning="degrees of freedom of the residual"),
        number("p", meaning="two-sided, of the slope's t"),
        number("p_permutation", meaning="two-sided, over orders of the scores within families"),
        whole("permutations", meaning="orders gone through: all of them for few models"),
        number(
            "skill",
            meaning="of predicting a model from all others: 1 - squared errors by size / squared errors by the mean of "
            "its family; below 0 size predicts worse than no size. Empty where a model alone fixes the line",
        ),
        text("models", meaning="the models, one after the other"),
        text("withheld", meaning="why interval and p are empty"),
    ),
    meaning="resemblance for each unit of ln(parameters), over all models and within families",
)
SCALING_LAW = Table(
    paths=("statistics/scaling-law.csv",),
    keys=(GROUP, READERS_ARE, SIGNAL, _SCORE, MODEL),
    values=(
        text("family", meaning="the model's family in the configuration; empty where none is named"),
        PARAMETERS,
        number("log_parameters", meaning="natural logarithm of the parameters"),
        number("score", meaning="the model's best layer, in units of `column`"),
        number("fit", meaning="least squares of the scores on the logarithm, at this model"),
        number("band_low", meaning="lower end of the 95 percent band of the fit"),
        number("band_high", meaning="upper end of it"),
        number("slope", meaning="of the line, for each unit of the logarithm"),
        number("intercept", meaning="of the line"),
        number("fit_within", meaning="one slope with an intercept a family, at this model; empty for a family of one"),
    ),
    meaning="the line of resemblance on ln(parameters)",
)
TRANSFER = Table(
    paths=("statistics/transfer.csv",),
    keys=(
        text(
            "claim",
            meaning="`size, within families` and `size, all models`: slope of `nested r2_cv - r2_null` on "
            "ln(parameters); `beyond position and length`: `r2_unique_b2 - r2_unique_b2_null` at each model's best "
            "layer, mean over models by reader; `depth of the best layer`: 0 the first, 1 the last; `same heads "
            "matter`: rank correlation, over a model's heads, of Pearson's r with this group and with the first group",
        ),
        CORPUS,
        GROUP,
        READERS_ARE,
    ),
    values=(
        whole("n_readers", meaning="readers of the group"),
        whole("n_models", meaning="models that the estimate rests on"),
        number("estimate", meaning="size of the effect, in `unit`"),
        CI_LOW,
        CI_HIGH,
        text("unit", meaning="unit of the estimate"),
        text("withheld", meaning="why the estimate or its interval is empty"),
    ),
    meaning="each claim with its size in every corpus and group, of the configuration's signal",
)
PLANNING = Table(
    paths=("statistics/planning.csv",),
    keys=(
        text("question", meaning="`tuned against base` or `one group against another`"),
        A,
        B,
        text("a_group", meaning="readers of a"),
        text("b_group", meaning="readers of b"),
        READERS_ARE,
    ),
    values=(
        whole("n_layers", meaning="layers that the row is a mean over"),
        whole("n_readers", meaning="readers; of two groups the smaller"),
        whole("n_sentences", meaning="sentences"),
        number("difference", unit="R2", meaning="of `r2_cv`, mean over readers, sentences and layers"),
        number("sentence", unit="R2 squared", meaning="variance between sentences"),
        number("reader", unit="R2 squared", meaning="variance between readers, of two groups both added"),
        number("rest", unit="R2 squared", meaning="variance of a reader in a sentence, of two groups both added"),
        number("error", unit="R2", meaning="standard error with so many readers and sentences"),
        number(
            "detectable", unit="R2", meaning="smallest true difference that is found in 80 of 100 runs of this size"
        ),
        number("effect", unit="R2", meaning="difference to plan for: the mean over layers of `bound` (see there)"),
        number("power", meaning="how often a true difference of `effect` is found with so many"),
        number(
            "readers_needed", meaning="to find it in 80 of 100 runs, with these sentences; `inf`: no number is enough"
        ),
        number("sentences_needed", meaning="the same with these readers, of each group as many as the smaller has"),
        number(
            "between_models",
            unit="R2 squared",
            meaning="variance of `difference` over the rows of the same question and groups",
        ),
        number("models_needed", meaning="models, or pairs of them, to find it by a t-test over models"),
    ),
    meaning="what differences of the run could have shown, and what an effect needs; two-sided tests at 0.05 of one "
    "layer that was named beforehand",
)
