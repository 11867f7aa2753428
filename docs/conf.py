"""Settings of the documentation site, which `make site` builds."""

from typing import Any

from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import bubble_abm

project = "bubble_abm"
author = "bubble_abm contributors"
version = release = bubble_abm.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"

# A reference that leads nowhere is a warning, and so an error, but for these:
nitpicky = True
nitpick_ignore_regex = [
    ("py:class", r"mesa\..*|DataFrame"),  # of other projects, whose indices would have to be fetched for every build
    ("py:data", ".*"),  # constants have no entry in the reference
    ("py:exc", r"\w+"),  # nor have exceptions that the package does not offer
]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4  # links to headings are those of GitHub
nb_execution_mode = "off"  # tutorials have been executed when they are collected

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings say it in words
autodoc_default_options = {"members": True, "exclude-members": "handle"}  # the type of a row in compiled code
napoleon_numpy_docstring, napoleon_google_docstring = True, False
napoleon_use_param = napoleon_use_rtype = False  # types in docstrings are words, not names to be looked up

html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_theme = "furo"
html_title = "bubble_abm"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}


def by_last_part(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Any) -> Any:
    """Resolve a reference by its last part, unless two entries have it: names are also known by other modules."""
    if node.get("refdomain") != "py" or node.get("reftype") == "data":
        return None
    domain, name = env.get_domain("py"), node["reftarget"].rpartition(".")[2]
    ends = {entry.node_id for whole, entry in domain.objects.items() if whole.rpartition(".")[2] == name}
    if len(ends) != 1:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", ends.pop(), node, text)


def sentence(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Put the beginning of a sentence back before its colon, where napoleon takes it for the type of an attribute."""
    kinds = [place for place, line in enumerate(lines) if line.startswith(":type: ")]
    if what in ("attribute", "data", "property") and kinds:
        start = lines[kinds[0]].removeprefix(":type: ")
        lines[:] = [f"{start}: {lines[0]}", *lines[1 : kinds[0]]]


def setup(app: Sphinx) -> None:
    """Connect what is done beside the settings."""
    app.connect("missing-reference", by_last_part)
    app.connect("autodoc-process-docstring", sentence, priority=600)  # after napoleon
