# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from html.parser import HTMLParser

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.report_page.markup import (
    Markup,
    element,
    join,
    text,
)
from hypothesis import given
from hypothesis import strategies as st


class Parsed(HTMLParser):
    """The elements and texts of markup, as a browser reads them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_an_element_has_attributes_and_children() -> None:
    made = element("td", "a & b", element("b", 5), class_="number", data_label="Size", title=None)
    assert made == '<td class="number" data-label="Size">a &amp; b<b>5</b></td>'
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert element("meta", name="viewport") == '<meta name="viewport">'


def test_text_is_escaped_once() -> None:
    assert text("<b>\"'&") == "&lt;b&gt;&quot;&#x27;&amp;"
    assert text(text("<b>")) == "&lt;b&gt;"
    assert join(["<", Markup("<br>"), 3]) == "&lt;<br>3"


@given(st.text())
def test_no_text_makes_an_element_or_leaves_its_attribute(name: str) -> None:
    parsed = Parsed(element("p", name, title=name))
    assert [tag for tag, _attributes in parsed.elements] == ["p"]
    assert [key for key, _value in parsed.elements[0][1]] == ["title"]
    assert "".join(parsed.texts) == (parsed.elements[0][1][0][1] or "")
    assert "".join(parsed.texts).isprintable()


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\u202eb", "a\\u202eb"), ("a\udcffb", "a\\xffb"), ("a\nb", "a\\x0ab"), ("\x1b[0m", "\\x1b[0m")],
)
def test_control_characters_and_other_bytes_are_visible(name: str, shown: str) -> None:
    assert text(name) == shown


@pytest.mark.parametrize("name", ["", "a b", "a>", "Script ", "A"])
def test_names_of_elements_are_checked(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of an element"):
        element(name)


@pytest.mark.parametrize("name", ["onclick", "style", "src", "srcdoc", "a b", "a=", 'a"'])
def test_attributes_that_run_or_load_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not an attribute of a page"):
        element("p", **{name: "x"})


@pytest.mark.parametrize("target", ["x", "https://example.com/#a", "javascript:alert(1)", "#A b", "#", "#a\n", 5])
def test_a_link_leads_to_a_part_of_the_page_alone(target: str | int) -> None:
    assert element("a", "row", href="#control-6-2") == '<a href="#control-6-2">row</a>'
    with pytest.raises(ValueError, match="not a part of the page"):
        element("a", "row", href=target)
