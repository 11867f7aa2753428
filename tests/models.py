"""Models that a batch can run instead of the economy: known, slow, or broken."""

import os
import time
from pathlib import Path

import numpy as np

from bubble_abm.engine.simulation import BrokenIdentity


def line(values, seed, setup):
    """Depends on the point and on the seed, exactly."""
    return {"level": values["x"] + 10.0 * values.get("y", 0.0), "luck": float(seed)}


def counted(values, seed, setup):
    """The same; every call leaves a line in a file, and the second seed fails where x is high."""
    with open(os.environ["BUBBLE_ABM_TEST_MARK"], "a") as file:
        file.write(f"{values['x']} {values.get('y', 0.0)} {seed}\n")
    return broken(values, seed, setup)


def slow(values, seed, setup):
    """The same, slow enough to be interrupted."""
    time.sleep(0.02)
    return line(values, seed, setup)


def broken(values, seed, setup):
    """A guard fires under the second seed where x is high."""
    if values["x"] > 1 and seed == 2:
        raise BrokenIdentity("month 7: money = 3 CNY\nleft over")
    return line(values, seed, setup)


def wide(values, seed, setup):
    """As many outcomes as the economy usually has."""
    return {name: values["x"] * seed for name in setup.outcomes}


def ishigami(values, seed, setup):
    """The function of Ishigami and Homma (1990), whose indices are known."""
    x = np.array([values[f"x{place}"] for place in (1, 2, 3)])
    return {"height": float(np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))}


def deadly(values, seed, setup):
    """Takes its process along, the first time that the mark in the working directory is not there."""
    import os
    import signal

    mark = Path(os.environ["BUBBLE_ABM_TEST_MARK"])
    if values["x"] == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return line(values, seed, setup)


def sobol_g(values, seed, setup):
    """The G function of Sobol, with weights 0, 1, 4.5 and 9."""
    weights = np.array([0.0, 1.0, 4.5, 9.0])
    x = np.array([values[f"x{place}"] for place in range(4)])
    return {"height": float(np.prod((np.abs(4 * x - 2) + weights) / (1 + weights)))}


def facts_of_a_plane(values, seed, setup):
    """Two facts that are linear in x and y, and luck that depends on the seed; it fails in a corner."""
    if values["x"] > 0.98 and values["y"] > 0.98:
        raise ValueError("the corner is not to be entered")
    luck = 0.001 * (seed % 7 - 3)
    return {"fact@sum": values["x"] + values["y"] + luck, "fact@difference": values["x"] - values["y"] + luck}
