# SPDX-License-Identifier: Apache-2.0
"""Sphinx settings: MyST pages, furo looks."""

project = "depthbench"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]
