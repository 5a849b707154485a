# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import observe as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed

FROM_OUTSIDE = {"tls", "attacks", "ssh_attacks", "secret_scan", "pins", "sets", "receipts", "transfers", "policies"}


def test_descriptions_are_of_all_observations() -> None:
    found = subject.descriptions("ADDRESS")
    assert set(found) == set(FORMS) - FROM_OUTSIDE
    assert found["sshd_settings"] == ("sshd", "sshd -T -C user=ACCOUNT,host=ADDRESS,addr=ADDRESS,lport=PORT")


def raising(error: Exception) -> Any:
    def measure() -> Any:
        raise error

    return measure


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "No such file", "systemctl"), "systemctl is missing"),
        (PermissionError(13, "Permission denied", "/etc/x"), "/etc/x: Permission denied"),
        (OperationFailed("sshd -T reports: bad"), "sshd -T reports: bad"),
        (Unobservable("too many"), "too many"),
        (ValueError("no number"), "no number"),
    ],
)
def test_one_failure_is_a_reason_and_the_others_are_made(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "settings_of",
        "host_keys",
        "authorized_keys",
        "jails",
        "key_files",
        "revocation_list",
        *("ftps_settings", "ftps_accounts"),
        *("second_factors", "passwords", "jobs", "job_runs", "job_secrets", "vaults", "monitoring", "packages"),
        *("retention", "services_with_logins"),
    ):
        monkeypatch.setattr(subject, name, lambda *_words: {})
    monkeypatch.setattr(subject, "job_units", raising(error))
    found = {each.what: each for each in subject.observe(subject.Question((), "192.0.2.1"))}
    assert set(found) == set(FORMS) - FROM_OUTSIDE
    assert (found["job_units"].value, found["job_units"].reason) == (None, reason)
    assert [each.what for each in found.values() if each.value is None] == ["job_units"]


def test_a_host_without_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each observation that needs a missing tool names it, and none has a value instead. The others are made."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {each.what: each for each in subject.observe(subject.Question((), "192.0.2.1"))}
    assert set(found) == set(FORMS) - FROM_OUTSIDE
    for what, tool in (("passwords", "getent"), ("job_units", "systemctl"), ("packages", "apt-get")):
        assert (found[what].value, found[what].reason.startswith(f"{tool} is missing")) == (None, True), found[what]
    assert all(each.value is not None or each.reason for each in found.values())
    assert found["jobs"].value == []
