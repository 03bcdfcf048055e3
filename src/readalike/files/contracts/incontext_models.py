"""Tables of in-context learning with real models: what each answered under noise in its context."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import MODEL

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
