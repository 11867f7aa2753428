"""One line of the benchmark."""

from dataclasses import dataclass


@dataclass
class Line:
    """What was measured, what was wanted, what came out."""

    what: str
    measured: str
    goal: str = "none set"
    reached: bool | None = None

    @property
    def verdict(self):
        return {None: "", True: "reached", False: "missed"}[self.reached]


def at_most(what, value, goal, text, unit="{:g}"):
    """A line whose value must not exceed its goal."""
    return Line(what, text, f"<= {unit.format(goal)}", value <= goal)


def at_least(what, value, goal, text, unit="{:g}"):
    """A line whose value must reach its goal."""
    return Line(what, text, f">= {unit.format(goal)}", value >= goal)
