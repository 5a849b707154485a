# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for the site of the collection: scripts/docsite builds it."""

from __future__ import annotations

import re

REPOSITORY = "https://github.com/secure-ftp-synchronize/secure.ftp_synchronize"

project = "secure.ftp_synchronize"
copyright = "2026, secure.ftp_synchronize contributors"
extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
intersphinx_mapping: dict[str, tuple[str, None]] = {}  # the site builds without a network
nitpicky = True
# Labels of ansible-core's documentation, which is not a part of this site.
nitpick_ignore_regex = [
    ("std:ref", r"action_plugins|common_return_values|ansible_collections\.ansible\.builtin\.\w+_module")
]

myst_heading_anchors = 4
highlight_language = "yaml"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
antsibull_ext_color_scheme = "none"  # site.css has the colours, for light and dark

html_theme = "furo"
html_title = "secure.ftp_synchronize"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_theme_options = {"source_repository": REPOSITORY + "/", "source_branch": "main", "source_directory": "docs/"}


def link_to_repository(_app, page: str, source: list[str]) -> None:
    """Turn links to files outside of docs/, and to folders, into links to the repository."""
    source[0] = re.sub(r"\]\(\.\./([^)]*)\)", rf"]({REPOSITORY}/blob/main/\1)", source[0])


def shorten_reference(_app, page: str, source: list[str]) -> None:
    """Adapt a generated page: a short title right below its label, so that links can show it, and no table of contents,
    because the theme has its own."""
    if page.startswith("reference/"):
        text = re.sub(r"^\.\. contents::\n(?: .*\n)+", "", source[0], flags=re.MULTILINE)
        text = re.sub(r"^secure\.ftp_synchronize\.(\w+) (?:module|role) -- ", r"\1: ", text, flags=re.MULTILINE)
        source[0] = text.replace("\n.. Title\n", "")


def setup(app) -> None:
    app.connect("source-read", link_to_repository)
    app.connect("source-read", shorten_reference)
