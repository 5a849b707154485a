# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is closed over SFTP and FTPS and opened again, on a real host with the roles of both servers. Meanwhile
clients work and log in again and again. The tests go through the life of one host in their order."""

from __future__ import annotations

import ftplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.hosts.ftps_host import HASH, PASSWORD, FtpsHost
from support.hosts.host_play import role
from support.hosts.systemd_image import OWNER
from support.running.playbook_process import Outcome, done
from support.scenes.client_loop import ClientLoop, lftp_loop, sftp_command, sftp_loop
from support.servers.ssh_keys import SshKey, key

REVOKED = "/etc/ssh/revoked_keys"
LIST = "/etc/secure_ftp_synchronize/ftps_accounts.list"
NEW_PASSWORD = "another long passphrase"
FILES = "find /etc/secure_ftp_synchronize -type f -exec sha256sum {} +"
STATE = f"getent shadow partner monitor; cat {REVOKED} {LIST}; {FILES}"
QUIET = 3.0
"""Seconds without an answer, in which each loop tries several times."""


class Scene:
    def __init__(self, directory: Path, server: FtpsHost) -> None:
        self.directory, self.server = directory, server
        self.old, self.new = key("partner"), key("partner-new")

    def task(self, *options: str, **given: Any) -> Outcome:
        task = {"name": "Do it", "secure.ftp_synchronize.account_access": given}
        return self.server.run([task], *options)

    def close(self, *options: str) -> Outcome:
        return self.task(*options, account="partner", state="closed")

    def open(self, *options: str, **given: Any) -> Outcome:
        return self.task(*options, account="partner", state="open", **given)

    def authorize(self, *keys: SshKey) -> None:
        """Have the role put these keys into the account."""
        accounts = [{**each, "authorized_keys": [k.public for k in keys]} if each["name"] == "partner" else each
                    for each in self.server.accounts]  # fmt: skip
        done(self.server.run([role("chroot_jail", chroot_jail_accounts=accounts)]))

    def takes_key(self, used: SshKey) -> bool:
        command = sftp_command(self.server, "partner", used)
        tried = subprocess.run(command, input="pwd\n", capture_output=True, text=True, timeout=60, check=False)
        return tried.returncode == 0

    def takes_password(self, password: str) -> bool:
        try:
            self.server.login("partner", password).quit()
        except ftplib.error_perm as error:
            if not str(error).startswith("530"):
                raise
            return False
        return True


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    directory = tmp_path_factory.mktemp("access")
    accounts = [
        {"name": "partner", "password_hash": HASH, "authorized_keys": [key("partner").public],
         "directories": [{"name": "incoming"}]},
        {"name": "monitor", "password_hash": HASH},
    ]  # fmt: skip
    with FtpsHost(directory, accounts=accounts) as server:
        # Penalties would hide whether the account refuses a login.
        server.inside("echo PerSourcePenalties no > /etc/ssh/sshd_config.d/10-tests.conf")
        done(server.converge())
        done(server.run([role("client_key_rotation", tasks_from="server")]))
        yield Scene(directory, server)


def test_check_mode_changes_nothing(scene: Scene) -> None:
    before = scene.server.inside(STATE)
    checked = done(scene.close("--check", "--diff"))
    assert "locked and expired" in checked.output
    assert scene.server.inside(STATE) == before
    assert scene.takes_key(scene.old)


def test_closed_while_clients_work_and_log_in_again_and_again(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as stack:
        loops = {
            name: stack.enter_context(ClientLoop(loop, scene.directory / f"{name}.log"))
            for name, loop in {
                "SFTP": sftp_loop(scene.server, "partner", scene.old),
                "FTPS": lftp_loop(scene.server, "partner", PASSWORD),
            }.items()
        }
        for loop in loops.values():
            loop.until_alive()
        began = time.time()
        closed = done(scene.close())
        ended = time.time()
        time.sleep(QUIET)
        assert {name for name, loop in loops.items() if loop.last() > ended} == set()
        with capsys.disabled():
            took = ", ".join(f"{name} {loop.last() - began:.2f} s" for name, loop in loops.items())
            print(f"\nlast answer after the start of the play: {took}; end of the play {ended - began:.2f} s")
    assert closed.count("changed") == 1
    assert not scene.takes_key(scene.old)
    assert not scene.takes_password(PASSWORD)
    assert scene.server.inside("ps -o pid= -u partner || true") == ""
    assert "partner" not in scene.server.inside(f"cat {LIST}").split()
    assert scene.old.public.split()[1] in scene.server.inside(f"cat {REVOKED}")
    scene.server.login("monitor").quit()


def test_a_second_run_changes_nothing(scene: Scene) -> None:
    before = scene.server.inside(STATE)
    assert done(scene.close("--diff")).count("changed") == 0
    assert scene.server.inside(STATE) == before


def test_the_roles_of_the_server_do_not_open_it(scene: Scene) -> None:
    done(scene.server.converge())
    assert not scene.takes_key(scene.old)
    assert not scene.takes_password(PASSWORD)


def test_the_old_key_and_the_old_password_are_refused(scene: Scene) -> None:
    before = scene.server.inside(STATE)
    refused = [
        scene.open(keys=[scene.old.public]),
        scene.open(password=PASSWORD),
        scene.open(keys=[scene.new.public]),
        scene.open(),
    ]
    codes = ["key_compromised", "password_compromised", "not_found", "invalid_request"]
    assert [code for code, outcome in zip(codes, refused, strict=True) if code not in outcome.output] == []
    assert all(outcome.status for outcome in refused)
    assert scene.server.inside(STATE) == before


def test_opened_with_a_new_key(scene: Scene) -> None:
    scene.authorize(scene.new)
    assert not scene.takes_key(scene.new), "the account is still closed"
    assert "no password" in done(scene.open("--check", "--diff", keys=[scene.new.public])).output
    assert not scene.takes_key(scene.new)
    done(scene.open(keys=[scene.new.public]))
    assert scene.takes_key(scene.new)
    assert not scene.takes_key(scene.old)
    assert not scene.takes_password(PASSWORD)
    assert "partner" in scene.server.inside(f"cat {LIST}").split()
    before = scene.server.inside(STATE)
    assert done(scene.open("--diff", keys=[scene.new.public])).count("changed") == 0
    assert scene.server.inside(STATE) == before


def test_closed_again_and_opened_with_a_new_password(scene: Scene) -> None:
    done(scene.close())
    assert not scene.takes_key(scene.new)
    refused = [scene.open(keys=[scene.new.public]), scene.open(password=PASSWORD)]
    assert ["key_compromised" in refused[0].output, "password_compromised" in refused[1].output] == [True, True]
    done(scene.open(password=NEW_PASSWORD))
    assert scene.takes_password(NEW_PASSWORD)
    assert not scene.takes_password(PASSWORD)
    assert not scene.takes_key(scene.new)


def test_a_lock_by_hand_stays(scene: Scene) -> None:
    scene.server.inside("usermod --lock monitor")
    before = scene.server.inside("getent shadow monitor")
    done(scene.task(account="monitor", state="closed"))
    refused = scene.task(account="monitor", state="open", password=NEW_PASSWORD)
    assert "account_locked" in refused.output
    assert scene.server.inside("getent shadow monitor").split(":")[1] == before.split(":")[1]


def test_the_administrator_stays(scene: Scene) -> None:
    """The account pastes the key of the administrator into its own file."""
    refused = [scene.task(account=name, state="closed") for name in ("root", OWNER)]
    assert ["owner_locked_out" in outcome.output for outcome in refused] == [True, True]
    scene.authorize(scene.server.host.key)
    closed = done(scene.close("-v"))
    assert scene.server.host.key.fingerprint in closed.output
    assert scene.server.host.key.public.split()[1] not in scene.server.inside(f"cat {REVOKED}")
    assert done(scene.close()).count("changed") == 0
