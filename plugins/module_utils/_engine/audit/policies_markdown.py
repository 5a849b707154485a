# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies as Markdown, for wikis and repositories: declared and measured."""

from __future__ import annotations

import re
from typing import Iterator, Sequence, Tuple

from ..model.display import display_text
from .policy_documents import ALONE, Line, PolicyDocument
from .report import Report
from .states import WORDS, moment_words

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~&:@]|(?<=www)\.)|^([-+])", re.IGNORECASE)
"""Characters that could begin markup, HTML or a link. Renderers make a link of www. without a scheme, too."""


def policies_markdown(report: Report, documents: Tuple[PolicyDocument, ...]) -> str:
    """Return the file."""
    lines = ["# Policies, declared and measured", "", "%s, %s UTC" % (_text(report.title), moment_words(report.made))]
    for document in documents:
        lines += ["", "## %s" % document.name.capitalize(), "", *_head(document)]
        lines += [*_table("sentences of the policy", document.sentences)]
        lines += [*_table("requirements that the audit applies for it", document.limits)]
    return "\n".join(lines) + "\n"


def _head(document: PolicyDocument) -> Iterator[str]:
    if not document.approved:
        yield "This policy is **not declared**."
        return
    yield _text(document.text)
    yield ""
    yield "Approved by %s on %s. Review until %s." % (_text(document.approved_by), document.approved, document.due)
    if not document.sentences:
        yield ""
        yield ALONE
    if not document.limits:
        yield ""
        yield "No control measures this policy."


def _table(caption: str, lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield ""
        yield "| %s | measured | state | controls |" % caption
        yield "|---|---|---|---|"
        yield from map(_line, lines)


def _line(line: Line) -> str:
    state = WORDS[line.state] if line.state else "no control"
    return "| %s | %s | %s | %s |" % (
        *(_text(line.declared), _text(line.measured), state),
        ", ".join(line.controls) or "none",
    )


def _text(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], " ".join(display_text(text).split()))
