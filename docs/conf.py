"""Settings of the documentation site, which `make site` builds."""

import bubble_abm

project = "bubble_abm"
author = "bubble_abm contributors"
version = release = bubble_abm.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"

# Types in docstrings are words, which may be names of several attributes; appendices begin with smaller headings.
suppress_warnings = ["ref.python", "myst.header"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4  # links to headings are those of GitHub
nb_execution_mode = "off"  # tutorials have been executed when they are collected

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings say it in words
autodoc_default_options = {"members": True, "show-inheritance": False}
napoleon_numpy_docstring, napoleon_google_docstring = True, False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "bubble_abm"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
