# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import (
    Entry,
    is_from_ended_sftp,
    is_from_sftp,
    is_from_sshd,
    parse_entry,
)

RECORD = {
    "__CURSOR": "s=1;i=2",
    "__REALTIME_TIMESTAMP": "1795794416346000",
    "_BOOT_ID": "84d4",
    "_PID": "224",
    "_UID": "0",
    "_COMM": "sshd-session",
    "_EXE": "/usr/lib/openssh/sshd-session",
    "_SYSTEMD_CGROUP": "/system.slice/ssh.service",
    "SYSLOG_IDENTIFIER": "sshd-session",
    "MESSAGE": "Accepted",
}


def entry(**fields: Any) -> Entry:
    return parse_entry(json.dumps({**RECORD, **fields}).encode())


def test_fields() -> None:
    found = entry()
    assert found.moment == 1795794416.346
    assert (found.cursor, found.boot, found.pid, found.uid, found.text) == ("s=1;i=2", "84d4", 224, 0, "Accepted")


@pytest.mark.parametrize(
    ("value", "text"),
    [([104, 105, 255], "hi\\xff"), (None, ""), (["one", "two"], ""), ("plain", "plain")],
    ids=["bytes", "too long", "twice", "text"],
)
def test_the_text_of_a_sender_has_several_forms(value: Any, text: str) -> None:
    assert entry(MESSAGE=value).text == text


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'"x"', b'{"__CURSOR": "c"}', b'{"__CURSOR": 1}'])
def test_other_lines_are_no_entries(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"not an entry|Expecting"):
        parse_entry(line)


@pytest.mark.parametrize(
    ("fields", "believed"),
    [
        ({}, True),
        ({"_UID": "1001"}, True),
        ({"_COMM": "sshd", "SYSLOG_IDENTIFIER": "sshd", "_EXE": "/usr/sbin/sshd"}, True),
        ({"_EXE": "/usr/lib/openssh/sshd-session (deleted)"}, True),
        ({"_EXE": None, "_COMM": None}, True),
        ({"_EXE": None, "_COMM": None, "_UID": "1001"}, False),
        ({"_EXE": None, "_UID": "1001"}, False),
        ({"_EXE": "/usr/bin/logger", "_COMM": "logger"}, False),
        ({"_EXE": "/usr/bin/perl", "_COMM": "sshd-session"}, False),
        ({"_EXE": "/home/me/sshd-session"}, False),
        ({"SYSLOG_IDENTIFIER": "internal-sftp"}, False),
        ({"_EXE": None, "_COMM": "cron"}, False),
    ],
    ids=str,
)
def test_only_the_program_of_the_system_is_believed(fields: dict[str, Any], believed: bool) -> None:
    assert is_from_sshd(entry(**fields)) is believed


@pytest.mark.parametrize(
    ("fields", "believed"),
    [
        ({"SYSLOG_IDENTIFIER": "internal-sftp", "_UID": "1001"}, True),
        ({"SYSLOG_IDENTIFIER": "sftp-server", "_EXE": "/usr/lib/openssh/sftp-server", "_COMM": "sftp-server"}, True),
        ({"SYSLOG_IDENTIFIER": "internal-sftp", "_EXE": "/usr/bin/perl", "_COMM": "internal-sftp"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_files_come_from_the_sftp_process_only(fields: dict[str, Any], believed: bool) -> None:
    assert is_from_sftp(entry(**fields)) is believed


ENDED = {"SYSLOG_IDENTIFIER": "internal-sftp", "_EXE": None, "_COMM": None, "_UID": "1001"}


@pytest.mark.parametrize(
    ("fields", "possible"),
    [
        ({}, True),
        ({"SYSLOG_IDENTIFIER": "sftp-server"}, True),
        ({"_COMM": "sshd-session"}, True),
        ({"_COMM": "logger"}, False),
        ({"_EXE": "/usr/lib/openssh/sshd-session"}, False),
        ({"SYSLOG_IDENTIFIER": "sshd-session"}, False),
        ({"_UID": "0"}, False),
        ({"_UID": None}, False),
    ],
    ids=str,
)
def test_a_process_that_had_ended_has_neither_program_nor_executable(fields: dict[str, Any], possible: bool) -> None:
    assert is_from_ended_sftp(entry(**{**ENDED, **fields})) is possible
    assert not (possible and is_from_sftp(entry(**{**ENDED, **fields})))
