"""Figure 1 shows the matrices of one sentence, the word that looks down, the word looked at across."""

import numpy as np
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.figures.saccades import saccade_matrices
from readalike.files.gaze import Gaze
from tests import artists

CORPUS = Corpus((Sentence(1, 1, ("a", "b")), Sentence(1, 2, ("c", "d", "e"))))
NUMBER = np.random.default_rng(8).integers(1, 9, (2, CORPUS.n_pairs)).astype(float)
ATTENTION = np.linspace(0.1, 0.9, CORPUS.n_pairs)
MEASURED = Gaze("L1", ("sub-01", "sub-02"), {"number": NUMBER}, np.array([9, 9]))
SIMULATED = Gaze("L2", ("sub-03",), {"number": NUMBER[:1] + 1}, np.array([9]), simulated=True)


def triangle(values: np.ndarray) -> list[list[float]]:
    """Of the second sentence, whose pairs are the last six."""
    a, b, c, d, e, f = values[3:]
    return [[a, np.nan, np.nan], [b, c, np.nan], [d, e, f]]


def test_images_are_the_values_of_the_sentence() -> None:
    figure, _ = artists.draw(saccade_matrices, CORPUS, [MEASURED, SIMULATED], ATTENTION, "m", 7, 1)
    shown = [axes for axes in figure.axes if axes.images]
    expected = {
        "L1\nreader sub-01": NUMBER[0],
        "L1\nmean of 2 readers": (NUMBER[0] + NUMBER[1]) / 2,
        "L2\nmean of 1 simulated readers": NUMBER[0] + 1,
        "m\nlayer 7": ATTENTION,
    }
    assert [artists.title(axes) for axes in shown] == list(expected)
    for axes, values in zip(shown, expected.values(), strict=True):
        np.testing.assert_array_equal(artists.image(axes), triangle(values))


def test_a_first_reader_who_was_simulated_is_called_so() -> None:
    figure, _ = artists.draw(saccade_matrices, CORPUS, [SIMULATED], ATTENTION, "m", 7, 1)
    assert artists.title(figure.axes[0]) == "L2\nsimulated reader sub-03"


def test_scales_of_colours_begin_at_zero_and_end_at_the_largest_value() -> None:
    figure, _ = artists.draw(saccade_matrices, CORPUS, [MEASURED], ATTENTION, "m", 7, 1)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    largest = [NUMBER[0, 3:].max(), NUMBER[:, 3:].mean(axis=0).max(), ATTENTION[3:].max()]
    assert [image.get_clim()[0] for image in images] == [0] * 3
    assert [image.get_clim()[1] for image in images] == pytest.approx(largest)
    labels = [image.colorbar.ax.get_xlabel() for image in images]
    assert labels == ["saccades (number)", "saccades (number)", "attention"]


def test_means_of_groups_have_one_scale_of_colours() -> None:
    figure, _ = artists.draw(saccade_matrices, CORPUS, [MEASURED, SIMULATED], ATTENTION, "m", 7, 1)
    limits = [axes.images[0].get_clim() for axes in figure.axes if axes.images]
    means = NUMBER[:, 3:].mean(axis=0).max(), (NUMBER[0, 3:] + 1).max()
    assert means[0] != means[1]
    assert limits == [(0, NUMBER[0, 3:].max()), (0, max(means)), (0, max(means)), (0, ATTENTION[3:].max())]
    assert artists.line(figure).startswith("Colours begin at zero; means of groups have one scale")


def test_a_reader_without_a_saccade_has_the_colour_of_zero() -> None:
    still = Gaze("L1", ("sub-01", "sub-02"), {"number": NUMBER * [[0], [1]]}, np.array([9, 9]))
    figure, _ = artists.draw(saccade_matrices, CORPUS, [still], ATTENTION, "m", 7, 1)
    first = next(axes.images[0] for axes in figure.axes if axes.images)
    assert first.get_clim() == (0, 1)
    shown = first.cmap(first.norm(0.0))
    assert shown == first.cmap(0.0), "the lowest colour, not that of the middle"


def test_panels_without_values_are_hidden() -> None:
    figure, _ = artists.draw(saccade_matrices, CORPUS, [MEASURED, SIMULATED, SIMULATED], ATTENTION, "m", 7, 1)
    bars = [axes.images[0].colorbar.ax for axes in figure.axes if axes.images]
    panels = [axes for axes in figure.axes if axes not in bars]
    assert [axes.get_visible() for axes in panels] == [True] * 5 + [False] * 3
    assert artists.title(panels[4]) == "m\nlayer 7"


def test_ticks_are_the_words() -> None:
    figure, _ = artists.draw(saccade_matrices, CORPUS, [MEASURED], ATTENTION, "m", 7, 1)
    for axes in (axes for axes in figure.axes if axes.images):
        assert artists.ticks(axes, "x") == artists.ticks(axes, "y") == {0: "c", 1: "d", 2: "e"}
        assert axes.get_xlabel() == "word looked at"
        low, high = axes.get_ylim()
        assert low > high, "the first word is at the top"
    assert figure.axes[0].get_ylabel() == "word that looks"


def test_the_table_is_what_is_drawn() -> None:
    _, frame = artists.draw(saccade_matrices, CORPUS, [MEASURED, SIMULATED], ATTENTION, "m", 7, 1)
    assert frame["readers_are"].drop_duplicates().tolist() == ["measured", "simulated", ""]
    own = frame[frame["panel"] == "L1, reader sub-01"]
    assert own["value"].tolist() == NUMBER[0, 3:].tolist()
    assert own["from_text"].tolist() == ["c", "d", "d", "e", "e", "e"]
    assert own["to_text"].tolist() == ["c", "c", "d", "c", "d", "e"]
    assert own["from_word"].tolist() == [0, 1, 1, 2, 2, 2]
    assert own["to_word"].tolist() == [0, 0, 1, 0, 1, 2]
