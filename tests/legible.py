"""What a printed page needs of a figure: text that touches no other text, and series that can be told apart."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from colorspacious import cspace_convert, deltaE
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

# Of a difference between two colours in CAM02-UCS: 1 can just be seen side by side, 10 at a glance.
APART = 10
# The three kinds of colour blindness, complete, and grey.
SEEN = [{"name": "sRGB1+CVD", "cvd_type": f"{kind}anomaly", "severity": 100} for kind in ("prot", "deuter", "trit")]
TOUCH = 1  # pixels at 100 dots an inch by which boxes may meet: they are a little larger than the letters


class Drawn(NamedTuple):
    text: str
    box: Bbox


def drawn_texts(figure: Figure) -> list[Drawn]:
    """Every text that the renderer drew, with its box in pixels; ticks beyond their axis are not among them."""
    found: list[Drawn] = []

    class Watching(RendererAgg):
        def draw_text(
            self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
        ) -> None:
            if mtext is not None and s.strip():
                box = mtext.get_window_extent(self)
                if Drawn(mtext.get_text(), box) not in found:
                    found.append(Drawn(mtext.get_text(), box))
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)

    figure.canvas.draw()  # places everything
    width, height = (int(size) for size in figure.bbox.size)
    figure.draw(Watching(width, height, figure.dpi))
    return found


def colliding(figure: Figure) -> list[tuple[str, str]]:
    """Texts that overlap one another, or leave the figure."""
    texts = drawn_texts(figure)
    limit = TOUCH * figure.dpi / 100
    wrong = []
    for one, other in itertools.combinations(texts, 2):
        both = Bbox.intersection(one.box, other.box)
        if both is not None and both.width > limit and both.height > limit:
            wrong.append((one.text, other.text))
    inside = figure.bbox.padded(limit)
    wrong += [(drawn.text, "the edge") for drawn in texts if not _within(drawn.box, inside)]
    return wrong


def _within(box: Bbox, around: Bbox) -> bool:
    return bool(around.x0 <= box.x0 and box.x1 <= around.x1 and around.y0 <= box.y0 and box.y1 <= around.y1)


class Look(NamedTuple):
    label: str
    shape: tuple[Any, ...]
    colour: tuple[float, ...]


def looks(axes: Axes) -> Iterator[Look]:
    """What a panel's legend names: its label, all that is not colour, and its colour."""
    for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
        artist: Any = handle
        if isinstance(artist, ErrorbarContainer):
            artist = artist[0]
        if isinstance(artist, BarContainer):
            yield Look(label, ("bar", artist[0].get_hatch()), artist[0].get_facecolor())
        elif isinstance(artist, Line2D):
            dashes = str(artist._dash_pattern)  # get_linestyle() says -- for all of them
            shape = (artist.get_marker(), artist.get_linestyle(), dashes, artist.get_fillstyle())
            yield Look(label, ("line", *shape), mpl.colors.to_rgba(artist.get_color()))
        elif isinstance(artist, PathCollection):
            yield Look(label, ("points", artist.get_paths()[0].vertices.tobytes()), tuple(artist.get_facecolor()[0]))
        else:
            raise TypeError(f"{label}: {type(artist).__name__} is not known here")


def alike(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of series of one panel that differ in colour alone, and not enough in grey or to somebody colour-blind."""
    wrong = []
    for axes in figure.axes:
        for one, other in itertools.combinations(looks(axes), 2):
            if one.shape == other.shape and min(_differences(one.colour[:3], other.colour[:3])) < APART:
                wrong.append((one.label, other.label))
    return wrong


def _differences(one: tuple[float, ...], other: tuple[float, ...]) -> Iterator[float]:
    pair = np.clip(np.array([one, other]), 0, 1)
    for seen in SEEN:
        a, b = np.clip(cspace_convert(pair, seen, "sRGB1"), 0, 1)
        yield float(deltaE(a, b, input_space="sRGB1"))
    # Grey: lightness alone.
    light = cspace_convert(pair, "sRGB1", "CAM02-UCS")[:, 0]
    yield float(abs(light[0] - light[1]))
