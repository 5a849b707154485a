# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a holder in a real file. The configuration of sshd is a double, which is real in tests/hosts."""

from __future__ import annotations

import os
import pwd
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import account_keys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import KeyFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.running.tasks import run_task
from support.servers.ssh_keys import key

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name
OLD, NEW = key("old").public, key("new").public
STRANGER = b"# \xff the administrator's own line\n"


class Server:
    """asked: path and account of each question to sshd. reads: whether it reads the file"""

    def __init__(self, root: Path) -> None:
        (root / "etc").mkdir(mode=0o755)
        self.file = root / "etc/keys"
        self.asked: list[tuple[str, str]] = []
        self.reads = True

    def require(self, path: str, account: str) -> None:
        self.asked.append((path, account))
        if not self.reads:
            raise NotSupported("sshd does not read it")

    def keep(self, *keys: str, **options: Any) -> Result:
        given = {"path": "/etc//keys", "account": ACCOUNT, "holder": "client/job", **options}
        return run_task(account_keys, keys=list(keys), **given)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(tmp_path)
    walker = Walker(owner=os.getuid(), start=str(tmp_path))
    monkeypatch.setattr(account_keys, "KeyFile", partial(KeyFile, walker=walker))
    monkeypatch.setattr(account_keys, "require_authorized_keys", made.require)
    if os.geteuid() != 0:
        attributes = account_keys.Attributes
        monkeypatch.setattr(account_keys, "Attributes", lambda _root, *more: attributes(os.getuid(), *more))
    return made


def test_the_keys_of_a_holder_beside_other_lines(server: Server) -> None:
    server.file.write_bytes(STRANGER)
    server.keep("ssh-ed25519 " + NEW.split()[1], holder="other/job")
    assert server.keep(OLD, NEW)["changed"]
    lines = server.file.read_bytes().splitlines(keepends=True)
    assert lines[0] == STRANGER
    assert [key in b"".join(lines).decode("latin-1") for key in (OLD.split()[1], NEW.split()[1])] == [True, True]
    status = server.file.stat()
    assert (status.st_mode & 0o777, status.st_gid) == (0o640, pwd.getpwnam(ACCOUNT).pw_gid)
    assert set(server.asked) == {("/etc/keys", ACCOUNT)}
    assert not server.keep(OLD, NEW)["changed"]
    assert server.keep()["changed"]
    assert OLD.split()[1].encode() not in server.file.read_bytes()
    assert NEW.split()[1].encode() in server.file.read_bytes(), "the key of the other holder"


def test_check_mode(server: Server) -> None:
    server.file.write_bytes(STRANGER)
    assert server.keep(NEW, check=True)["changed"]
    assert server.file.read_bytes() == STRANGER
    assert server.keep(NEW, check=True, account="no-such-account")["changed"], "an earlier task will create it"
    assert server.asked == [("/etc/keys", ACCOUNT)], "sshd knows no settings for an account that is not there"


def test_an_account_that_does_not_exist(server: Server) -> None:
    assert server.keep(NEW, account="no-such-account")["error"]["code"] == "account_missing"
    assert not server.file.exists()


def test_a_file_that_sshd_does_not_read(server: Server) -> None:
    server.file.write_text(f"restrict {OLD}\n")
    server.reads = False
    assert server.keep(NEW)["error"]["code"] == "not_supported"
    assert server.file.read_text() == f"restrict {OLD}\n"
    assert "error" not in server.keep(), "keys can be removed from any file"


@pytest.mark.parametrize("options", [{"path": "/etc/../x"}, {"account": "../x"}, {"keys": ["x"]}])
def test_refused_options(server: Server, options: dict[str, Any]) -> None:
    given = {"path": "/etc/keys", "account": ACCOUNT, "holder": "client/job", "keys": [], **options}
    assert run_task(account_keys, **given)["error"]["code"] == "invalid_request"
