# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables with a caption, and heads with a scope. On a narrow screen each row is a card with the heads as labels.

The roles are written out, because a table whose parts are shown as blocks loses them.
"""

from __future__ import annotations

from typing import Iterable, NamedTuple, Sequence

from .markup import Child, Markup, element


class Column(NamedTuple):
    """head: its words
    class_: "number", "time", "fixed", or "" for text
    """

    head: str
    class_: str = ""


def table(caption: Child, columns: Sequence[Column], rows: Iterable[Sequence[Child]]) -> Markup:
    """Return a table. The first cell of each row is its head."""
    heads = [_cell("th", "columnheader", each, each.head, scope="col") for each in columns]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *(_row(columns, row) for row in rows), role="rowgroup"),
        role="table",
    )


def _row(columns: Sequence[Column], cells: Sequence[Child]) -> Markup:
    first, *others = zip(columns, cells)
    head = _cell("th", "rowheader", *first, scope="row")
    return element("tr", head, *(_cell("td", "cell", *each, data_label=each[0].head) for each in others), role="row")


def _cell(name: str, role: str, column: Column, child: Child, **attributes: str) -> Markup:
    return element(name, child, role=role, class_=column.class_ or None, **attributes)
