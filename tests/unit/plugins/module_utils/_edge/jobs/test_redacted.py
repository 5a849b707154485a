# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in a result: whole, line by line, escaped."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_run import forms, redacted

LINE = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{LINE}\n-----END OPENSSH PRIVATE KEY-----\n"
PASSWORD = "canary 'quoted' \"word\""


def test_every_form_is_hidden() -> None:
    result = {
        "msg": f"bad value {PASSWORD}",
        "error": {"message": f"{PASSWORD!r} {KEY!r}", "path": None},
        "warnings": [KEY, f"bad line: {LINE}", 3],
    }
    shown = redacted(result, forms([KEY, PASSWORD, ""]))
    assert LINE not in str(shown)
    assert "canary" not in str(shown)
    assert shown["msg"] == "bad value ********"
    assert shown["warnings"][1:] == ["bad line: ********", 3]


def test_the_longest_text_is_hidden_first() -> None:
    assert redacted("abcdef", forms(["abc", "abcdef"])) == "********"


def test_without_secrets_nothing_changes() -> None:
    result = {"msg": "done", "changes": [{"path": "a"}], "changed": True}
    assert redacted(result, forms([])) == result
