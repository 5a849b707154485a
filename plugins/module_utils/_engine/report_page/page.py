# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Page: one self-contained HTML file. It loads nothing and runs nothing; its only style is allowed by its hash.

    texts and numbers -> markup (escaped) -> tables, charts, tiles -> sections -> page

- `markup` escapes every text that it did not make itself, and refuses attributes that could load or run something.
- The policy of the page (Content-Security-Policy) is the second wall: a script that got into it would not run.
- The one style has layouts for light, dark, narrow and paper, and no font, picture or address from elsewhere. Nothing
  differs by colour alone.
- `table` and `chart` have captions, scopes, titles and descriptions for screen readers. On a narrow screen each row of
  a table is a card with the heads as labels. The roles are written out, because a table whose parts are shown as
  blocks loses them.
- A page follows from its content alone: the same content makes the same bytes.

"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Iterable, NamedTuple, Sequence

from .markup import Child, Markup, element, text

STYLE = """
:root { color-scheme: light dark;
  --back: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #4d5a69; --line: #d5dbe3; --weekend: #eaedf2;
  --up: #1d5fd0; --down: #b4560c; --good: #14683a; --bad: #b3202a; --bad-back: #fdf0f0; --open: #7a5200; }
@media (prefers-color-scheme: dark) { :root {
  --back: #12171e; --card: #1a212b; --ink: #e8edf3; --soft: #a9b5c2; --line: #354151; --weekend: #222b37;
  --up: #7db0ff; --down: #f3a85c; --good: #6fd39b; --bad: #ff9c9c; --bad-back: #33201f; --open: #e8c069; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em; }
header p { margin: .35rem 0 0; color: var(--soft); }
main { padding-bottom: 3rem; }
section { margin-top: 2.25rem; }
section section, .card + .card { margin-top: 1rem; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
h3 { font-size: 1.05rem; margin: 0; }
p { margin: .35rem 0; }
.soft, .note, caption { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.15rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem .95rem; }
.tile dt { color: var(--soft); font-size: .85rem; }
.tile dd { margin: 0; }
.tile .value { font-size: 1.5rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile .note { font-size: .85rem; }
.tile.bad { border-color: var(--bad); background: var(--bad-back); }
.tile.bad .value, .bad-word { color: var(--bad); }
.tile.good .value, .good-word { color: var(--good); }
.bad-word, .good-word { font-weight: 650; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: .875rem; padding: 0 0 .4rem; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-size: .82rem; color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 8rem; }
.number { text-align: right; white-space: nowrap; }
.time, .fixed { white-space: nowrap; }
code { font: .875em/1.4 ui-monospace, "Cascadia Mono", Consolas, monospace; }
.chart { margin: 0; }
.chart svg { display: block; width: 100%; height: 11rem; }
.chart.small svg { height: 5.5rem; }
.spark svg { display: block; width: 9rem; height: 2rem; }
.scale { display: flex; justify-content: space-between; gap: 1rem; color: var(--soft); font-size: .82rem;
  font-variant-numeric: tabular-nums; }
.up { fill: var(--up); } .down { fill: var(--down); }
.axis { stroke: var(--soft); stroke-width: 1; vector-effect: non-scaling-stroke; }
.weekend { fill: var(--weekend); }
.key { display: inline-flex; align-items: center; gap: .4rem; margin-right: 1.2rem; }
.key svg { width: .8rem; height: .8rem; flex: none; }
a { color: var(--up); }
.state { display: inline-block; font-size: .85rem; font-weight: 650; white-space: nowrap; border: 1px solid;
  border-radius: 1rem; padding: .05rem .6rem; vertical-align: .08em; justify-self: start; }
.state-bad { color: var(--bad); } .state-open { color: var(--open); }
.state-good { color: var(--good); } .state-soft { color: var(--soft); }
.row-bad { border-left: .3rem solid var(--bad); } .row-open { border-left: .3rem dashed var(--open); }
.row-soft { border-left: .3rem dotted var(--soft); } .row-good { border-left: .3rem solid var(--good); }
.card table { margin-top: .9rem; }
.block { margin-top: 1rem; }
.strip { display: block; width: 100%; height: 3rem; }
.cell-bad { fill: var(--bad); } .cell-good { fill: var(--good); }
.cell-soft { fill: var(--soft); }
.cell-open { fill: none; stroke: var(--open); stroke-width: 1.5; stroke-dasharray: 3 2; }
.bar { display: block; width: 9rem; height: .75rem; margin-top: .4rem; }
.bar-back { fill: var(--weekend); } .bar-good { fill: var(--good); } .bar-bad { fill: var(--bad); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .6rem 0;
  font-size: .95rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--ink); font-weight: 600; padding: .25rem 0; }
summary:focus-visible { outline: 2px solid var(--up); outline-offset: 3px; border-radius: .2rem; }
details table { margin-top: .5rem; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 44rem) {
  header { padding-top: 1.25rem; }
  header, main { padding-left: .9rem; padding-right: .9rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .tile .value { font-size: 1.25rem; }
  table, tbody, tr, td, tbody th { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  caption { display: block; }
  table { border: 0; background: none; }
  tr { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .4rem 0;
    margin-bottom: .6rem; }
  td, tbody th { border: 0; padding: .2rem .9rem; text-align: left; white-space: normal; }
  td.number { text-align: left; }
  td[data-label] { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .5rem; }
  td[data-label]::before { content: attr(data-label); color: var(--soft); font-size: .85rem; }
  td:empty { display: none; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .4rem; }
  .chart svg { height: 8rem; }
}
@media print {
  :root { color-scheme: light; --back: #fff; --card: #fff; --ink: #000; --soft: #333; --line: #999; --weekend: #eee;
    --up: #1d5fd0; --down: #b4560c; --good: #14683a; --bad: #b3202a; --bad-back: #fff; --open: #7a5200; }
  body { font-size: 10pt; }
  .card, tr, .tile, .chart { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""


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
    return f"<!DOCTYPE html>\n{element('html', head, element('body', header, element('main', *body)), lang=language)}\n"


def _policy() -> str:
    digest = b64encode(hashlib.sha256(STYLE.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def section(heading: str, *children: Child, level: int = 2, class_: str = "") -> Markup:
    return element("section", element(f"h{level}", heading), *children, class_=class_ or None)


def tiles(*each: Markup) -> Markup:
    """Return the key figures in a row."""
    return element("dl", *each, class_="tiles")


def tile(label: str, value: Child, note: str = "", *, state: str = "") -> Markup:
    """Return one key figure. state: "good" or "bad"; its words are in the value, because colour is not enough."""
    parts = [element("dt", label), element("dd", value, class_="value")]
    if note:
        parts.append(element("dd", text(note), class_="note"))
    return element("div", *parts, class_=("tile " + state).strip())


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
