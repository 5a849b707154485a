# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import hashlib
import re

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.report_page.page import (
    STYLE,
    page,
    section,
    tile,
    tiles,
)


def test_a_page_allows_its_style_only() -> None:
    made = page("Title", section("Part", "text"), subtitle="from <a>")
    (style,) = re.findall(r"<style>(.*?)</style>", made, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;;" in made
    assert made.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv=')
    assert "<header><h1>Title</h1><p>from &lt;a&gt;</p></header>" in made
    assert "<section><h2>Part</h2>text</section>" in made


def test_the_style_loads_nothing() -> None:
    assert re.findall(r"url\(|@import|@font-face|expression|</", STYLE) == []
    assert STYLE.count("{") == STYLE.count("}")


def test_a_section_has_a_level_and_a_class() -> None:
    assert section("A", level=3, class_="card") == '<section class="card"><h3>A</h3></section>'


def test_key_figures() -> None:
    assert tiles(tile("Alerts", 3, "new", state="bad")) == (
        '<dl class="tiles"><div class="tile bad"><dt>Alerts</dt><dd class="value">3</dd>'
        '<dd class="note">new</dd></div></dl>'
    )
    assert tile("A", "b") == '<div class="tile"><dt>A</dt><dd class="value">b</dd></div>'
