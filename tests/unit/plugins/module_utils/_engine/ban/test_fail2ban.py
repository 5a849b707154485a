# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions to fail2ban, and its statuses. fail2ban and systemctl are scripts: their configuration and sockets have
fixed places on a host."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ban import change as fail2ban
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import BanFailed, OperationFailed
from support.scripted.programs import Programs

DROP_IN = "jail.d/00-secure_ftp_synchronize_ours.conf"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path, monkeypatch)
    (tmp_path / "etc/jail.d").mkdir(parents=True)
    monkeypatch.setattr(fail2ban, "DIRECTORY", str(tmp_path / "etc"))
    monkeypatch.setattr(fail2ban, "_CLIENT", made.put("client"))
    made.put("systemctl")
    return made


def test_whether_it_is_installed(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail2ban.installed()
    monkeypatch.setattr(fail2ban, "_CLIENT", "/no/client")
    assert not fail2ban.installed()


@pytest.mark.parametrize(
    ("enabled", "client", "watches"),
    [
        (0, "echo iptables", True),
        (1, "echo iptables", False),
        (0, "exit 255", False),
        (0, "echo No actions for jail", False),
    ],
)
def test_whether_a_jail_can_ban(programs: Programs, *, enabled: int, client: str, watches: bool) -> None:
    programs.put("systemctl", f"exit {enabled}")
    programs.put("client", client)
    assert fail2ban.watches("vsftpd") is watches
    assert programs.calls[0] == "systemctl --quiet is-enabled fail2ban.service"
    assert programs.calls[1:] == ([] if enabled else ["client get vsftpd actions"])


@pytest.mark.parametrize(("text", "seen"), [("new", "new"), (None, "No such file")])
def test_a_copy_is_tested(programs: Programs, tmp_path: Path, text: str | None, seen: str) -> None:
    former = tmp_path / "etc" / DROP_IN
    former.write_text("old")
    programs.put("client", f'cat "$2/{DROP_IN}"; test "$1 $3" != "-c --test"')
    with pytest.raises(BanFailed, match=f"fail2ban refuses its configuration: .*{seen}"):
        fail2ban.check("ours", text)
    assert former.read_text() == "old"
    programs.put("client", f'test "$(cat "$2/{DROP_IN}" 2>/dev/null)" = "{text or ""}"')
    fail2ban.check("ours", text)


def test_a_jail_is_started(programs: Programs, tmp_path: Path) -> None:
    programs.put("client", f"test -e {tmp_path}/second || {{ touch {tmp_path}/second; exit 1; }}")
    fail2ban.take_up("vsftpd")
    assert programs.calls == [
        *(f"systemctl {verb} fail2ban.service" for verb in ("unmask", "enable", "restart")),
        *["client get vsftpd actions"] * 2,
    ]


@pytest.mark.parametrize("verb", ["unmask", "enable", "restart"])
def test_a_unit_that_cannot_be_started(programs: Programs, verb: str) -> None:
    programs.put("systemctl", f'test "$1" != {verb}')
    with pytest.raises(OperationFailed, match=f"systemctl {verb} fail2ban.service failed"):
        fail2ban.take_up("vsftpd")


def test_a_jail_that_does_not_start(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fail2ban, "_START_SECONDS", 0.0)
    programs.put("client", "exit 1")
    with pytest.raises(BanFailed, match="fail2ban does not start the jail vsftpd"):
        fail2ban.take_up("vsftpd")


@pytest.mark.parametrize(("active", "restarts"), [(0, True), (3, False)])
def test_a_jail_is_forgotten_by_a_running_server(programs: Programs, *, active: int, restarts: bool) -> None:
    programs.put("systemctl", f'test "$2" != is-active || exit {active}')
    fail2ban.release()
    assert ("systemctl restart fail2ban.service" in programs.calls) is restarts
