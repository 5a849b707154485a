# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message about a failed run, and a real command that gets it."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ended_run import message, pass_on

RUN = "8f3ad915dac5f1694e2298139028d7dd"
ERROR = {"code": "no_space", "path": "a/\\x1b", "message": "no space left", "cure": "Make room."}
FAILED: dict[str, Any] = {"run": RUN, "result": "failed", "error": ERROR}


def test_a_mail_program_can_read_it() -> None:
    mail = email.message_from_string(message("nightly", "web1", FAILED), policy=email.policy.default)
    assert mail["Subject"] == "sync job nightly on web1: failed (no_space)"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_payload()
    assert isinstance(text, str)
    assert "cure: Make room.\n" in text
    assert "path: a/\\x1b\n" in text
    assert f"journalctl _SYSTEMD_INVOCATION_ID={RUN}" in text


def test_an_error_without_a_code_of_its_own() -> None:
    run = {"run": "", "result": "timeout", "error": {"code": "timeout", "path": None, "message": "m", "cure": "c"}}
    assert "Subject: sync job nightly on web1: timeout\n" in message("nightly", "web1", run)


def test_no_value_of_a_run_adds_a_line() -> None:
    hostile = "x\nBcc: all@example.com\r\n\x1b[2J"
    run = {"run": hostile, "result": "failed", "error": dict.fromkeys(("code", "path", "message", "cure"), hostile)}
    text = message(hostile, hostile, run)
    head, _, body = text.partition("\n\n")
    assert not any(line.startswith("Bcc") for line in text.splitlines())
    assert len(head.splitlines()) == len(message("a", "b", FAILED).partition("\n\n")[0].splitlines())
    assert "\x1b" not in text
    assert "\r" not in body


def test_a_command_reads_it(tmp_path: Path) -> None:
    pass_on("a text\n", ["/usr/bin/tee", str(tmp_path / "mail")])
    assert (tmp_path / "mail").read_text() == "a text\n"


@pytest.mark.parametrize(
    ("command", "fact"), [("/bin/false", "ended with status 1"), ("/missing/program", "No such file")]
)
def test_a_command_that_fails(command: str, fact: str) -> None:
    with pytest.raises(OperationFailed, match=f"^notify: {command}: {fact}"):
        pass_on("text", [command])
