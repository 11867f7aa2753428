"""Clocks: processor time inside the machine code, and time for which workers waited for a processor."""

import time
from contextlib import contextmanager
from pathlib import Path

from bubble_abm.engine.rules import Rules
from bubble_abm.study import workers

QUEUE = Path("/proc/thread-self/schedstat")  # Linux: nanoseconds on a processor, and in the queue for one


@contextmanager
def machine_seconds():
    """Add up the processor time inside compiled code: founding and months, the run itself."""
    machine, spent = Rules().linked_month(), [0.0]
    roots = machine.found_world, machine.run_months
    plain = [root.compiled for root in roots]

    def timed(function):
        def call(*arguments):
            begin = time.thread_time()
            function(*arguments)
            spent[0] += time.thread_time() - begin

        return call

    for root in roots:
        root.compiled = timed(root.compiled)
    try:
        yield spent
    finally:
        for root, function in zip(roots, plain):
            root.compiled = function


@contextmanager
def queue_seconds():
    """Add up the time for which threads that compute runs were ready and waited for a processor; zero if unknown."""
    plain, waited = workers.evaluate, []

    def waiting():
        return int(QUEUE.read_text().split()[1]) / 1e9 if QUEUE.exists() else 0.0

    def timed(*arguments):
        begin = waiting()
        found = plain(*arguments)
        waited.append(waiting() - begin)
        return found

    workers.evaluate = timed
    try:
        yield waited
    finally:
        workers.evaluate = plain
