"""One line of the benchmark."""

from dataclasses import dataclass


@dataclass
class Line:
    """What was measured, what was wanted, what came out."""

    what: str
    measured: str
    target: str = "none set"
    reached: bool | None = None

    @property
    def verdict(self):
        return {None: "", True: "reached", False: "missed"}[self.reached]
