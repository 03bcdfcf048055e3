"""Tables that a person reads, numbered as in the paper where it has the table."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import GROUP, LAYER, MODEL, PARAMETERS, R2_CV, READERS_ARE, WITHHELD, N
from readalike.files.contracts.resemblance import SCORES

_RESEMBLANCE = (
    GROUP,
    READERS_ARE,
    text("best_layer", meaning="with the highest in-sample r2"),
    number("percent_of_ceiling", unit="percent", meaning="in sample, over the group_mean ceiling: the paper's score"),
    number(
        "nested_percent_held_out",
        unit="percent",
        meaning="held out, over the held-out ceiling (`leave_one_out_cv`), layer chosen without the articles scored: "
        "of another ceiling than `percent_of_ceiling`, so that either may be the higher",
    ),
    number(
        "nested_above_null",
        unit="R2",
        meaning="`r2_cv - r2_null` of the layers chosen without the articles scored: what sizes are compared on",
    ),
    number("r2_cv_above_null", unit="R2", meaning="highest `r2_cv - r2_null` of any layer, which favours deep models"),
    WITHHELD,
)
_BASE = text("base", meaning="the base model; of itself where the row is its own")
LOSS_AND_RESEMBLANCE = Table(
    paths=("tables/table-01-loss-and-resemblance.csv",),
    keys=(MODEL, PARAMETERS),
    values=(
        number("loss_per_token", unit="nats", meaning="a predicted token, sentences alone"),
        number("loss_per_word", unit="nats", meaning="a word, sentences alone"),
        *_RESEMBLANCE,
    ),
    meaning="Table 1: loss and resemblance of every model",
)
SCALE = Table(
    paths=("tables/table-02-scale.csv",),
    keys=(MODEL, PARAMETERS),
    values=_RESEMBLANCE,
    meaning="Table 2: resemblance of the models whose sizes are compared",
)
TUNING = Table(
    paths=("tables/table-03-tuning.csv",),
    keys=(_BASE, MODEL, PARAMETERS),
    values=(
        *_RESEMBLANCE,
        number("change_percent", unit="percent", meaning="percent_of_ceiling minus the base's; empty for the base"),
        number("change_above_null", unit="R2", meaning="r2_cv_above_null minus the base's; empty for the base"),
    ),
    meaning="Table 3: resemblance of base models and of those tuned from them",
)
_CHANGED = (
    _BASE,
    MODEL,
    GROUP,
    READERS_ARE,
    text("scale", meaning="score that is compared: `r2` is the paper's"),
    text("test", meaning="`paired t` over readers, as in the paper, or `clustered t` over readers and sentences"),
)
_LAYERS = whole("layers", meaning="layers that are compared")
CHANGED = Table(
    paths=("tables/table-04-changed-layers.csv",),
    keys=_CHANGED,
    values=(
        _LAYERS,
        whole("higher", meaning="layers in which the tuned model is above its base, p below 0.05 after correction"),
        whole("lower", meaning="layers in which it is below"),
    ),
    meaning="Table 4: in how many layers tuning changes resemblance",
)
CHANGED_LAYERS = Table(
    paths=("tables/table-06-changed-layers.csv",),
    keys=_CHANGED,
    values=(
        _LAYERS,
        text("higher", meaning="layers in which the tuned model is above its base, p below 0.05 after correction"),
        text("lower", meaning="layers in which it is below"),
    ),
    meaning="Tables 6 and 7: in which layers tuning changes resemblance",
)
READER_RELIANCE_TABLE = Table(
    paths=("tables/table-05-reader-reliance.csv",),
    keys=(GROUP, READERS_ARE),
    values=(
        N,
        number("min", unit="R2", meaning="smallest of any reader"),
        number("max", unit="R2", meaning="largest of any reader"),
        number("mean", unit="R2", meaning="mean over readers"),
        number("se", unit="R2", meaning="standard error of the mean (n - 1)"),
    ),
    meaning="Table 5: readers' reliance on the trivial patterns, saccade number",
)
# Columns of the headline table that have an interval.
INTERVALS = {
    **dict.fromkeys(
        (
            *("r2", "r2_cv", "r2_cv_above_null", "r2_unique_b0", "r2_unique_b1"),
            *("r2_unique_b2_above_null", "r2_unique_b2_all_layers"),
        ),
        "R2",
    ),
    **dict.fromkeys(("percent_of_ceiling", "percent_held_out"), "percent"),
}
_ENDS = {"ci_low": "lower", "ci_high": "upper"}
HEADLINE = Table(
    paths=("tables/table-headline.csv",),
    keys=(GROUP, READERS_ARE, N, MODEL, LAYER),
    values=(
        *SCORES,
        number("r2_cv_above_null", unit="R2", meaning="`r2_cv - r2_null`"),
        number("r2_unique_b2_above_null", unit="R2", meaning="`r2_unique_b2 - r2_unique_b2_null`"),
        number("r2_unique_b3_above_null", unit="R2", meaning="`r2_unique_b3 - r2_unique_b3_null`"),
        number(
            "r2_unique_b2_all_layers",
            unit="R2",
            meaning="what the heads of all layers add to b2 at once, by ridge regression, held out; of no one layer",
        ),
        number("percent_of_ceiling", unit="percent", meaning="`r2` over `ceiling_group_mean`: the paper's score"),
        number("percent_held_out", unit="percent", meaning="`r2_cv` over `ceiling_leave_one_out_cv`"),
        number("percent_residual", unit="percent", meaning="`r2_residual` over `ceiling_group_mean_residual`"),
        number(
            "percent_of_bound",
            unit="percent",
            meaning="`r2_cv_above_null` over `ceiling_split_half_cv`: of what infinitely many readers would explain",
        ),
        number(
            "percent_beyond_b2",
            unit="percent",
            meaning="`r2_unique_b2_above_null` over `ceiling_split_half_beyond_b2`: of what is there to be explained "
            "beyond b2",
        ),
        number("ceiling_group_mean", unit="R2", meaning="mean over readers"),
        number("ceiling_leave_one_out_cv", unit="R2", meaning="mean over readers"),
        number("ceiling_group_mean_residual", unit="R2", meaning="without the trivial patterns"),
        number("ceiling_split_half_cv", unit="R2", meaning="what infinitely many readers would explain, held out"),
        number("ceiling_split_half_beyond_b2", unit="R2", meaning="what they would add to b2, held out"),
        number("baseline_b0_cv", unit="R2", meaning="position and word length alone, held out, mean over readers"),
        number("baseline_b1_cv", unit="R2", meaning="also that long words are looked at again; the same"),
        number(
            "baseline_b2_cv",
            unit="R2",
            meaning="also products of position and length, number of words, end of the sentence, punctuation; the same",
        ),
        *(
            number(
                f"{name}_{end}",
                unit=unit,
                meaning=f"{words} end of the 95 percent interval of `{name}`, readers and sentences drawn (clustered)",
            )
            for name, unit in INTERVALS.items()
            for end, words in _ENDS.items()
        ),
        WITHHELD,
    ),
    meaning="every score at the layer with the highest in-sample R2, means over readers",
)
FMRI = Table(
    paths=("tables/table-08-fmri.csv",),
    keys=(MODEL, GROUP, READERS_ARE, text("region", meaning="brain region")),
    values=(
        N,
        text("layers", meaning="how many of the model's layers there are"),
        whole("best_layer", meaning="with the highest in-sample r2"),
        number("r2", unit="R2", meaning="of the best layer, in sample"),
        number("percent_of_gao2023", unit="percent", meaning="over the paper's ceiling, a Pearson r with a slip"),
        number("percent_of_pearson", unit="percent", meaning="over the same without the slip"),
        number("percent_of_group_mean", unit="percent", meaning="R2 over R2"),
        whole("best_layer_cv", meaning="with the highest held-out r2"),
        R2_CV,
        number("r2_cv_above_null", unit="R2", meaning="highest `r2_cv - r2_null` of any layer"),
        number("ceiling_leave_one_out_cv", unit="R2", meaning="mean over readers"),
        WITHHELD,
    ),
    meaning="Table 8: resemblance to brain regions",
)
LANDING_TABLE = Table(
    paths=("tables/table-landing.csv",),
    keys=(MODEL, GROUP, READERS_ARE),
    values=(
        text("layers", meaning="layer of each left-out article: the best one for the other articles"),
        N,
        whole("saccades", meaning="saccades of all readers within sentences, in any direction"),
        number("baseline", unit="nats a saccade", meaning="position and length over any word alike, mean over readers"),
        number("gain", unit="nats a saccade", meaning="attention beyond position and length, mean over readers"),
        number("gain_ci_low", unit="nats a saccade", meaning="lower end of the 95 percent interval over readers"),
        number("gain_ci_high", unit="nats a saccade", meaning="upper end of it"),
        number(
            "gain_swapped", unit="nats a saccade", meaning="the gain with another sentence's attention, in these layers"
        ),
        number("excess", unit="nats a saccade", meaning="gain minus gain_swapped: what is of these words"),
        number("excess_ci_low", unit="nats a saccade", meaning="lower end of the 95 percent interval over readers"),
        number("excess_ci_high", unit="nats a saccade", meaning="upper end of it"),
        whole("readers_above", meaning="readers with a gain above 0"),
    ),
    meaning="what attention tells of where saccades land, at layers chosen without the articles scored",
)
