"""Sphinx builds the docs from Markdown, without the network: `./dev check` treats every warning as an error."""

import suixin

project = "Suixin 穗信"
author = "The Suixin maintainers"
copyright = author  # noqa: A001
version = release = suixin.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False

html_theme = "furo"
html_title = "Suixin 穗信"
html_show_sphinx = False
html_copy_source = False
