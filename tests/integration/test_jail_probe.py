# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""jail_probe with real sshds on loopback: a jail has no finding, and each weakness has the finding of its name."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe import forwards
from support.running.tasks import run_task
from support.servers import ssh_keys
from support.servers.sshd import Sshd

FORCED = "ForceCommand internal-sftp"
NO_LINKS = f"{FORCED} -P symlink,hardlink"
CLOSED = ("DisableForwarding yes", "PermitTTY no")
LOOK = "open,close,lstat,fstat,opendir,readdir,realpath,stat,readlink"
PUT = "write,setstat,fsetstat,remove,mkdir,rmdir,rename"
FILES = {"writable": ["/files"], "readable": ["/files"]}
REAL = {"writable": ["/run/sync/files"], "readable": ["/run/sync/files"]}
ROOT_OF_THE_HOST = {"name_outside", "outside_writable", "link_leads_out"}
THROUGH = {"port_forwarding", "socket_forwarding", "remote_forwarding"}
BUS = "/run/sync/files/bus"
"""A socket of the server's host, in place of D-Bus, which runs in no namespace of a test server."""

WEAK = {
    # weakness: options of the server, rights of the account, findings of medium severity or worse
    "links, forwarding, a terminal": (
        {"jail": True, "config": (FORCED, "AllowTcpForwarding yes")},
        FILES,
        {"links", "terminal", *THROUGH},
    ),
    "no other root": ({"jail": True, "config": ("ChrootDirectory none", NO_LINKS, *CLOSED)}, REAL, ROOT_OF_THE_HOST),
    "a shell": (
        {"config": ("AcceptEnv *", "DisableForwarding no"), "forwarding": True},
        REAL,
        {"command", "environment", "agent_forwarding", "terminal", "links", *ROOT_OF_THE_HOST, *THROUGH},
    ),
    "a root that others write to": (
        {"jail": True, "config": ("ChrootDirectory /tmp", NO_LINKS, *CLOSED)},
        FILES,
        {"no_sftp"},
    ),
    "uploads can be read": (
        {"jail": True, "config": (NO_LINKS, *CLOSED)},
        {**FILES, "access": "upload"},
        {"upload_reads"},
    ),
    "an account for downloads stores": (
        {"jail": True, "config": (NO_LINKS, *CLOSED)},
        {**FILES, "access": "download"},
        {"download_writes"},
    ),
}
STRONG = {
    "both": NO_LINKS,
    "upload": f"{FORCED} -p {LOOK},{PUT}",
    "download": f"{FORCED} -R -p {LOOK},read",
}


def probed(server: Sshd, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a task for the account of a server."""
    given = {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "private_key_file": str(server.key.path),
        "ssh_agent": False,
        "known_hosts_file": str(server.known_hosts),
        "ssh_config_file": "none",
        "expect": FILES,
        "other_accounts": ["collector"],
        "pause": 0.0,
        "fail_on": "none",
        **options,
    }
    return run_task(jail_probe, check=check, **given)


def found(result: dict[str, Any]) -> set[str]:
    """Return the findings of medium severity or worse."""
    assert "error" not in result, result
    return {each["id"] for each in result["findings"] if each["severity"] in ("critical", "high", "medium")}


@pytest.fixture(scope="module")
def jail() -> Iterator[Sshd]:
    with Sshd(jail=True, config=(NO_LINKS, *CLOSED)) as server:
        yield server


@pytest.mark.parametrize("access", STRONG)
def test_a_jail_passes_at_the_lowest_severity(access: str) -> None:
    with Sshd(jail=True, config=(STRONG[access], *CLOSED)) as server:
        (server.root / "theirs").write_text("content of others")
        (server.root / "theirs").chmod(0o644)
        result = probed(server, expect={**FILES, "access": access}, fail_on="low")
        assert [each["id"] for each in result["findings"] if each["id"] != "set_user_id"] == []
        assert (result.get("failed"), result["changed"], result["logins"]) == (None, False, 6)
        assert [path.name for path in server.root.iterdir()] == ["theirs"]


@pytest.mark.parametrize("weakness", WEAK)
def test_each_weakness_has_its_finding(weakness: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options, expect, wanted = WEAK[weakness]
    monkeypatch.setattr(forwards, "_BUS", BUS)
    with Sshd(**options) as server, socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(server.root / "bus"))
        (server.root / "bus").chmod(0o666)
        bus.listen()
        threading.Thread(target=answer, args=(bus,), daemon=True).start()
        result = probed(server, expect=expect)
        bus.shutdown(socket.SHUT_RDWR)
        assert found(result) == wanted, [each["observed"] for each in result["findings"]]
        assert [path.name for path in server.root.iterdir()] == ["bus"]
        assert list(_made_in("/", tempfile.gettempdir(), "/home")) == []


def answer(bus: socket.socket) -> None:
    with contextlib.suppress(OSError), bus.accept()[0] as connection:
        connection.sendall(b"REJECTED EXTERNAL")


def _made_in(*directories: str) -> Iterator[str]:
    for directory in directories:
        yield from (name for name in os.listdir(directory) if name.startswith(".jail_probe-"))


def test_a_damaged_tree(jail: Sshd) -> None:
    (jail.root / "out").symlink_to("/etc/passwd")
    (jail.root / "near").symlink_to("out")
    (jail.root / ".ssh").mkdir()
    (jail.root / ".ssh/authorized_keys").write_text("ssh-ed25519 AAAA\n")
    result = probed(
        jail, expect={"writable": ["/files", "/missing"], "readable": ["/files", "/nowhere"]}, fail_on="high"
    )
    (jail.root / ".ssh/authorized_keys").unlink()
    (jail.root / ".ssh").rmdir()
    assert result["error"]["code"] == "policy_not_met"
    ids = {each["id"] for each in result["findings"]}
    assert ids == {"link_leads_out", "link", "keys_inside", "not_writable", "not_readable", "set_user_id"}
    assert "the jail has /files/.ssh/authorized_keys" in {each["observed"] for each in result["findings"]}


def test_the_next_run_removes_what_a_killed_run_left(jail: Sshd) -> None:
    (jail.root / ".jail_probe-0123456789abcdef").mkdir(mode=0o777)
    (jail.root / ".jail_probe-fedcba9876543210").write_text("jail_probe")
    (jail.root / ".jail_probe-mine").write_text("not a name of the module")
    result = probed(jail)
    kept = {path.name for path in jail.root.glob(".jail_probe-*")}
    (jail.root / ".jail_probe-mine").unlink()
    assert (result["leftovers_removed"], kept) == (2, {".jail_probe-mine"})


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"private_key_file": str(ssh_keys.key("stranger").path)}, "authentication_failed"),
        ({"host_keys": [ssh_keys.key("other").public], "known_hosts_file": None}, "host_key_changed"),
        ({"protocol": "ftps"}, "invalid_request"),
        ({"ssh_client": "paramiko"}, "invalid_request"),
        ({"pause": -1.0}, "invalid_request"),
        ({"other_accounts": ["../collector"]}, "invalid_request"),
        ({"expect": {"writable": ["~/data"]}}, "invalid_request"),
    ],
)
def test_what_fails_is_named(jail: Sshd, options: dict[str, Any], code: str) -> None:
    assert probed(jail, **options)["error"]["code"] == code


def test_check_mode_tries_nothing(jail: Sshd) -> None:
    result = probed(jail, check=True, port=1)
    assert (result["msg"], result["findings"]) == ("not tried in check mode", [])
