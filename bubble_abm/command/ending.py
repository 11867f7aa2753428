"""How a command ends: its exit code, and one line on standard error that says what is kept.

The codes are those of the shell. 0: done. 1: it failed, for instance because something could not be written. 2: the
input is not valid, and nothing was done. 128 and the number of a signal: that signal ended it, so 130 is Ctrl-C, 143 is
SIGTERM, 129 is a closed terminal, and 141 an output that nobody reads any more.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

FAILED, INVALID, INTERRUPTED, UNREAD = 1, 2, 130, 141


class Ended(Exception):
    """A command ends early, with a message of one line and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def kept(what: str) -> Iterator[None]:
    """Say what is kept if the command is interrupted, or what it found cannot be printed.

    Parameters
    ----------
    what : str
        What is kept and where.
    """
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise Ended(f"interrupted; {what}", INTERRUPTED) from None
    except Unprinted as error:
        raise Ended("" if error.unread else f"{error}; {what}", error.code) from None


class Unprinted(Exception):
    """Standard output cannot be written to.

    It is no ``OSError``, because libraries for the command line end the process on some of these.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written to, {(error.strerror or str(error)).lower()}")
        self.unread = error.errno == errno.EPIPE  # its reader, for instance `head`, has finished
        self.code = UNREAD if self.unread else FAILED


class Output(io.FileIO):
    """Standard output, whose errors can be told from those of other files."""

    def write(self, data: Any) -> int:
        """Write bytes, or raise :class:`Unprinted`."""
        try:
            return super().write(data)
        except OSError as error:
            raise Unprinted(error) from None


def open_streams() -> None:
    """Replace standard output, and take the place of standard streams that are closed.

    A file of a result would otherwise get their number. Writing to such an output fails as it would if it were still
    closed; messages to such an error stream are lost. Characters that the output cannot represent are escaped.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest number that is free, which is this one
    if sys.stdout is sys.__stdout__:  # not if a test has replaced it
        old: Any = sys.stdout
        encoding = "utf-8" if old is None else old.encoding
        buffer = io.BufferedWriter(Output(1, "w", closefd=False))
        sys.stdout = io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=os.isatty(1))
    if sys.stderr is None:
        sys.stderr = io.StringIO()


def silence_output() -> None:
    """Discard what is still to be printed, so that Python does not try again when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def handle_signals() -> None:
    """Let a command end in order, and leave nothing half done, when it is told to or its terminal is closed."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", None)):
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` has it ignored
            signal.signal(number, terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def hanging_up_terminates() -> Iterator[None]:
    """Let a server that ends in order on SIGTERM do so too when the terminal is closed."""
    hangup = getattr(signal, "SIGHUP", None)
    code = 0

    def hang_up(number: int, frame: Any) -> None:
        nonlocal code
        code = 128 + number
        signal.raise_signal(signal.SIGTERM)

    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        signal.signal(hangup, hang_up)
    try:
        yield
    except SystemExit:
        if code:
            sys.exit(code)
        raise


def terminate(number: int, frame: FrameType | None) -> None:
    """Exit on a signal, but not in the middle of an import."""
    if is_importing(frame):
        send_again(number)
    else:
        sys.exit(128 + number)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise ``KeyboardInterrupt`` on a signal, but not in the middle of an import."""
    if is_importing(frame):
        send_again(number)
    else:
        raise KeyboardInterrupt


def is_importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported: native ones abort the process if an exception ends their initialisation."""
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def send_again(number: int) -> None:
    """Send this process a signal once more, a moment later."""
    threading.Timer(0.01, os.kill, (os.getpid(), number)).start()
