# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The confirmation of a change of sshd. sshd and the rollback are stand-ins; tests/hosts has real servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotConfirmed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import rollback
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.rollback import confirm

FILES = ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/50-role.conf"]
PENDING = {"applied": 100.0, "files": FILES, "state": "as written"}


class Host:
    """A host with a change that waits; `done` has the steps that a confirmation took."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.pending: Mapping[str, Any] | None = PENDING
        self.restored, self.in_time = False, True
        self.began, self.files, self.state, self.refused = 101.0, FILES, "as written", ""
        monkeypatch.setattr(rollback, "pending", lambda: self.pending)
        monkeypatch.setattr(rollback, "restored", lambda: self.restored)
        monkeypatch.setattr(rollback, "restore", lambda: self.done.append("restore"))
        monkeypatch.setattr(rollback, "disarm", self._disarm)
        monkeypatch.setattr(rollback, "state_of", lambda _files: self.state)
        monkeypatch.setattr(rollback.session, "began", lambda: self.began)
        monkeypatch.setattr(rollback.session, "owner", lambda: "owner")
        monkeypatch.setattr(rollback.daemon, "check", lambda: self.done.append("check"))
        monkeypatch.setattr(rollback, "configuration_files", lambda: iter(self.files))
        monkeypatch.setattr(rollback, "owner_refused", lambda _owner, _config: self.refused)

    def _disarm(self) -> bool:
        self.done.append("disarm")
        return self.in_time


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


def test_a_newer_login_confirms_an_unchanged_configuration(host: Host) -> None:
    confirm()
    assert host.done == ["check", "disarm"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"began": 100.0}, "this login is not newer than the change"),
        ({"pending": {"files": FILES, "state": "as written"}}, "this login is not newer"),
        ({"files": FILES[:1]}, "changed again in the meantime"),
        ({"state": "another"}, "changed again in the meantime"),
        ({"refused": "AllowUsers has no owner"}, "AllowUsers has no owner"),
    ],
)
def test_any_doubt_restores_the_previous_files(host: Host, changed: Mapping[str, Any], why: str) -> None:
    for name, value in changed.items():
        setattr(host, name, value)
    with pytest.raises(NotConfirmed, match=f"{why}.*; the previous configuration is restored"):
        confirm()
    assert host.done[-1] == "restore"
    assert "disarm" not in host.done


def test_a_confirmation_after_the_rollback(host: Host) -> None:
    host.in_time = False
    with pytest.raises(NotConfirmed, match="came too late: the change was undone"):
        confirm()
    assert "restore" not in host.done


@pytest.mark.parametrize(("restored", "words"), [(True, "it was undone, because"), (False, "awaits confirmation$")])
def test_no_change_waits(host: Host, *, restored: bool, words: str) -> None:
    host.pending, host.restored = None, restored
    with pytest.raises(NotConfirmed, match=words):
        confirm()
    assert host.done == []
