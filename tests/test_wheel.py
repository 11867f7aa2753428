"""What is handed out: the wheel brings experiments and figures along, the source distribution all that builds it."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from bubble_abm import __version__

ROOT = Path(__file__).parents[1]
OUTSIDE = ("experiments", "figures")  # of the package in a checkout, inside it in the wheel


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True)
    return folder


def test_the_wheel_holds_every_file_of_the_package_experiments_and_figures(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for place, inside in (("bubble_abm", "bubble_abm"), *((name, f"bubble_abm/{name}") for name in OUTSIDE)):
        for path in (ROOT / place).rglob("*.*"):
            if path.suffix in (".py", ".csv", ".vue", ".css"):
                assert f"{inside}/{path.relative_to(ROOT / place).as_posix()}" in names
    assert {name.partition("/")[0] for name in names} == {"bubble_abm", f"bubble_abm-{__version__}.dist-info"}
    assert not any("__pycache__" in name for name in names)


def test_the_source_distribution_holds_what_it_takes_to_work_on_it(built):
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "uv.lock", "pyproject.toml", "tools/setup.sh", ".python-version", ".ci/run"} <= names
    for folder in ("bubble_abm", "experiments", "figures", "tests", "docs"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix in (".py", ".md", ".csv", ".toml", ".png"):
                assert path.relative_to(ROOT).as_posix() in names
