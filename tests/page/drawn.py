"""What can be read off a chart that is drawn."""

import re

from bubble_abm.page import drawing


def labels_fit(svg):
    """Whether the numbers of the axis are within the picture."""
    ends = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="end">([^<]+)<', svg)
    return bool(ends) and all(float(x) - drawing.width_of(words) >= 0 for x, words in ends)
