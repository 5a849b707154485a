# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the role: files of root alone, and sshd's settings for each person."""

from __future__ import annotations

import pytest
from testinfra.host import Host

MFA = "/etc/secure_ftp_synchronize/mfa"


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        (f"{MFA}/seeds", 0o700),
        (f"{MFA}/seeds/bob", 0o400),
        (f"{MFA}/pending", 0o700),
        (f"{MFA}/accepted", 0o700),
        (f"{MFA}/keys/alice", 0o644),
        ("/etc/pam.d/sshd-mfa", 0o644),
        ("/usr/local/lib/secure_ftp_synchronize/mfa_enrolment", 0o755),
    ],
)
def test_owners_and_modes(host: Host, path: str, mode: int) -> None:
    found = host.file(path)
    assert (found.user, found.group, found.mode) == ("root", "root", mode)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("alice", {"authenticationmethods publickey", "pubkeyauthoptions verify-required"}),
        ("bob", {"authenticationmethods publickey,keyboard-interactive:pam", "pamservicename sshd-mfa"}),
        ("root", {"authenticationmethods any", "pamservicename sshd"}),
    ],
)
def test_what_sshd_demands(host: Host, name: str, lines: set[str]) -> None:
    told = host.check_output(f"sshd -T -C user={name},host=x,addr=192.0.2.1")
    assert lines <= set(told.splitlines())
