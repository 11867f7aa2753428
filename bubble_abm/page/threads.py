"""Threads in which runs take place: a few for what a visitor waits for, and others for seeds in the background.

A thread keeps the memory of its last runs (see :mod:`bubble_abm.engine.room`), and each visitor has threads of their
own. So runs take place in threads that all visitors share, or memory would stay with each visit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any

AT_ONCE = 2  # runs at the same time for which somebody waits


@cache
def foreground() -> ThreadPoolExecutor:
    """Threads for runs that a visitor waits for."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="runs")


@cache
def background() -> ThreadPoolExecutor:
    """Threads for the seeds of all visitors."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="seeds")


def waited_for[Found](work: Callable[..., Found], *arguments: Any) -> Found:
    """Do some work in the foreground, in the language of whoever waits, and return what it returns."""
    return foreground().submit(copy_context().run, work, *arguments).result()


def stop_all() -> None:
    """Give up what has not begun, so that the server ends at once."""
    for pool in (foreground(), background()):
        pool.shutdown(wait=False, cancel_futures=True)


def start_all() -> None:
    """Start the threads for visitors before there are any, since a thread belongs to the visit that starts it."""
    from threading import Barrier

    for pool, count in ((foreground(), AT_ONCE), (background(), os.cpu_count() or 1)):
        together = Barrier(count)
        for one in [pool.submit(together.wait) for _ in range(count)]:
            one.result()
