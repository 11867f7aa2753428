"""Make the reference pictures of the figures again, small and grey; look at the figures before you keep them.

python -m tests.paper.figures.renew [FIGURE]...
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bubble_abm.paper.figures import build, files

REFERENCE = Path(__file__).parent / "reference"
WIDTH = 216  # pixels: enough for a panel that is missing, too few for a letter


def small(picture: Image.Image) -> Image.Image:
    """Return a picture as it is compared."""
    size = (WIDTH, round(WIDTH * picture.height / picture.width))
    return picture.convert("L").resize(size, Image.Resampling.BOX)


def main(*names: str) -> None:
    """Build figures, by default all, from small designs and keep what they look like."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "figures"
        build(names, out=out, results=Path(folder), quick=True)
        for name in names or files():
            with Image.open(out / f"{name}.png") as picture:
                small(picture).save(REFERENCE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
