# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of controls, and times, in the words and signs of pages."""

from __future__ import annotations

from ..model.utc import utc
from ..report_page.markup import Markup, element
from .row import EXEMPT, FAIL, NOT_MEASURED, PASS

SIGNS = {FAIL: "✗", NOT_MEASURED: "?", EXEMPT: "◇", PASS: "✓"}
WORDS = {FAIL: "fail", NOT_MEASURED: "not measured", EXEMPT: "exempt", PASS: "pass"}
KINDS = {FAIL: "bad", NOT_MEASURED: "open", EXEMPT: "soft", PASS: "good"}
"""Classes of the style."""


def state_word(state: str) -> Markup:
    """Return sign and word of a state."""
    return element("span", "%s %s" % (SIGNS[state], WORDS[state]), class_="state state-%s" % KINDS[state])


def moment_words(moment: float) -> str:
    """Return a time in UTC, to the minute."""
    return utc(moment)[:16].replace("T", " ")
