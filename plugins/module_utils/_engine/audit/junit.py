# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JUnit XML: a case for each control. Not measured and exempt cases are skipped, with the reason."""

from __future__ import annotations

import re
from typing import List
from xml.sax.saxutils import escape, quoteattr

from ..model.display import display_text
from ..model.utc import utc
from .report import Report, counts
from .row import EXEMPT, FAIL, NOT_MEASURED, Row

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(report: Report) -> str:
    """Return the content of audit.junit.xml."""
    number = counts(report)
    numbers = 'tests="%d" failures="%d" errors="0" skipped="%d"' % (
        *(len(report.rows), number[FAIL], number[NOT_MEASURED] + number[EXEMPT]),
    )
    head = '<testsuite name=%s %s time="0" timestamp="%s">' % (_quoted(report.title), numbers, utc(report.made)[:-1])
    cases = "".join(_case(row) for row in report.rows)
    return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n%s\n%s</testsuite>\n</testsuites>\n' % (head, cases)


def _case(row: Row) -> str:
    head = '<testcase classname="control %s" name=%s time="0"' % (row.control, _quoted(row.title))
    if row.state == FAIL:
        message = "<failure message=%s type=%s>%s</failure>" % (_quoted(row.reason), _quoted(row.severity), _lines(row))
    elif row.state in (NOT_MEASURED, EXEMPT):
        message = "<skipped message=%s/>" % _quoted(_why(row))
    else:
        return "%s/>\n" % head
    return "%s>%s</testcase>\n" % (head, message)


def _why(row: Row) -> str:
    words = [row.state.replace("_", " "), row.reason]
    words += ["%s: %s" % each for each in row.missing]
    words += [each.words() for each in row.exemptions]
    return "; ".join(filter(None, words))


def _lines(row: Row) -> str:
    lines: List[str] = ["%s: %s; wanted: %s" % each[:3] for each in row.findings]
    lines += ["%s: not measured: %s" % each for each in row.missing]
    return escape("\n".join(_plain(line) for line in lines))


def _quoted(text: str) -> str:
    return quoteattr(_plain(text))


def _plain(text: str) -> str:
    return _NOT_XML.sub("?", display_text(text))
