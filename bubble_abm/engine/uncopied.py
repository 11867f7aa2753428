"""What refuses to be copied, because others hold on to its parts: a copy of it would run on wrong, in silence."""

from __future__ import annotations

from typing import ClassVar, NoReturn


class Uncopied:
    """Base of what can be neither copied nor sent to another process.

    Attributes
    ----------
    instead : str
        What to do instead.

    Raises
    ------
    TypeError
        When it is copied, deep-copied or pickled.
    """

    instead: ClassVar[str]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be copied or sent to another process: {self.instead}")
