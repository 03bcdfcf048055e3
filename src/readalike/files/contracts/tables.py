"""Tables that a person reads, numbered as in the paper where it has the table."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import GROUP, LAYER, MODEL, PARAMETERS, R2_CV, READERS_ARE, WITHHELD, N
from readalike.files.contracts.resemblance import SCORES

LOSS_AND_RESEMBLANCE = Table(
    paths=("results/tables/table-01-loss-and-resemblance.csv",),
    keys=(MODEL, PARAMETERS),
    values=(
        number("loss_per_token", unit="nats", meaning="a predicted token, sentences alone"),
        number("loss_per_word", unit="nats", meaning="a word, sentences alone"),
        GROUP,
        READERS_ARE,
        text("best_layer", meaning="with the highest in-sample r2"),
        number(
            "percent_of_ceiling", unit="percent", meaning="in sample, over the group_mean ceiling: the paper's score"
        ),
        number("nested_percent", unit="percent", meaning="held out, layer chosen without the articles scored"),
        number("r2_cv_above_null", unit="R2", meaning="highest `r2_cv - r2_null` of any layer"),
        WITHHELD,
    ),
    meaning="Table 1: loss and resemblance of every model",
)
READER_RELIANCE_TABLE = Table(
    paths=("results/tables/table-05-reader-reliance.csv",),
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
HEADLINE = Table(
    paths=("results/tables/table-headline.csv",),
    keys=(GROUP, READERS_ARE, N, MODEL, LAYER),
    values=(
        *SCORES,
        number("r2_cv_above_null", unit="R2", meaning="`r2_cv - r2_null`"),
        number("r2_unique_above_null", unit="R2", meaning="`r2_unique - r2_unique_null`"),
        number("percent_of_ceiling", unit="percent", meaning="`r2` over `ceiling_group_mean`: the paper's score"),
        number("percent_held_out", unit="percent", meaning="`r2_cv` over `ceiling_leave_one_out_cv`"),
        number("ceiling_group_mean", unit="R2", meaning="mean over readers"),
        number("ceiling_leave_one_out_cv", unit="R2", meaning="mean over readers"),
        number("baseline_cv", unit="R2", meaning="position and word length alone, held out, mean over readers"),
        WITHHELD,
    ),
    meaning="every score at the layer with the highest in-sample r2, means over readers",
)
FMRI = Table(
    paths=("results/tables/table-08-fmri.csv",),
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
