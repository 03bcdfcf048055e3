"""Tables of the landing model: what attention tells of where a saccade lands."""

from readalike.files.contracts import Table, number, whole
from readalike.files.contracts.names import GROUP, LAYER, MODEL, READER, READERS_ARE

A_SACCADE = "nats a saccade"
GAINS = (
    number(
        "gain",
        unit=A_SACCADE,
        meaning="held-out log-likelihood of position, length and the layer's heads minus that of position and length: "
        "what attention tells of where the saccade lands; 0 where it tells nothing",
    ),
    number(
        "gain_side",
        unit=A_SACCADE,
        meaning="of it, what tells whether the eye goes back (or stays) or ahead; the rest tells which word",
    ),
    number(
        "gain_swapped",
        unit=A_SACCADE,
        meaning="the gain with the attention of another sentence as long: what attention knows of where words stand, "
        "but not of which they are",
    ),
    number("gain_shuffled", unit=A_SACCADE, meaning="the gain with attention shuffled over all pairs"),
    number(
        "gain_both",
        unit=A_SACCADE,
        meaning="the gain with columns for words ahead too: what each of them will pay to the word that the eye leaves",
    ),
    number("gain_both_swapped", unit=A_SACCADE, meaning="`gain_both` with the attention of another sentence as long"),
)
LANDING = Table(
    paths=("landing/{model}/{group}.csv",),
    keys=(MODEL, GROUP, READERS_ARE, LAYER, READER),
    values=(
        whole("saccades", meaning="saccades of the reader within sentences, in any direction, refixations included"),
        number(
            "baseline",
            unit=A_SACCADE,
            meaning="held-out log-likelihood of position and length minus that of any word of the sentence alike",
        ),
        *GAINS,
    ),
    overview=("baseline", *(column.name for column in GAINS)),
    meaning="where saccades land, forward ones too: what every layer tells beyond position and length, by reader",
)
