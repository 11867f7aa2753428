"""What all figures share: colours, layout, text, placement of labels, and files that are the same byte for byte.

Figures are made without pyplot, so they open no window and are freed when no longer used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.style.svg import FAMILY, finish_svg

if TYPE_CHECKING:
    import pandas as pd

# Colours that colour-blind readers can distinguish: Okabe and Ito 2008.
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE, GREY = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#8A8A8A",
)  # fmt: skip
PALE, LIGHT, INK = "#F2F2F2", "#D9D9D9", "#444444"

DUMMY = "dummy"  # the factor without any effect
INTERVAL = "95 % interval"
FORMATS = ("png", "svg", "pdf")
DOTS = 200  # dots per inch on a screen
PRINT = 300  # dots per inch on paper
SINGLE, DOUBLE = 3.5, 7.2  # widths of one and of two columns of a journal [inches]
STYLE: Any = {
    "font.family": FAMILY,
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "axes.grid": False,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "figure.dpi": DOTS,  # the width of letters depends on it: the same for the layout and the file
    "savefig.dpi": DOTS,
    "svg.fonttype": "none",  # text that can be searched, read aloud and edited; its fonts are embedded
    "pdf.fonttype": 42,
}
TITLE: dict[str, Any] = {"fontsize": 9.5, "fontweight": "bold"}
SUBTITLE: dict[str, Any] = {"fontsize": 8, "color": INK}
WARNING: dict[str, Any] = {"fontsize": 8, "color": VERMILION, "fontweight": "bold"}
FOOT: dict[str, Any] = {"fontsize": 7.2, "color": INK}
LINE = 0.165  # inches between lines
MARGIN = 0.08  # inches around everything


@contextmanager
def style(dots: int = DOTS) -> Iterator[None]:
    """Use the style of this package instead of the user's Matplotlib settings, at this many dots per inch."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE | {"figure.dpi": dots, "savefig.dpi": dots})
        yield


@dataclass(frozen=True)
class FigureText:
    """The text around a figure.

    Attributes
    ----------
    title : str
        Title, in bold.
    subtitle : str
        Below the title: sample sizes, units, kind of intervals.
    warning : str
        Below the subtitle, in red.
    note : str
        Below the figure: how to read it.
    """

    title: str
    subtitle: str = ""
    warning: str = ""
    note: str = ""


def titled_figure(words: FigureText, width: float, height: float) -> Any:
    """Return a figure with its text; axes added to it share the space between the lines of text.

    Parameters
    ----------
    words : FigureText
        Text above and below, which is wrapped to the width.
    width, height : float
        Width of the figure, and its height without the text [inches].

    Returns
    -------
    matplotlib.figure.Figure
        Call :func:`fix_layout` when everything is drawn.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    room = width - 2 * MARGIN
    head: list[tuple[str, dict[str, Any]]] = []
    for text, looks in ((words.title, TITLE), (words.subtitle, SUBTITLE), (words.warning, WARNING)):
        head += [(line, looks) for line in wrapped(text, room, **looks)]
    foot = [(line, FOOT) for line in wrapped(words.note, room, **FOOT)]
    above, below = (len(lines) * LINE + 2 * MARGIN if lines else MARGIN for lines in (head, foot))
    total = height + above + below
    engine = ConstrainedLayoutEngine(rect=(0, below / total, 1, height / total), w_pad=MARGIN / 2, h_pad=MARGIN / 2)
    figure = Figure(figsize=(width, total), facecolor="white", layout=engine)
    FigureCanvasAgg(figure)
    heights = [total - MARGIN - (number + 0.5) * LINE for number in range(len(head))]
    heights += [MARGIN + (number + 0.5) * LINE for number in reversed(range(len(foot)))]
    for (line, looks), y in zip(head + foot, heights):
        figure.text(MARGIN / width, y / total, line, va="center", **looks)
    return figure


def wrapped(text: str, room: float, **looks: Any) -> list[str]:
    """Break a text into lines that are at most ``room`` inches wide."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=STYLE["font.family"], weight=looks.get("fontweight", "normal"), size=looks["fontsize"])
    measure = TextToPath()
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure.get_text_width_height_descent(longer, font, ismath=False)[0] <= room * 72:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def axis_label(text: str, room: float) -> str:
    """Return the label of an axis, broken into lines that are at most ``room`` inches wide."""
    return "\n".join(wrapped(text, room, fontsize=STYLE["axes.labelsize"]))


def fix_layout(figure: Any) -> Any:
    """Fix the layout of a figure, so that saving it twice gives the same file."""
    for _ in range(3):  # each pass uses the positions of labels from the one before
        figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def message_figure(words: FigureText, message: str, width: float) -> Any:
    """Return a figure with a message instead of a drawing."""
    lines = wrapped(message, 0.9 * width, **SUBTITLE)
    figure = titled_figure(words, width, 0.6 + LINE * len(lines))
    axes = figure.subplots()
    axes.axis("off")
    axes.text(0.5, 0.5, "\n".join(lines), ha="center", va="center", color=INK, transform=axes.transAxes)
    return fix_layout(figure)


def stamp(figure: Any, words: str) -> None:
    """Write words across a figure, pale and large, so that it is not taken for a final one."""
    looks = {"fontsize": 70, "color": VERMILION, "alpha": 0.12, "fontweight": "bold", "zorder": 20}
    figure.text(0.5, 0.5, words, ha="center", va="center", rotation=25, **looks)


def save(
    figure: Any, path: Path | str, *, dots: int = DOTS, about: tuple[str, str] | None = None, alternative: str = ""
) -> Path:
    """Write a figure as PNG, SVG or PDF, depending on the suffix; the same figure gives the same bytes.

    Fonts are embedded, and text in an SVG or PDF is text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : Path or str
        File, which ends in ``.png``, ``.svg`` or ``.pdf``.
    dots : int
        Dots per inch of bitmaps.
    about : (title, description), optional
        Metadata of the file.
    alternative : str
        Words for those who cannot see the figure, in an SVG.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InvalidInput
        If the path has another suffix.
    """
    import matplotlib as mpl

    path = Path(path)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise InvalidInput(f"path = {path}: give one that ends in .{', .'.join(FORMATS)}")
    # Files are compared byte by byte, so they contain neither the date nor the version of Matplotlib.
    silent: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    if about is not None:
        names = ("Title", "Subject") if ending == "pdf" else ("Title", "Description")
        silent[ending] |= dict(zip(names, about))
    with style(dots), mpl.rc_context({"svg.hashsalt": "bubble_abm"}):
        figure.savefig(path, format=ending, metadata=silent[ending])
    if ending == "svg":
        finish_svg(path, about[0] if about else "", alternative)
    return path


# --- Words ----------------------------------------------------------------------------------------------------------


def readable(name: str) -> str:
    """Return a name with spaces instead of underscores.

    Examples
    --------
    >>> readable("rent_adjustment")
    'rent adjustment'
    """
    return name.replace("_", " ")


def with_unit(name: str, units: Mapping[str, str] | None) -> str:
    """Return a readable name, followed by its unit in brackets if it has one."""
    unit = (units or {}).get(name, "")
    return f"{readable(name)} [{unit}]" if unit not in ("", "1") else readable(name)


def number(value: float) -> str:
    """Return a number with three significant digits, or with its thousands grouped.

    Examples
    --------
    >>> number(0.12345), number(2600.4), number(6e10)
    ('0.123', '2,600', '6e10')
    """
    if 1e3 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}".replace("e+", "e").replace("e0", "e").replace("e-0", "e-")


# --- Tables ---------------------------------------------------------------------------------------------------------


def checked_table(table: Any, name: str, columns: Collection[str]) -> pd.DataFrame:
    """Return a table that has these columns, or raise :class:`InvalidInput`."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise InvalidInput(f"{name} = {type(table).__name__}: give a DataFrame with columns {', '.join(columns)}")
    if missing := [column for column in columns if column not in table.columns]:
        raise InvalidInput(f"{name} = table without column {missing[0]!r}: give the columns {', '.join(columns)}")
    return table


def one_of(kind: str, value: str, valid: Iterable[Any]) -> str:
    """Return a value that is valid, or raise :class:`InvalidInput` with the most similar valid one."""
    if value not in (known := list(dict.fromkeys(map(str, valid)))):
        raise InvalidInput(unknown_name(kind, value, known))
    return value


# --- Labels that do not overlap -------------------------------------------------------------------------------------


def place_labels(axes: Any, points: Sequence[tuple[float, float]], texts: Sequence[str], **looks: Any) -> None:
    """Write a label beside each point, where it covers no point or other label and stays inside the axes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes whose layout is fixed.
    points : sequence of (x, y)
        All points in data coordinates; points beyond the number of texts get no label.
    texts : sequence of str
        Labels of the first points, the most important first.
    """
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    renderer = axes.figure.canvas.get_renderer()
    dots = axes.transData.transform(np.asarray(points, dtype=float))
    size = axes.figure.dpi / 72
    taken = [Bbox.from_bounds(x - 4 * size, y - 4 * size, 8 * size, 8 * size) for x, y in dots]
    frame = axes.get_window_extent(renderer).padded(-4 * size)
    for dot, point, text in zip(dots, points, texts):
        label = axes.annotate(text, point, xytext=(0, 0), textcoords="offset points", va="center", zorder=6, **looks)
        label.set_path_effects([withStroke(linewidth=2, foreground="white")])
        best = min(places(), key=lambda place: cost(moved(label, place, frame, renderer), taken, frame, place))
        taken.append(moved(label, best, frame, renderer))
        if np.hypot(*label.xyann) > FAR:
            line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
            end = axes.transData.inverted().transform(dot + np.array(label.xyann) * size)
            axes.annotate("", point, xytext=end, arrowprops=line, zorder=1)


FAR = 12.0  # distance from which a line connects a label with its point [points]


def places() -> list[tuple[float, float]]:
    """Return the offsets at which a label may be placed, the nearest first [points]."""
    angles = np.deg2rad([0, 180, *(sign * angle for angle in (20, 160, 40, 140, 60, 120, 80, 100) for sign in (1, -1))])
    rings = (7, 11, 17, 25, 35, 47, 61, 77)
    return [(float(ring * np.cos(angle)), float(ring * np.sin(angle))) for ring in rings for angle in angles]


def moved(label: Any, place: tuple[float, float], frame: Any, renderer: Any) -> Any:
    """Move a label to an offset from its point, or beside it as far as it fits, and return its box [pixels]."""
    label.xyann = place
    label.set_ha("left" if place[0] > 1 else "right" if place[0] < -1 else "center")
    box = label.get_window_extent(renderer).padded(1.0)
    if box.width > frame.width:
        return box
    back = max(frame.x0 - box.x0, 0.0) - max(box.x1 - frame.x1, 0.0)
    label.xyann = (place[0] + 72 * back / label.figure.dpi, place[1])
    return box.translated(back, 0.0)


def cost(box: Any, taken: Sequence[Any], frame: Any, place: tuple[float, float]) -> float:
    """Return the cost of a place: area covered or outside the axes counts much, distance little."""
    covered = sum(overlap(box, other) for other in taken)
    outside = box.width * box.height - overlap(box, frame)
    return float(covered + 5.0 * outside + 0.5 * np.hypot(*place))


def overlap(one: Any, other: Any) -> float:
    """Area that two boxes share [square pixels]."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(width, 0.0) * max(height, 0.0)
