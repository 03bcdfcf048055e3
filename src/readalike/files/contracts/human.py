"""Tables of readers: what they share with one another, and what position alone explains of them."""

from readalike.files.contracts import Table, number, text
from readalike.files.contracts.names import (
    BASELINE,
    CI_HIGH,
    CI_LOW,
    GROUP,
    R2,
    R2_CV,
    R2_CV_OLS,
    READER,
    READERS_ARE,
    SIGNAL,
    N,
)

CEILINGS = Table(
    paths=("human/{group}/ceilings.csv",),
    keys=(
        GROUP,
        READERS_ARE,
        SIGNAL,
        text(
            "ceiling",
            meaning="`group_mean`: on the group's mean with the reader in it (the paper's, too high for that reason); "
            "`leave_one_out`: on the mean of the others; `leave_one_out_cv`: the same held out; "
            "`leave_one_out_cv_ols`: held out by plain least squares; `group_mean_residual`: the trivial patterns "
            "regressed out of both; `split_half`: `leave_one_out` over the reliability of that mean, what infinitely "
            "many readers would explain; `split_half_cv`: the same held out; `split_half_beyond_b2` (b0, b1): what "
            "they would add to a baseline, held out; for fMRI `gao2023` and `pearson`: Pearson r by sentence, with "
            "and without the slip of the authors' code",
        ),
        READER,
    ),
    values=(
        number("value", meaning="the reader's score, in `unit`"),
        text("unit", meaning="`R2`, or `r` for Pearson's r"),
    ),
    meaning="what the other readers of a group explain of each reader",
)
BOUNDS = Table(
    paths=("human/{group}/bounds.csv",),
    keys=(
        GROUP,
        READERS_ARE,
        SIGNAL,
        text(
            "bound",
            meaning="`split_half`: what infinitely many readers would explain of a reader, in sample; `split_half_cv`: "
            "held out; `split_half_beyond_b2` (b0, b1): what they would add to a baseline, held out",
        ),
    ),
    values=(
        N,
        number(
            "r",
            unit="r",
            meaning="Pearson r of the means of two halves of the readers, mean over 200 halvings; beyond a baseline of "
            "what it leaves of them",
        ),
        number(
            "reliability",
            meaning="of the mean of all readers but one, from r (Spearman and Brown): the share that readers have in "
            "common; empty where halves share nothing",
        ),
        number("lower", unit="R2", meaning="what the others in fact explain, mean over readers"),
        number("bound_mean", unit="R2", meaning="`lower` over `reliability`: the bound, mean over readers"),
        number("se", unit="R2", meaning="jackknife over readers, every mean of readers rebuilt; sentences as given"),
        CI_LOW,
        CI_HIGH,
    ),
    meaning="what readers have in common: a bound for whatever is the same for all readers",
)
READER_RELIANCE = Table(
    paths=("human/{group}/reliance.csv",),
    keys=(GROUP, READERS_ARE, SIGNAL, READER),
    values=(R2, R2_CV, R2_CV_OLS),
    meaning="what the trivial patterns (first word, previous word, self) explain of each reader",
)
READER_BASELINE = Table(
    paths=("human/{group}/baseline.csv",),
    keys=(GROUP, READERS_ARE, SIGNAL, BASELINE, READER),
    values=(R2, R2_CV, R2_CV_OLS),
    meaning="what is known without attention explains of each reader; no rows for a corpus without text",
)
MEANS = Table(
    paths=("human/{group}/means.csv",),
    keys=(GROUP, READERS_ARE, SIGNAL),
    values=(
        N,
        number("r", unit="r", meaning="Pearson r of the group's mean here with the released one, over the pairs"),
        number("sum_of_ours", meaning="sum of the group's mean over the pairs"),
        number("sum_of_released", meaning="the same of the released mean"),
    ),
    meaning="a group's mean signal beside the one that the paper's authors released",
)
