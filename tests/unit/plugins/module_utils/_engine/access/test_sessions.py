# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of a closed account: of which services, for how long, and the slice of systemd. Sessions themselves are
doubles; they are real in sshd/test_account_sessions.py, rotation/passwords/test_ftps_sessions.py and tests/hosts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import host as sessions
from support.scripted.programs import Programs

USER = 4_000_000
SLICE = f"user-{USER}.slice"


class Services:
    """ssh, ftps: sessions that live. calls: of the services, in their order"""

    def __init__(self) -> None:
        self.ssh, self.ftps, self.processes = 0, 0, 0
        self.calls: list[str] = []

    def end_ssh(self, user: int, moment: float) -> int:
        assert (user, abs(moment - sessions._now()) < 60) == (USER, True)
        self.calls.append("ssh")
        ended, self.ssh = self.ssh, 0
        return ended

    def end_ftps(self, user: int, moment: float) -> list[int]:
        assert (user, abs(moment - sessions._now()) < 60) == (USER, True)
        self.calls.append("ftps")
        ended, self.ftps = self.ftps, 0
        return [1] * ended

    def end_processes(self, user: int) -> int:
        assert user == USER
        self.calls.append("processes")
        return self.processes


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    made = Services()
    monkeypatch.setattr(sessions.account_sessions, "sessions_of", lambda _user: [1] * made.ssh)
    monkeypatch.setattr(sessions.account_sessions, "end_sessions", made.end_ssh)
    monkeypatch.setattr(sessions.ftps_sessions, "sessions_of", lambda _user: [1] * made.ftps)
    monkeypatch.setattr(sessions.ftps_sessions, "end_sessions", made.end_ftps)
    monkeypatch.setattr(sessions, "end_processes", made.end_processes)
    return made


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Have a systemctl that knows no active unit."""
    made = Programs(tmp_path, monkeypatch)
    made.put("systemctl", "exit 3")
    return made


def test_all_sessions_count(services: Services) -> None:
    services.ssh, services.ftps = 2, 3
    assert sessions.count_sessions(USER) == 5
    assert services.calls == []


@pytest.mark.parametrize(("ftps", "calls"), [(0, ["ssh", "processes"]), (2, ["ssh", "ftps", "processes"])])
def test_an_account_that_was_closed_before(services: Services, programs: Programs, ftps: int, calls: list[str]) -> None:
    services.ssh, services.ftps, services.processes = 1, ftps, 4
    assert sessions.end_sessions(USER, watch=False) == 5 + ftps
    assert services.calls == calls
    assert programs.calls == [f"systemctl --quiet is-active {SLICE}"]


def test_logins_that_were_under_way_are_watched(
    services: Services, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        services.ssh = 1 if 0.75 < clock[0] < 0.85 else 0

    monkeypatch.setattr(sessions, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    monkeypatch.setattr(sessions, "_now", lambda: 7.0)
    assert sessions.end_sessions(USER, watch=True) == 1
    assert services.calls[:3] == ["ssh", "ftps", "ssh"], "also without a session of FTPS"
    assert services.calls[-1] == "processes"
    assert programs.calls[0].endswith(SLICE)


def test_the_slice_of_the_account_is_ended(services: Services, programs: Programs) -> None:
    programs.put("systemctl")
    sessions.end_sessions(USER, watch=False)
    assert programs.calls == [
        f"systemctl --quiet is-active {SLICE}",
        f"systemctl kill --signal=KILL {SLICE}",
    ]


def test_a_host_without_systemd(services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    services.processes = 1
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sessions.end_sessions(USER, watch=False) == 1
