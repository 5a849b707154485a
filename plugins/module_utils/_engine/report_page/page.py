# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Page: one self-contained HTML file. It loads nothing and runs nothing; its only style is allowed by its hash.

    texts and numbers -> markup (escaped) -> tables, charts, tiles -> sections -> page

- `markup` escapes every text that it did not make itself, and refuses attributes that could load or run something.
- The policy of the page (Content-Security-Policy) is the second wall: a script that got into it would not run.
- `style` has the layouts for light, dark, narrow and paper. Nothing differs by colour alone.
- `table` and `chart` have captions, scopes, titles and descriptions for screen readers.
- A page follows from its content alone: the same content makes the same bytes.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode

from .markup import Child, Markup, element, text
from .style import STYLE


def page(title: str, *body: Child, subtitle: Child = "", language: str = "en") -> str:
    """Return the file. body: sections."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    header = element("header", element("h1", title), element("p", subtitle) if subtitle else "")
    return "<!DOCTYPE html>\n%s\n" % element(
        "html", head, element("body", header, element("main", *body)), lang=language
    )


def _policy() -> str:
    digest = b64encode(hashlib.sha256(STYLE.encode("utf-8")).digest()).decode("ascii")
    return "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'" % digest


def section(heading: str, *children: Child, level: int = 2, class_: str = "") -> Markup:
    """Return a part of the page under a heading."""
    return element("section", element("h%d" % level, heading), *children, class_=class_ or None)


def tiles(*each: Markup) -> Markup:
    """Return the key figures in a row."""
    return element("dl", *each, class_="tiles")


def tile(label: str, value: Child, note: str = "", *, state: str = "") -> Markup:
    """Return one key figure. state: "good" or "bad"; its words are in the value, because colour is not enough."""
    parts = [element("dt", label), element("dd", value, class_="value")]
    if note:
        parts.append(element("dd", text(note), class_="note"))
    return element("div", *parts, class_=("tile " + state).strip())
