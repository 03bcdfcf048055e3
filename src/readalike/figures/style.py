"""One style for all figures, and how a figure is saved: PDF, PNG and the CSV of what it draws.

Drawn at final size: 183 mm wide, or 89 mm for one column; text of 5 to 7 points, editable in the PDF.
"""

import itertools
import math
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from readalike.errors import ConfigurationError
from readalike.files.atomic import replacing
from readalike.files.tables import write_csv

WIDE, NARROW = 183 / 25.4, 89 / 25.4  # inches
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":")
FILLS = ("full", "none", "left", "top")
_HATCHES = ("///", "...", "\\\\\\", "xxx", "ooo", "+++", "---")
HATCHES = ("", *_HATCHES, *(a + b for a, b in itertools.combinations(_HATCHES, 2)))
GREY = "#666666"
LIGHTEST = 0.85  # of viridis, of the smallest model: lighter lines are hard to see on white
TITLE_CHARACTERS = 104  # of bold text at the usual size that stand side by side in WIDE, with room between panels


@dataclass(frozen=True)
class Style:
    """What the configuration may change under `figures.style`."""

    palette: str = "colorblind"
    font: str = "DejaVu Sans"
    font_size: float = 6.5
    dpi: int = 300


def read_style(given: Mapping[str, Any]) -> Style:
    """Raises ConfigurationError for an unknown key or palette."""
    known = asdict(Style())
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ConfigurationError(f"figures.style: unknown key {', '.join(unknown)} (known: {', '.join(known)})")
    style = Style(**given)
    try:
        sns.color_palette(style.palette)
    except ValueError:
        raise ConfigurationError(f"figures.style.palette: seaborn knows no palette {style.palette!r}") from None
    return style


@contextmanager
def drawing(style: Style) -> Iterator[None]:
    """Settings in force while a figure is drawn and saved."""
    settings = {
        **sns.axes_style("ticks"),
        "font.family": "sans-serif",
        "font.sans-serif": [style.font, "DejaVu Sans"],
        "font.size": style.font_size,
        "axes.titlesize": style.font_size,
        "axes.labelsize": style.font_size,
        "xtick.labelsize": style.font_size - 0.5,
        "ytick.labelsize": style.font_size - 0.5,
        "legend.fontsize": style.font_size - 0.5,
        "legend.frameon": False,
        "axes.linewidth": 0.5,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.major.width": 0.5,
        "ytick.major.width": 0.5,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "lines.linewidth": 0.9,
        "figure.constrained_layout.use": True,
        "pdf.fonttype": 42,
        "axes.prop_cycle": cycler(color=sns.color_palette(style.palette)),
    }
    with mpl.rc_context(settings):
        yield


def save(figure: Figure, frame: pd.DataFrame, style: Style, *, pdf: Path, png: Path, csv: Path) -> None:
    """Write the figure twice and the data it draws; the same drawing gives the same bytes."""
    for path, extra in ((pdf, {"metadata": {"CreationDate": None}}), (png, {"dpi": style.dpi})):
        with replacing(path) as temporary:
            figure.savefig(temporary, **extra)
    write_csv(csv, frame)
    plt.close(figure)


def colours(names: Sequence[str], style: Style) -> dict[str, Any]:
    """A colour a name, in order; the palette is stretched where there are more names than it has colours."""
    palette = sns.color_palette(style.palette)
    if len(names) > len(palette):
        palette = sns.color_palette("husl", len(names))
    return dict(zip(names, palette, strict=False))


@dataclass(frozen=True)
class Series:
    """How one of several lines, sets of points or bars looks: apart from the others in grey and to the colour-blind."""

    color: Any
    marker: str
    fillstyle: Any  # of points without a line, where the markers begin again
    linestyle: Any
    hatch: str


def series(names: Sequence[str], style: Style) -> dict[str, Series]:
    """A look for each name, in order: 32 by marker and line style or filling, 29 by hatches."""
    palette = colours(names, style)
    return {
        name: Series(
            palette[name],
            MARKERS[k % len(MARKERS)],
            FILLS[k // len(MARKERS) % len(FILLS)],
            LINES[k // len(MARKERS) % len(LINES)],
            HATCHES[k % len(HATCHES)],
        )
        for k, name in enumerate(names)
    }


def looks_of_models(
    models: Sequence[str],
    sizes: Mapping[str, float],
    tuned: Collection[str],
    style: Style,
    untrained: Collection[str] = (),
) -> dict[str, Series]:
    """A look for each model: the larger the darker, tuned ones dashed. As `series` where no two sizes are known.

    sizes : parameters of models; one without is grey
    untrained : those that learned nothing, whatever their size: grey and dotted
    """
    plain = series(models, style)
    sizes = {model: size for model, size in sizes.items() if model not in untrained}
    plain |= {model: replace(plain[model], color=GREY, linestyle=":") for model in models if model in untrained}
    steps = sorted({sizes[model] for model in models if model in sizes})
    if len(steps) < 2:
        return plain
    ramp = mpl.colormaps["viridis"](np.linspace(LIGHTEST, 0, len(steps)))
    shades = {size: mpl.colors.to_hex(shade) for size, shade in zip(steps, ramp, strict=True)}
    return {
        model: replace(
            look,
            color=shades.get(sizes.get(model, np.nan), GREY),
            linestyle="--" if model in tuned else "-" if model in sizes else ":",
        )
        for model, look in plain.items()
    }


def group_title(group: str, readers_are: str, n: int) -> str:
    """'L1: 51 readers', or '... simulated readers' where no person was measured."""
    return f"{group}: {n} {'simulated ' if readers_are == 'simulated' else ''}readers"


def mean_and_interval(values: pd.Series) -> pd.Series:
    """Mean with its 95 percent t interval; n counts what is there."""
    known = values.dropna().to_numpy(dtype=float)
    n = len(known)
    mean = known.mean() if n else np.nan
    half = stats.t.ppf(0.975, n - 1) * known.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return pd.Series({"mean": mean, "ci_low": mean - half, "ci_high": mean + half, "n": float(n)})


def summarise(frame: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """mean, ci_low, ci_high, n of `value` by `keys`, keys in order of appearance."""
    found = frame.groupby(keys, sort=False)[value].apply(mean_and_interval).unstack()
    return found.reset_index()


def with_gaps(line: pd.DataFrame, by: str = "layer") -> pd.DataFrame:
    """A line by layer with empty rows for layers that are not there, so that no stroke crosses them."""
    if line.empty:
        return line
    return line.set_index(by).reindex(range(int(line[by].min()), int(line[by].max()) + 1)).reset_index()


CHARACTERS = 135  # of usual text at the size of legends that stand side by side in WIDE
ENTRIES, NARROWER = 8, 7  # most entries of a legend in an empty panel; tenths of a panel's width that its text takes
# Part of a figure's width that a legend may take as measured: text is up to 3 percent wider at another resolution.
LEGEND = 0.95
TWO_ROWS = 0.35  # inches that a legend of two rows takes; figures are as high as is right for it


def legend_below(figure: Figure, line: str, *, entries: bool = True) -> None:
    """One legend for all panels, under them, in as few rows as the figure is wide enough for; over it `line`.

    line : what points, lines and intervals of the figure are
    entries : whether the legend names series, or they stand elsewhere
    """
    line = textwrap.fill(line, int(CHARACTERS * figure.get_size_inches()[0] / WIDE))
    found = _entries(figure) if entries else {}
    for rows in range(1, max(len(found), 1) + 1):
        columns = max(1, -(-len(found) // rows))
        legend = figure.legend(
            list(found.values()), list(found), loc="outside lower center", ncols=columns, title=line,
            title_fontsize=mpl.rcParams["legend.fontsize"],
        )  # fmt: skip
        box = legend.get_window_extent()
        if columns == 1 or box.width <= LEGEND * figure.bbox.width:
            # Panels keep their height: what more than two rows take is added.
            width, height = figure.get_size_inches()
            figure.set_size_inches(width, height + max(0, box.height / figure.dpi - TWO_ROWS))
            return
        legend.remove()


def _entries(figure: Figure) -> dict[str, Any]:
    """Label -> what is drawn, of all panels."""
    found: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return found


def grid(panels: int, most: int = 4) -> tuple[int, int]:
    """Rows and columns that leave the fewest empty places, of up to `most` columns and no less than one fewer."""
    if panels <= most:
        return 1, panels
    columns = min((most, most - 1), key=lambda across: -panels % across)
    return -(-panels // columns), columns


def legend_beside(empty: Sequence[Axes], figure: Figure, line: str, columns: int) -> None:
    """As `legend_below`, the entries in the first of the panels of `columns` that are empty, if there is one.

    More entries than have room there stand below as ever. Other empty panels are hidden.
    """
    for axes in empty:
        axes.set_visible(False)
    found = _entries(figure)
    inside = len(empty) > 0 and len(found) <= ENTRIES
    if inside:
        empty[0].set_visible(True)
        empty[0].set_axis_off()
        labels = [textwrap.fill(label, NARROWER * CHARACTERS // (10 * columns)) for label in found]
        empty[0].legend(list(found.values()), labels, loc="upper left", borderaxespad=0)
    legend_below(figure, line, entries=not inside)


def sizes_apart(sizes: Sequence[float], most: int) -> list[float]:
    """Of rising sizes those whose names have room on a logarithmic axis, `most` and one at most."""
    shown = [*sizes[:1]]
    for size in sizes[1:]:
        if math.log(size / shown[-1]) >= math.log(sizes[-1] / sizes[0]) / most:
            shown.append(size)
    return shown


def model_title(axes: Axes, model: str, columns: int) -> None:
    """A model's name over one of `columns` panels, broken where it would run into the next."""
    axes.set_title(textwrap.fill(model, TITLE_CHARACTERS // columns))


def every(line: pd.DataFrame) -> int:
    """Every how many points of a line have a marker: some eight of many, all where some are missing beside them."""
    return 1 if line.isna().any(axis=None) else max(1, len(line) // 8)


def layer_ticks(axes: Axes) -> None:
    """Layers are whole numbers."""
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
