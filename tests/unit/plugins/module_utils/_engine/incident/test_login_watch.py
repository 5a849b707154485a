# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of a watch. The server is a stand-in; tests/hosts/test_incident_drill.py has a real server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.judgement import parse
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.login_watch import Watch, watch
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)

ACCOUNT = SshAccount(Endpoint("sftp", "files", 22, "canary"), Credentials(), SshTrust())
REFUSED, LOST = errors.AuthenticationFailed("no"), errors.ConnectionLost("gone")


class Session:
    """Works for some requests, then fails."""

    def __init__(self, works: int, until: Callable[[], bool] = lambda: True) -> None:
        self._left, self._until = works, until

    def root_entry(self) -> object:
        self._left -= 1
        if self._left < 0 and self._until():
            raise LOST
        return self

    def close(self) -> None:
        """Nothing is open."""


def logins(*outcomes: errors.SyncError | None) -> Callable[[SshAccount], object]:
    """Return logins with these outcomes; a further login is an error of the test."""
    left: Iterator[errors.SyncError | None] = iter(outcomes)

    def log_in(_account: SshAccount) -> None:
        outcome = next(left)
        if outcome is not None:
            raise outcome

    return log_in


def asked(path: Path, seconds: float = 60.0) -> Watch:
    return Watch(ACCOUNT, os.fsencode(path), 0.01, seconds)


def kinds(path: Path) -> list[str]:
    return [each.kind for each in parse(path.read_bytes())]


def test_it_ends_when_the_login_is_refused_and_the_session_has_ended(tmp_path: Path) -> None:
    """No login follows a refused login."""
    file = tmp_path / "watch"
    found = watch(asked(file), log_in=logins(None, None, REFUSED), session=lambda _account: Session(3))
    assert found.is_over
    assert sorted(kinds(file)) == ["accepted", "accepted", "ended", "refused", "session"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_failure_of_the_connection_is_no_refusal(tmp_path: Path) -> None:
    file = tmp_path / "watch"
    outcomes = (errors.ConnectionFailed("down"), errors.PrivateKeyUnusable("gone"), None, REFUSED)
    watch(asked(file), log_in=logins(*outcomes), session=lambda _account: Session(1))
    assert [each for each in kinds(file) if each not in ("session", "ended")] == [
        *("failed", "failed"),
        *("accepted", "refused"),
    ]


def test_a_session_that_never_worked_has_not_ended(tmp_path: Path) -> None:
    file = tmp_path / "watch"
    found = watch(asked(file), log_in=logins(REFUSED), session=lambda _account: Session(0))
    assert (found.session, found.ended, found.code) == (None, None, "connection_lost")


def test_it_ends_when_its_file_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "watch"

    def log_in(_account: SshAccount) -> None:
        file.unlink()

    found = watch(asked(file), log_in=log_in, session=lambda _account: Session(0, lambda: False))
    assert found.refused is None
    assert not file.exists()


def test_it_ends_after_its_time(tmp_path: Path) -> None:
    found = watch(
        asked(tmp_path / "watch", 0.05),
        log_in=lambda _account: None,
        session=lambda _account: Session(0, lambda: False),
    )
    assert found.is_open


def test_a_file_that_exists_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watch").write_bytes(b"")
    with pytest.raises(errors.OperationFailed, match="File exists"):
        watch(asked(tmp_path / "watch"), log_in=logins())
