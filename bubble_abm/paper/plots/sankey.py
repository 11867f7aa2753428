"""Ribbons of money from column to column: a Sankey diagram whose heights are amounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from bubble_abm.style.figure import BLACK

WIDTH = 0.035  # of a node [share of the width of the axes]


class Node:
    """A bar of the diagram: its column, and where it begins and ends on the axis of amounts."""

    def __init__(self, column: float, bottom: float, height: float) -> None:
        self.column, self.bottom, self.height = column, bottom, height
        self.left = self.right = bottom + height  # from where the next ribbon goes down

    @property
    def top(self) -> float:
        """Upper end of the bar."""
        return self.bottom + self.height

    def take(self, side: str, amount: float) -> float:
        """Return the upper end of the next ribbon on a side, and keep its place."""
        top: float = getattr(self, side)
        setattr(self, side, top - amount)
        return top


def heights(links: pd.DataFrame) -> dict[str, float]:
    """Return the height of each node: what it receives, or what it pays if that is more."""
    paid, received = (links.groupby(side)["amount"].sum() for side in ("source", "target"))
    return {name: max(paid.get(name, 0.0), received.get(name, 0.0)) for name in (*paid.index, *received.index)}


def placed(
    links: pd.DataFrame, columns: Mapping[float, Sequence[str]], gap: float, low: Collection[str] = ()
) -> dict[str, Node]:
    """Return the nodes, stacked from top to bottom in their columns, which end at the same height.

    Parameters
    ----------
    links : DataFrame
        ``source``, ``target``, ``amount``.
    columns : mapping of float to sequence of str
        Place of each column from 0 to 1, with its nodes from top to bottom.
    gap : float
        Room between nodes, in the unit of amounts.
    low : collection of str
        Nodes that stand alone in their column, at its lower end instead of its upper.
    """
    size = heights(links)
    tall = {place: sum(size[name] for name in names) + gap * (len(names) - 1) for place, names in columns.items()}
    found = {}
    for place, names in columns.items():
        spare = (max(tall.values()) - tall[place]) / max(len(names) - 1, 1)
        top = tall[place] if set(names) <= set(low) else max(tall.values())
        for name in names:
            found[name] = Node(place, top - size[name], size[name])
            top -= size[name] + gap + spare
    return found


def draw_ribbons(axes: Any, links: pd.DataFrame, nodes: Mapping[str, Node]) -> None:
    """Draw the ribbons, which leave and arrive in the order of the links.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes with a horizontal range of 0 to 1.
    links : DataFrame
        ``source``, ``target``, ``amount``, ``colour``.
    nodes : mapping of str to Node
        From :func:`placed`.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    link: Any
    for link in links.itertuples():
        start, end = nodes[link.source], nodes[link.target]
        left, right = start.column + WIDTH, end.column
        one, other = start.take("right", link.amount), end.take("left", link.amount)
        middle = (left + right) / 2
        corners: Any = [(left, one), (middle, one), (middle, other), (right, other), (right, other - link.amount),
                   (middle, other - link.amount), (middle, one - link.amount), (left, one - link.amount),
                   (left, one)]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        looks: dict[str, Any] = {
            "facecolor": link.colour,
            "alpha": 0.5,
            "linewidth": 0,
            "gid": f"{link.source} > {link.target}",
        }
        axes.add_patch(PathPatch(Path(corners, codes), **looks))


def draw_bar(axes: Any, node: Node, parts: Sequence[tuple[float, dict[str, Any]]]) -> None:
    """Draw the bar of a node in parts from top to bottom: the height of each, and its looks."""
    from matplotlib.patches import Rectangle

    top = node.top
    for height, looks in parts:
        style: dict[str, Any] = {"edgecolor": BLACK, "linewidth": 0.6, "zorder": 4} | looks
        axes.add_patch(Rectangle((node.column, top - height), WIDTH, height, **style))
        top -= height
