# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site: its navigation, its pictures, and pages that follow from data. `make docsite` builds it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import argspec
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from support.drawing.benchmarks import CHART, DATA, chart, rows

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))
PICTURES = sorted(DOCS.rglob("*.svg"))
HOME = (DOCS / "docsite/index.md").read_text()


def test_every_page_is_in_the_navigation_once() -> None:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", HOME, re.DOTALL)
    named = [line for tree in trees for line in tree.split() if re.fullmatch(r"[a-z_]+", line)]
    assert sorted(f"{name}.md" for name in named) == PAGES


def test_the_links_of_the_first_page_lead_to_pages() -> None:
    links = re.findall(r"\]\(([a-z_]+\.md)\)", HOME)
    assert len(links) > 8
    assert set(links) <= set(PAGES)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_whole_and_readable_in_the_dark(picture: Path) -> None:
    text = picture.read_text()
    root = ElementTree.fromstring(text)  # noqa: S314 - a file of this repository
    assert root.get("viewBox")
    assert root.get("role") == "img"
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text
    assert "@media (prefers-color-scheme: dark)" in text
    assert re.findall(r"(?:href=|src=|<script|@import|url\((?!#))\S*", text) == []


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{name}" for name in PAGES), "docs/docsite/index.md"])
def test_a_picture_has_a_text(page: str) -> None:
    for text, _target in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", (ROOT / page).read_text()):
        assert text


def test_the_chart_shows_the_data() -> None:
    assert CHART.read_text() == chart(DATA.read_text()), "run scripts/draw-benchmarks"


def test_the_page_of_benchmarks_quotes_the_data() -> None:
    measured = {(row.work, row.direction): row for row in rows(DATA.read_text())}
    assert len(measured) > 20
    quoted = re.findall(r"^\| ([^|]+) \| (push|pull) \| (.*) \|$", (DOCS / "benchmarks.md").read_text(), re.MULTILINE)
    assert len(quoted) > 5
    for work, direction, figures in quoted:
        row = measured[work, direction]
        found = [float(each) if each.strip() else None for each in figures.split("|")]
        assert found == [row.sync, row.peer, row.rsync, row.play], work


def test_the_options_in_the_tables_of_migration_exist() -> None:
    families = (argspec.endpoint, argspec.trust, argspec.tls, params.spec, argspec.progress)
    known = {
        name for each in families for option, spec in each().items() for name in (option, *spec.get("aliases", ()))
    }
    known |= {"--check", "--diff", "until", "register", "notify", "auto", "implicit"}
    text = (DOCS / "migrate.md").read_text()
    table = [row.split(" | ")[1] for row in re.findall(r"^\| (.* \| .*) \|$", text, re.MULTILINE)]
    named = {word.split(":")[0] for cell in table for word in re.findall(r"`([^`]+)`", cell)}
    assert len(named) > 30
    assert named <= known
