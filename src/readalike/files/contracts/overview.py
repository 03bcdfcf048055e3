"""The table that shows all measures of one model."""

from readalike.files.contracts import Table, number, text
from readalike.files.contracts.names import CONDITION, CORPUS, GROUP, LAYER, MODEL, READERS_ARE, SIGNAL, N

# What a row of the overview may be about; the rest of a table's keys name the observations that are averaged over.
ABOUT = (CORPUS, GROUP, READERS_ARE, SIGNAL, CONDITION, LAYER)
OVERVIEW = Table(
    paths=("overview/{model}.csv",),
    keys=(
        MODEL,
        text("measure", meaning="name of the measure"),
        *ABOUT,
        text("quantity", meaning="column of the measure's own table"),
    ),
    values=(
        N,
        number("mean", meaning="mean over readers, heads or sentences"),
        number("sd", meaning="standard deviation over them"),
    ),
    meaning="every measure of one model, layer by layer",
)
