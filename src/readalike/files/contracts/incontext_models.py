"""Tables of in-context learning with real models: what each answered under noise in its context."""

from readalike.files.contracts import Column, Table, flag, number, text, whole
from readalike.files.contracts.names import LAYER, MODEL, PARAMETERS, A, B

NATS = "nats"
TASK = text("task", meaning="name of the task in the configuration")
NOISE = text(
    "noise",
    meaning="what is noisy of the demonstrations: `labels` (flipped), `irrelevant` (texts replaced), `words` "
    "(swapped); `none`: there are no demonstrations",
)
RATE = number(
    "rate", unit="share", meaning="how many of the labels, texts or words; at 0 the prompts of all kinds agree"
)
TEMPLATE = whole("template", meaning="what stands around texts and labels, from 0")
SET = whole("set", meaning="set of demonstrations, from 0")
ITEM = whole("item", meaning="the text that was asked about: its number in the task, from 1")

ANSWERS = Table(
    paths=("incontext/models/{model}/{task}/answers.csv",),
    keys=(MODEL, TASK, NOISE, RATE, TEMPLATE, SET, ITEM),
    values=(
        whole("demonstrations", meaning="demonstrations in the prompt"),
        text("label", meaning="the label that is right"),
        text("answer", meaning="the label with the highest log-probability, whole words over their tokens"),
        number("margin", unit=NATS, meaning="log-probability of the right label minus the highest of the others"),
        text("calibrated_answer", meaning="the same after calibration"),
        number(
            "calibrated_margin",
            unit=NATS,
            meaning="the same where each label's probability among the labels is divided by its mean for contents that "
            "say nothing, behind the same demonstrations (Zhao et al. 2021)",
        ),
        number("log_probability", unit=NATS, meaning="of the right label, given the prompt"),
        text("log_probabilities", meaning="of every label, as JSON"),
        text("log_priors", meaning="of every label among the labels, for contents that say nothing, as JSON"),
    ),
    meaning="answers of a model to every item, set of demonstrations, template, kind and rate of noise",
)

SHARE = "share"
SCORE = text(
    "score",
    meaning="`plain`: the label with the highest log-probability; `calibrated`: after calibration",
)
PER_RATE = "a unit of the rate"
CHANCE = number("chance", unit=SHARE, meaning="1 / number of labels")
ITEMS = whole("items", meaning="texts asked about")
SETS = whole("sets", meaning="sets of demonstrations")


def estimate(name: str, unit: str, meaning: str) -> tuple[Column, Column, Column]:
    """A mean with its 95 percent interval over items and sets of demonstrations, both taken as drawn."""
    return (
        number(name, unit=unit, meaning=meaning),
        number(f"{name}_low", unit=unit, meaning="lower end of its 95 percent interval, over items and sets"),
        number(f"{name}_high", unit=unit, meaning="upper end of it"),
    )


ACCURACY = Table(
    paths=("incontext/accuracy.csv",),
    keys=(MODEL, TASK, NOISE, SCORE, RATE),
    values=(
        *estimate("accuracy", SHARE, "right answers, mean over items, sets and templates"),
        *estimate("margin", NATS, "the right label's score minus the highest of the others"),
        CHANCE,
        ITEMS,
        SETS,
    ),
    meaning="accuracy by rate of noise in the demonstrations",
)
NOISE_SLOPES = Table(
    paths=("incontext/noise-slopes.csv",),
    keys=(MODEL, TASK, NOISE, SCORE),
    values=(
        PARAMETERS,
        *estimate("slope", PER_RATE, "least squares of accuracy on the rate of noise"),
        number("df", meaning="degrees of freedom of the slope's interval"),
        number("p", meaning="that the slope is zero, two-sided"),
        *estimate("margin_slope", "nats a unit of the rate", "the same of the margin"),
        *estimate("clean", SHARE, "accuracy at rate 0"),
        *estimate("drop", SHARE, "accuracy at rate 0 minus that at the highest rate"),
        number("normalised_drop", meaning="drop / (accuracy at rate 0 - chance); empty where the model is at chance"),
        *estimate("follows", SHARE, "answers that are what the labels shown say when all are flipped, of two labels"),
        number("zero_shot", unit=SHARE, meaning="accuracy without demonstrations"),
        CHANCE,
        number(
            "bag_of_words",
            unit=SHARE,
            meaning="held-out accuracy of counts of words; a task that it solves is too easy",
        ),
        flag("at_chance", meaning="the interval of the accuracy at rate 0 is not above chance"),
        ITEMS,
        SETS,
    ),
    meaning="how fast accuracy falls with noise in the demonstrations",
)
NOISE_SETS = Table(
    paths=("incontext/noise-sets.csv",),
    keys=(MODEL, TASK, NOISE, SCORE, TEMPLATE, SET),
    values=(number("slope", unit=PER_RATE, meaning="least squares of accuracy on the rate of noise"),),
    meaning="the slope of each template and set of demonstrations",
)
NOISE_PAIRS = Table(
    paths=("incontext/noise-pairs.csv",),
    keys=(
        text("comparison", meaning="`scaling` (a smaller, b larger) or `tuning` (a base, b tuned)"),
        A,
        B,
        text("task", meaning="name of the task, or `all`: the mean over tasks of which neither is at chance"),
        NOISE,
        SCORE,
    ),
    values=(
        number("doublings", meaning="log2 of b's parameters over a's"),
        number("slope_a", unit=PER_RATE, meaning="slope of a"),
        number("slope_b", unit=PER_RATE, meaning="slope of b"),
        *estimate(
            "difference", PER_RATE, "slope of b minus slope of a, of the same items and sets; below 0: b falls faster"
        ),
        *estimate("margin_difference", "nats a unit of the rate", "the same of the margins"),
        number("df", meaning="degrees of freedom of the difference's interval"),
        number("p", meaning="that the difference is zero, two-sided"),
        number(
            "p_holm", meaning="by Holm over pairs and kinds of noise of a comparison and score; tasks and `all` apart"
        ),
        whole("tasks", meaning="tasks that the row is a mean of"),
        text("left_out", meaning="why the row counts in no comparison"),
    ),
    meaning="slopes of two models side by side",
)
NOISE_SIZES = Table(
    paths=("incontext/noise-sizes.csv",),
    keys=(TASK, NOISE, SCORE),
    values=(
        text("models", meaning="those that are clear of chance"),
        whole("sizes", meaning="different sizes among them"),
        number("slope", unit="a doubling", meaning="least squares of the models' slopes on log2(parameters)"),
        number("ci_low", meaning="lower end of its 95 percent t interval over models"),
        number("ci_high", meaning="upper end of it"),
        number("p", meaning="that it is zero; empty below five sizes"),
        text("why", meaning="why there is no test"),
    ),
    meaning="slopes against size, over all models: families differ in more than size",
)
LOOKS = Table(
    paths=("incontext/looks.csv",),
    keys=(
        MODEL,
        TASK,
        NOISE,
        RATE,
        LAYER,
        text("group", meaning="what the tokens looked at are: docs/in-context.md"),
    ),
    values=(
        number("share", unit=SHARE, meaning="attention of the prompt's last token on the group, mean over heads"),
        number("a_token", unit=SHARE, meaning="the same, divided by the group's number of tokens"),
        number("rest", unit=SHARE, meaning="share of what is not on the first token"),
        number("rest_a_token", unit=SHARE, meaning="the same, divided by the number of tokens"),
        number("tokens", meaning="tokens of the group, mean over prompts"),
    ),
    meaning="where the last token of prompts looks",
)
NOISY_LOOKS = Table(
    paths=("incontext/noisy-looks.csv",),
    keys=(
        MODEL,
        TASK,
        NOISE,
        RATE,
        text("layer", meaning="layer of the model, from 0, or `all`: their mean attention"),
    ),
    values=(
        *estimate(
            "log_ratio",
            "nats",
            "log of attention a noisy token over attention an intact one (flipped and kept labels, texts replaced and "
            "not), within prompts; at rate 0 a control: nothing is noisy, and what would be is compared",
        ),
        *estimate(
            "above_control",
            "nats",
            "log_ratio minus that of the control of the same item and set; at rate 0.5 of the very same places",
        ),
        number("p", meaning="that `above_control` is zero, two-sided"),
        whole("prompts", meaning="prompts with both kinds of tokens and attention on both"),
    ),
    meaning="whether noisy demonstrations are looked at more than intact ones",
)
BAG_OF_WORDS = Table(
    paths=("incontext/tasks/{task}.csv",),
    keys=(TASK,),
    values=(
        whole("items", meaning="texts of the task"),
        whole("labels", meaning="different labels"),
        number("accuracy", unit=SHARE, meaning="held out, of a logistic regression on counts of words, ten folds"),
    ),
    meaning="what counts of words know of a task",
)
