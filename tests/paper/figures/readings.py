"""What stands on a figure, read back from it in the units of its axes' words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm import Parameters
from bubble_abm.paper.figures import PaperFigure, declared, files
from bubble_abm.study.experiment import Experiment

FACTORS = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
REACH = {"rel": 1e-9, "abs": 1e-12}


def figure_file(number: int) -> Path:
    return next(path for name, path in files().items() if name.startswith(f"fig{number:02d}"))


def figure(number: int) -> PaperFigure:
    return declared(figure_file(number))


class Plan:
    """What a drawing may know of a result besides its tables: how it was declared, none of its data."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.parameters = Parameters()
        self.shock_month = int(self.parameters.shock_month)


def drawn(number: int, *results: Any) -> tuple[dict[str, Any], Any]:
    """The tables of a figure, and the figure drawn from them alone."""
    one = figure(number)
    tables = one.tables(*results)
    return tables, one.draw(tables, *(Plan(result.experiment) for result in results))


def panel(picture: Any, title: str) -> Any:
    """The axes of this title, after its letter."""
    (axes,) = [axes for axes in picture.axes if axes.get_title(loc="left")[3:] == title]
    return axes


def scale(words: str) -> float:
    """How much one is worth on an axis that is called so."""
    return next((factor for word, factor in FACTORS.items() if word in words), 1.0)


def curves(axes: Any, dashed: bool | None = None, colour: str | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Curves of an axes, months and values, without lines that mark something."""
    found = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
    if dashed is not None:
        found = [line for line in found if line.is_dashed() == dashed]
    if colour is not None:
        found = [line for line in found if line.get_color() == colour]
    return [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in found]


def edges(band: Any) -> dict[int, tuple[float, float]]:
    """Lower and upper edge of a filled band, by month."""
    points = np.concatenate([path.vertices for path in band.get_paths()])
    months = np.unique(np.round(points[:, 0]).astype(int))
    return {int(month): (points[points[:, 0] == month, 1].min(), points[points[:, 0] == month, 1].max())
            for month in months}  # fmt: skip


def boxes(axes: Any) -> list[tuple[float, float, float, float]]:
    """Left, right, bottom and top of the rectangles of an axes."""
    shapes = [patch.get_bbox() for patch in axes.patches if hasattr(patch, "get_bbox")]
    return [(float(box.x0), float(box.x1), float(box.y0), float(box.y1)) for box in shapes]


def marks(axes: Any, marker: str) -> np.ndarray:
    """Horizontal places of the marks of one shape, from top to bottom."""
    (line,) = [line for line in axes.get_lines() if line.get_marker() == marker]
    order = np.argsort(line.get_ydata())
    return np.asarray(line.get_xdata())[order]


def written(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]
