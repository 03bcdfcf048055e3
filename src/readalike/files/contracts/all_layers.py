"""Table of what the heads of all layers add at once."""

from readalike.files.contracts import Table, number, whole
from readalike.files.contracts.names import GROUP, MODEL, READER, READERS_ARE, SIGNAL

ALL_LAYERS = Table(
    paths=("all-layers/{model}/{group}.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, READER),
    values=(
        number(
            "r2_unique_b2_all_layers",
            unit="R2",
            meaning="held out, what the heads of all layers together add to baseline b2, by ridge regression",
        ),
        whole("heads", meaning="heads of all layers that vary"),
        number(
            "penalty",
            meaning="of the ridge regression, on heads of unit variance: the median over the articles that were left "
            "out; infinite: attention is left out",
        ),
    ),
    meaning="what attention adds to baseline b2 when the heads of all layers are read at once",
)
