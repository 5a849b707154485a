# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import accounts as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed

ROOT = pwd.getpwuid(0)
LINES = {
    "strong": "strong:$y$j9T$secret:20423:0:99999:7:::\n",
    "old": "old:$1$salt$secret::0:99999:7:::\n",
    "locked": "locked:!$y$j9T$secret:20423:0:99999:7:::\n",
    "star": "star:*:20423:0:99999:7:::\n",
    "empty": "empty::20423:0:99999:7:::\n",
    "des": "des:ab1.2/CDefGhI:20423:0:99999:7:::\n",
    "bsdi": "bsdi:_J9..K0AyUubDDxZyeU2:20423:0:99999:7:::\n",
    "other": "other:x:20423:0:99999:7:::\n",
}
OTHERS = {"locked": "locked", "star": "locked", "empty": "empty", "des": "des", "bsdi": "des", "other": "unknown"}


def test_kind_and_age_and_never_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ask_program", lambda *words: Completed(0, LINES.get(words[2], ""), ""))
    found = subject.passwords([*((name, ROOT) for name in (*LINES, "unknown")), ("gone", None)])
    assert found == [
        {"account": "strong", "kind": "y", "changed": "2025-12-01T00:00:00Z"},
        {"account": "old", "kind": "1", "changed": ""},
        *({"account": name, "kind": kind, "changed": "2025-12-01T00:00:00Z"} for name, kind in OTHERS.items()),
    ]
    assert fits(found, FORMS["passwords"])
