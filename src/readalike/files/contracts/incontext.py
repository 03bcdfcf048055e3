"""Tables of in-context learning in the two settings that can be solved (docs/in-context.md)."""

from readalike.files.contracts import Column, Table, flag, number, text, whole

SQUARED = "squared error"
SHARE = "share"
NOISE_IN = text(
    "noise_in",
    meaning="what of the demonstrations is noisy: `labels`, `inputs`, or `both` for labels in training as well",
)
EXAMPLES = whole("examples", meaning="N: demonstrations in a prompt of the training")
DEMONSTRATIONS = whole("demonstrations", meaning="M: demonstrations in a prompt of the test")
RANK = whole("rank", meaning="rank of the key-query block: the size of the model")
DIRECTION = whole("direction", meaning="direction of the inputs, from 1, by falling variance")
START = whole("start", meaning="first weights, from 0")
LABEL_FLIPS = number("flips", unit=SHARE, meaning="share of labels flipped")
TASKS = text("tasks", meaning="`frequent`: both features among the first k; `uncovered`: not both")
RARE = number("rare", unit=SHARE, meaning="share of training tasks drawn from all features")
HEADS = whole("heads", meaning="number of heads: the size of the model")


def simulated(what: str, unit: str) -> tuple[Column, Column]:
    return (
        number("simulated", unit=unit, meaning=f"{what}, from drawn prompts"),
        number("simulated_error", unit=unit, meaning="its standard error"),
    )


def by_configuration(name: str, what: str) -> list[Column]:
    """A share for each configuration of a task's two features."""
    configurations = {"pp": "(++)", "pm": "(+-)", "mp": "(-+)", "mm": "(--)"}
    return [
        number(f"{name}_{key}", unit=SHARE, meaning=f"{what}, where the features are {signs}")
        for key, signs in configurations.items()
    ]


RISK = Table(
    paths=("incontext/regression-risk.csv",),
    keys=(
        NOISE_IN,
        EXAMPLES,
        DEMONSTRATIONS,
        RANK,
        number("noise", meaning="variance of the noise, of labels or of each input"),
    ),
    values=(
        number("risk", unit=SQUARED, meaning="by the formula, over tasks: the sum of the six parts"),
        number("bias", unit=SQUARED, meaning="of directions that are read but shrunk"),
        number("spread", unit=SQUARED, meaning="of the own slope of directions that are read"),
        number("omission", unit=SQUARED, meaning="of directions that are not read"),
        number("unmodelled", unit=SQUARED, meaning="other directions' signal, which acts as noise"),
        number("labels", unit=SQUARED, meaning="noise of labels"),
        number("inputs", unit=SQUARED, meaning="noise of inputs"),
        number(
            "limit",
            unit=SQUARED,
            meaning="the risk after training on endlessly long prompts; empty with noise in training",
        ),
        *simulated("the risk", SQUARED),
    ),
    meaning="risk of linear attention of each rank on prompts with noise",
)
CROSSINGS = Table(
    paths=("incontext/regression-crossings.csv",),
    keys=(NOISE_IN, EXAMPLES, DEMONSTRATIONS, RANK),
    values=(
        number("crossing", meaning="noise below which this rank beats the one below it; negative where it never does"),
        *simulated("the crossing", ""),
    ),
    meaning="where the risks of neighbouring ranks are equal",
)
SHRINKAGE = Table(
    paths=("incontext/regression-shrinkage.csv",),
    keys=(EXAMPLES, DIRECTION),
    values=(
        number("eigenvalue", meaning="variance of the inputs in this direction"),
        number("kept", unit=SHARE, meaning="u_i l_i: what the best head keeps of a slope, where its rank reaches"),
        *simulated("the same by least squares", SHARE),
    ),
    meaning="what the best head keeps of each direction",
)
DESCENT = Table(
    paths=("incontext/regression-descent.csv",),
    keys=(
        text("weights", meaning="covariance of the tasks: `white`, or `mixed`, which commutes with no diagonal"),
        RANK,
        START,
    ),
    values=(
        number("loss", unit=SQUARED, meaning="where descent on the population loss ended"),
        number("optimum", unit=SQUARED, meaning="the lowest loss by the formula"),
    ),
    meaning="descent on the population loss of linear attention beside its optimum",
)
MARGINS = Table(
    paths=("incontext/parity-margins.csv",),
    keys=(
        text("weights", meaning="`bits`: entries -1, 0 and 1; `numbers`: real-valued entries"),
        whole("covered", meaning="k: features that the heads cover"),
        whole("features", meaning="d: features there are"),
    ),
    values=(
        HEADS,
        number("margin", meaning="lowest y f of a covered task, with z as endlessly many demonstrations give it"),
        number("largest_weight", meaning="largest |a v|"),
        number("margin_by_weight", meaning="margin / largest_weight"),
    ),
    meaning="closed-form heads for parity: how many are needed, and with which margin",
)
ACCURACY = Table(
    paths=("incontext/parity-accuracy.csv",),
    keys=(
        whole("covered", meaning="features that the heads cover: the size of the model"),
        TASKS,
        whole("examples", meaning="N: demonstrations in a prompt"),
        LABEL_FLIPS,
    ),
    values=(
        number("accuracy", unit=SHARE, meaning="in the normal limit; 1/2 for tasks that are not covered"),
        number("accuracy_same", unit=SHARE, meaning="of it, where both features are alike: (++) and (--)"),
        number("accuracy_other", unit=SHARE, meaning="of it, where they differ"),
        *simulated("the accuracy", SHARE),
        *by_configuration("simulated", "drawn"),
    ),
    meaning="accuracy of closed-form parity heads with few demonstrations and flipped labels",
)
ORDER = Table(
    paths=("incontext/parity-order.csv",),
    keys=(whole("examples", meaning="N: demonstrations in a prompt"), LABEL_FLIPS),
    values=(
        number(
            "share",
            unit=SHARE,
            meaning="share of uncovered test tasks beyond which the larger model is the more accurate one",
        ),
        *simulated("the share", SHARE),
    ),
    meaning="where the order of two sizes turns",
)
TRAINED_REGRESSION = Table(
    paths=("incontext/trained-regression.csv",),
    keys=(RANK, START, DIRECTION),
    values=(
        number("loss", unit=SQUARED, meaning="on test prompts, the same for all starts"),
        number("gap", unit=SQUARED, meaning="loss minus that of the best head of this rank on the same prompts"),
        number("gap_error", unit=SQUARED, meaning="its standard error over prompts"),
        flag(
            "stuck",
            meaning="more than half of what the last direction adds is missing: fewer are read than the rank allows",
        ),
        number("kept", unit=SHARE, meaning="the layer's diagonal of U L in this direction"),
    ),
    meaning="linear attention layers trained on prompts",
)
Z = text("z", meaning="`finite`: of N demonstrations; `exact`: as endlessly many give it")
TRAINED_PARITY = Table(
    paths=("incontext/trained-parity-{z}.csv",),
    keys=(Z, RARE, HEADS, START, TASKS, whole("examples", meaning="N: demonstrations in a test prompt"), LABEL_FLIPS),
    values=(
        number("accuracy", unit=SHARE, meaning="on drawn test prompts, the same for every number of heads"),
        *by_configuration("accuracy", "of it"),
    ),
    meaning="accuracy of trained parity heads",
)
TRAINED_WEIGHT = Table(
    paths=("incontext/trained-weight-{z}.csv",),
    keys=(Z, RARE, HEADS, START, whole("feature", meaning="from 1; the first k are those of frequent tasks")),
    values=(
        number("weight", unit=SHARE, meaning="share of the sum of (a v)^2 that stands on this feature"),
        number("loss", meaning="hinge loss of the start over the last tenth of its training"),
        number("exact_frequent", unit=SHARE, meaning="accuracy of the start on frequent tasks at exact z"),
        number("exact_uncovered", unit=SHARE, meaning="accuracy of the start on uncovered tasks at exact z"),
    ),
    meaning="where the weight of trained parity heads stands",
)
