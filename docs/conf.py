"""Sphinx builds the docs from Markdown, without the network: `./dev check` treats every warning as an error."""

import suixin

project = "Suixin 穗信"
author = "The Suixin maintainers"
copyright = author  # noqa: A001
version = release = suixin.__version__

extensions = ["myst_nb"]  # myst-parser is part of it
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# A notebook among the docs is run with each build: what it prints is what the library says today.
nb_execution_mode = "force"
nb_execution_timeout = 600  # seconds a cell
nb_execution_raise_on_error = True
nb_merge_streams = True

exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False

html_theme = "furo"
html_title = "Suixin 穗信"
html_show_sphinx = False
html_copy_source = False
