# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two FTPS servers, on two systems, and a secrets manager that has the passwords of their accounts.

with PasswordScene(directory) as scene:
    scene.provide()
    scene.rotate()
    scene.takes("files1", "partner", scene.current("files1", "partner"))
"""

from __future__ import annotations

__all__ = ["ACCOUNTS", "SECOND", "SERVERS", "PasswordScene"]

import ftplib
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from ..hosts.ftps_host import HASH, FtpsHost
from ..hosts.host_play import HostPlay
from ..running.other_collections import with_collection
from ..running.playbook_process import Outcome, with_variables
from ..servers.openbao import OpenBao

ACCOUNTS = ("partner", "collector")
SERVERS: Mapping[str, str] = MappingProxyType({"files1": "debian13", "files2": "debian12"})
_JAILED = [
    {"name": "partner", "rotated": True, "directories": [{"name": "incoming"}]},
    {"name": "collector", "rotated": True, "access": "upload"},
    {"name": "monitor", "password_hash": HASH},
]
_PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks/rotate_passwords.yml"
_PORTS = {"ssh": 22, "vsftpd": 21}
_SECONDS = 60.0
SECOND = "/etc/secure_ftp_synchronize/ftps_passwords"


class PasswordScene:
    """Hosts that are booted and bare until `provide` was called.

    servers: their systems; groups: the inventory, if not all of them are FTPS servers. bao: the secrets manager.
    """

    def __init__(
        self,
        directory: Path,
        servers: Mapping[str, str] = SERVERS,
        groups: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._groups = groups or {"ftps_servers": [*servers]}
        self.directory = directory
        self.bao = OpenBao(directory)
        self.servers: dict[str, FtpsHost] = {}
        for name, system in servers.items():
            (directory / name).mkdir()
            self.servers[name] = FtpsHost(directory / name, system, accounts=_JAILED)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for each in (self.bao, *self.servers.values()):
                stack.enter_context(each)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.__exit__(*exception)

    def provide(self) -> None:
        """Set the servers up, with accounts that have no password yet."""
        for server in self.servers.values():
            done = server.converge()
            assert done.status == 0, done.output

    def rotate(
        self,
        *options: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        collections: Sequence[str] | None = None,
        **variables: Any,
    ) -> Outcome:
        """Run the playbook rotate_passwords. environment: wins; collections: instead of those that the role needs."""
        play = self._play(environment, collections)
        return play.run_text(_PLAYBOOK.read_text(), *self._given(variables), *options)

    def killed(self, task: str, *options: str, nth: int = 1, **variables: Any) -> str:
        """The same, killed when it comes to a task for the nth time."""
        return self._play().killed(_PLAYBOOK.read_text(), task, *self._given(variables), *options, nth=nth)

    def run_text(self, text: str, *options: str) -> Outcome:
        """Run a playbook as written."""
        return self._play().run_text(text, *options)

    def secret(self, server: str, account: str) -> dict[str, Any]:
        """The secrets manager's data of an account."""
        return self.bao.read(f"ftps/{server}/{account}")

    def current(self, server: str, account: str) -> str:
        """The password that jobs are given."""
        return self.secret(server, account)["password"]

    def age(self, server: str, account: str) -> float:
        """Seconds since the newest version of an account's secret."""
        made = self.bao.call("GET", f"secret/metadata/ftps/{server}/{account}")["data"]["updated_time"]
        return (datetime.now(UTC) - datetime.fromisoformat(made)).total_seconds()

    def takes(self, server: str, account: str, password: str) -> bool:
        """Whether an FTPS login goes well."""
        try:
            self.servers[server].login(account, password).quit()
        except ftplib.error_perm as error:
            if not str(error).startswith("530"):
                raise
            return False
        return True

    def second(self, server: str) -> list[str]:
        """The accounts that have a second password."""
        text = self.servers[server].inside(f"cat {SECOND} 2>/dev/null || true")
        return [line.partition(":")[0] for line in text.splitlines()]

    @contextmanager
    def down(self, server: str, service: str) -> Iterator[None]:
        """Inside, a service of a host is stopped."""
        host = self.servers[server].host
        host.enter("systemctl", "stop", service)
        try:
            yield
        finally:
            host.enter("systemctl", "start", service)
            _wait(host.address, _PORTS[service])

    def _given(self, variables: Mapping[str, Any]) -> Sequence[str]:
        accounts = [{"name": name} for name in ACCOUNTS]
        given = {"password_rotation_accounts": accounts, "password_rotation_overlap": 0}
        given |= {f"password_rotation_{name}": value for name, value in variables.items()}
        return with_variables(self.directory, given)

    def _play(
        self, environment: Mapping[str, str] = MappingProxyType({}), collections: Sequence[str] | None = None
    ) -> HostPlay:
        hosts = {name: server.host for name, server in self.servers.items()}
        needed = [with_collection(f"community.{name}") for name in ("hashi_vault", "crypto")]
        return HostPlay(
            self.directory,
            next(iter(hosts.values())),
            collections=needed if collections is None else collections,
            environment={**self.bao.environment, **environment},
            groups={group: {name: hosts[name] for name in names} for group, names in self._groups.items()},
        )


def _wait(address: str, port: int) -> None:
    """A service that was started needs a moment until it listens."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection((address, port), _SECONDS).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
