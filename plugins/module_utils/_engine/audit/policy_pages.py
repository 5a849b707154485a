# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies as one HTML file and as Markdown for the binder of an auditor: declared and measured."""

from __future__ import annotations

import re
from collections import Counter
from typing import Iterator, List, Sequence, Tuple

from ..model.display import display_text
from ..model.human import counted
from ..report_page.markup import Child, Markup, element, join
from ..report_page.page import Column, page, section, table, tile, tiles
from .policy_documents import ALONE, Line, PolicyDocument
from .report import FAIL, PASS, Report
from .report_html import WORDS, moment_words, state_word

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~&:@]|(?<=www)\.)|^([-+])", re.IGNORECASE)
"""Characters that could begin markup, HTML or a link. Renderers make a link of www. without a scheme, too."""


def policies_html(report: Report, documents: Tuple[PolicyDocument, ...]) -> str:
    return page(
        "Policies, declared and measured",
        _tiles(documents),
        *(_document(each) for each in documents),
        _footer(report),
        subtitle=f"{report.title}, {moment_words(report.made)} UTC",
    )


def _tiles(documents: Tuple[PolicyDocument, ...]) -> Markup:
    declared = sum(bool(each.approved) for each in documents)
    lines = [line for each in documents for line in (*each.sentences, *each.limits)]
    states = Counter(line.state for line in lines)
    bad = states[FAIL]
    return tiles(
        tile("Declared", f"{declared} of {len(documents)}", state="good" if declared == len(documents) else "bad"),
        tile("Not as declared", f"{bad}" if bad else "none", state="bad" if bad else "good"),
        tile("As declared", f"{states[PASS]}", "of " + counted(len(lines), "line")),
        tile("Without a result", f"{len(lines) - bad - states[PASS]}", "not measured, or accepted for a time"),
    )


def _document(document: PolicyDocument) -> Markup:
    parts = [
        *_head(document),
        *_table("Sentences of the policy", document.sentences),
        *_table("Requirements that the audit applies for it", document.limits),
    ]
    return section(document.name.capitalize(), element("div", *parts, class_="card"))


def _head(document: PolicyDocument) -> Iterator[Child]:
    if not document.approved:
        yield element("p", state_word(FAIL), " This policy is not declared.")
        return
    yield element("p", document.text)
    facts = {"Approved by": document.approved_by, "Approved on": document.approved, "Review until": document.due}
    lines = [each for label, value in facts.items() for each in (element("dt", label), element("dd", value))]
    yield element("dl", *lines, class_="facts")
    if not document.sentences:
        yield element("p", ALONE, class_="note")
    if not document.limits:
        yield element("p", "No control measures this policy.", class_="note")


def _table(caption: str, lines: Sequence[Line]) -> Iterator[Markup]:
    columns = [Column("Declared"), Column("Measured"), Column("State", "fixed"), Column("Controls", "fixed")]
    if lines:
        yield table(caption, columns, map(_line, lines))


def _line(line: Line) -> List[Child]:
    state: Child = state_word(line.state) if line.state else element("span", "no control", class_="soft")
    return [join([line.declared]), join([line.measured]), state, join([", ".join(line.controls) or "none"])]


def _footer(report: Report) -> Markup:
    words = "audit.html has the observations of each control, and audit.json their values. secure.ftp_synchronize %s."
    return element("footer", element("p", words % report.version))


def policies_markdown(report: Report, documents: Tuple[PolicyDocument, ...]) -> str:
    lines = ["# Policies, declared and measured", "", f"{_text(report.title)}, {moment_words(report.made)} UTC"]
    for document in documents:
        lines += ["", f"## {document.name.capitalize()}", "", *_head_of_text(document)]
        lines += [*_table_of_text("sentences of the policy", document.sentences)]
        lines += [*_table_of_text("requirements that the audit applies for it", document.limits)]
    return "\n".join(lines) + "\n"


def _head_of_text(document: PolicyDocument) -> Iterator[str]:
    if not document.approved:
        yield "This policy is **not declared**."
        return
    yield _text(document.text)
    yield ""
    yield f"Approved by {_text(document.approved_by)} on {document.approved}. Review until {document.due}."
    if not document.sentences:
        yield ""
        yield ALONE
    if not document.limits:
        yield ""
        yield "No control measures this policy."


def _table_of_text(caption: str, lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"| {caption} | measured | state | controls |"
        yield "|---|---|---|---|"
        yield from map(_line_of_text, lines)


def _line_of_text(line: Line) -> str:
    state = WORDS[line.state] if line.state else "no control"
    return "| %s | %s | %s | %s |" % (
        *(_text(line.declared), _text(line.measured), state),
        ", ".join(line.controls) or "none",
    )


def _text(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], " ".join(display_text(text).split()))
