# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scope of a capture."""

from __future__ import annotations

import pwd

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.host import Access
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.scope import (
    LOGS,
    PROCESSES,
    SECRET_PLACES,
    SETTINGS,
    Scope,
    journal,
    key_files,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.pam_text import DIRECTORY
from support.running.examples import ROOT


def test_the_journal_is_asked_by_the_names_of_programs() -> None:
    words = journal(Scope(3600, ("sshd", "sshd-session"))).words
    assert {"--since=-3600s", "_COMM=sshd", "_COMM=sshd-session", "--output=export"} <= set(words)
    assert words[-4:] == ("+", *(f"SYSLOG_IDENTIFIER={name}" for name in ("sshd", "sshd-session", "internal-sftp")))
    assert journal(Scope(1, ("vsftpd",))).words[-3:] == ("_COMM=vsftpd", "+", "SYSLOG_IDENTIFIER=vsftpd")
    assert not any("unit" in word.lower() for word in words)


def test_files_of_accounts() -> None:
    made = [
        pwd.struct_passwd((name, "x", 1, 1, "", home, "")) for name, home in (("a", "/home/a"), ("b", "/"), ("c", "x"))
    ]
    assert list(key_files(made)) == ["/home/a/.ssh/authorized_keys", "/home/a/.ssh/authorized_keys2"]


def test_paths_are_absolute_and_processes_have_no_environment() -> None:
    assert [path for path in (*SETTINGS, *LOGS) if not path.startswith("/") or len(path) < 8] == []
    assert [output.words for output in PROCESSES.values() if "e" in output.words or "args" in output.words[-1]] == [
        PROCESSES[True].words
    ]


@pytest.mark.parametrize(
    ("role", "variable", "name"),
    [
        ("ftps_server", "__ftps_server_second_passwords", ""),
    ],
)
def test_files_of_secrets_that_the_roles_write(role: str, variable: str, name: str) -> None:
    path = yaml.safe_load((ROOT / f"roles/{role}/vars/main.yml").read_text())[variable] + name
    assert path.startswith(SECRET_PLACES)


@pytest.mark.parametrize("name", ["seeds/alice", "pending/alice"])
def test_seeds_of_one_time_codes_are_never_taken(name: str) -> None:
    assert f"{DIRECTORY}/{name}".startswith(SECRET_PLACES)


def test_records_of_closed_accounts_are_never_taken() -> None:
    """They have the hashes of former passwords."""
    assert f"{Access('partner').records}/partner.json".startswith(SECRET_PLACES)
