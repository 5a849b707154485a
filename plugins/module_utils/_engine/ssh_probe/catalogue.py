# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of a probe, with the severity and the requirement of each."""

from __future__ import annotations

from typing import Mapping, NamedTuple

from ..model.findings import CRITICAL, HIGH, MEDIUM, Finding


class _Row(NamedTuple):
    severity: str
    wanted: str
    source: str


CATALOGUE: Mapping[str, _Row] = {
    "weak_algorithm": _Row(HIGH, "algorithms of the profiles of sftp_server", "sftp_server_profile"),
    "login_without_key": _Row(HIGH, "every login begins with a key", "sshd_config(5) AuthenticationMethods"),
    "key_alone": _Row(HIGH, "a key logs in with a second factor only", "sshd_config(5) AuthenticationMethods"),
    "revoked_key": _Row(CRITICAL, "a revoked key is refused", "sshd_config(5) RevokedKeys"),
    "expired_certificate": _Row(CRITICAL, "an expired certificate is refused", "ssh-keygen(1) CERTIFICATES"),
    "server_changed": _Row(
        CRITICAL, "each login reaches the same, proven server", "ssh_config(5) StrictHostKeyChecking"
    ),
    "no_penalty": _Row(MEDIUM, "a client that guesses is refused", "sshd_config(5) PerSourcePenalties"),
}


def finding(code: str, observed: str) -> Finding:
    """Return the finding of a kind."""
    row = CATALOGUE[code]
    return Finding(code, row.severity, observed, row.wanted, row.source)
