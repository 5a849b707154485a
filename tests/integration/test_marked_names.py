# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marked logins and transfers with hostile names, in the logs of a real sftp-server and a real vsftpd: the audit finds
their events, and no name forges an event."""

from __future__ import annotations

import ftplib
import io
import json
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.upkeep import marks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.marked_login import (
    FORGED_ADDRESS,
    FORGED_END,
    forged_name,
)
from support.running.tasks import run_task
from support.running.tls_policy_task import ids, policy_task
from support.scenes.event_scene import EventScene
from support.scenes.ssh_logins import eventually
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

MARK = "probe-51ab0f0a9d1c5be2"
SFTP_LOG = ".sftp.log"
SFTP = f"ForceCommand exec /usr/lib/openssh/sftp-server -e -l VERBOSE 2>>/run/sync/files/{SFTP_LOG}"
USERS = (
    forged_name(MARK),
    f'{MARK}] OK LOGIN: Client "{FORGED_ADDRESS}"',
    f'{MARK}] OK LOGIN: Client "{FORGED_ADDRESS}", anon password "',
    f'root] OK UPLOAD: Client "{FORGED_ADDRESS}", "/{MARK}", 5 bytes, 1.00Kbyte/sec',
)
FILES = (
    f"{MARK}{FORGED_END.decode()}",
    f'{MARK}", 5 bytes, 1.00Kbyte/sec',  # a file in a directory
    f'[root] OK LOGIN: Client "{FORGED_ADDRESS}", anon password "{MARK}',
    f'{MARK}\nFri Nov 27 15:50:59 2026 [pid 38] [root] OK LOGIN: Client "{FORGED_ADDRESS}"\n',
)


def found(scene: EventScene, mark: str) -> dict[str, Any]:
    """Return the events of a mark as the audit finds them."""
    settings = scene.directory / "events.json"
    settings.write_text(json.dumps({"output": str(scene.output)}))
    (marked,) = marks([mark], str(settings), patience=0.0)
    return marked


def test_a_marked_file_over_sftp(tmp_path: Path) -> None:
    """jail_probe stores it and removes it again; sftp-server writes the lines."""
    with Sshd(config=(SFTP,)) as server:
        given = {"host": server.host, "port": server.port, "username": server.user, "ssh_config_file": "none"}
        result = run_task(
            jail_probe,
            **given,
            known_hosts_file=str(server.known_hosts),
            private_key_file=str(server.key.path),
            ssh_agent=False,
            pause=0.0,
            expect={"writable": [server.remote_root]},
            marked_file=True,
            fail_on="none",
        )
        # To a file, sftp-server writes the line feeds of names as they are; to the journal, it escapes them.
        lines = (server.root / SFTP_LOG).read_bytes().decode().replace("\r\n", "\r").replace("\n", "\\n").split("\r")
        left = [path.name for path in server.root.iterdir()]
    assert left == [SFTP_LOG]
    scene = EventScene(tmp_path)
    scene.now = time.time()
    scene.write(10, 0, "Accepted publickey for partner from 198.51.100.7 port 10 ssh2: ED25519 SHA256:x")
    scene.write(10, 0, "User child is on pid 11")
    for line in filter(None, lines):
        scene.write(12, 1001, line, "internal-sftp")
    passed = scene.run()
    marked = found(scene, result["mark"])
    assert {"upload", "delete"} <= {each["action"] for each in marked["events"]}, lines
    assert {each["account"] for each in marked["events"]} == {"partner"}
    unknown = [line for line in lines if line.startswith("bad message from ")]  # the end of a session of the probe
    assert (marked["forged"], passed.counters["unparsed_lines_total"]) == ([], len(unknown)), lines


def test_without_the_option_nothing_is_marked() -> None:
    with Sshd(jail=True) as server:
        given = {"host": server.host, "port": server.port, "username": server.user, "ssh_config_file": "none"}
        trusted = {"known_hosts_file": str(server.known_hosts), "private_key_file": str(server.key.path)}
        result = run_task(jail_probe, **given, **trusted, pause=0.0, expect={"writable": ["/files"]}, fail_on="none")
    assert (result["mark"], "error" in result) == ("", False)


class Ftps:
    """A session with a vsftpd, which can send the names that ftplib itself refuses: vsftpd reads NUL as a line feed."""

    def __init__(self, server: Vsftpd, user: str, password: str) -> None:
        context = ssl.create_default_context(cafile=str(server.authority.file))
        self.ftp = ftplib.FTP_TLS(context=context, timeout=30, encoding="latin-1")  # noqa: S321
        self.ftp.connect(server.host, server.port)
        try:
            self.ftp.login(user, password)
            self.ftp.prot_p()
        except ftplib.Error:
            self.ftp.close()
            raise

    def store(self, name: str) -> None:
        self.ftp.storbinary("STOR " + name.replace("\n", "\0"), io.BytesIO(b"12345"))

    def close(self) -> None:
        self.ftp.close()


@pytest.mark.parametrize("protocol", ["NO", "YES"])
def test_hostile_names_over_ftps(protocol: str, tmp_path: Path) -> None:
    """Each failed login and each upload has its event; no name is a login, an address or an account of its own. Lines
    of log_ftp_protocol that imitate others have several meanings, and name no account."""
    with Vsftpd(reuse=False, config=(f"log_ftp_protocol={protocol}",)) as server:
        scene = EventScene(tmp_path, vsftpd=(str(server.written("log")),))
        scene.now = time.time()
        scene.run()
        for name in USERS:
            with pytest.raises(ftplib.error_perm):
                Ftps(server, name, "guess")
        session = Ftps(server, server.user, server.password)
        session.ftp.cwd(server.remote_root)
        session.ftp.mkd(str(Path(FILES[1]).parent))
        for name in FILES:
            session.store(name)
        stored = {str(path.relative_to(server.root)) for path in server.root.rglob("*") if path.is_file()}
        session.close()
        scene.now = time.time() + 86400
        passed = scene.run()
    assert stored == set(FILES)
    events = [each for each in scene.events() if "ambiguous" not in each.get("ftp_synchronize", {})]
    assert (len(events) == len(scene.events())) == (protocol == "NO")
    actions = [each["event"]["action"] for each in events]
    assert {name: actions.count(name) for name in actions} == {
        "login_failed": len(USERS),
        "login": 1,
        "mkdir": 1,
        "upload": len(FILES),
        "session_summary": 1,
    }
    assert {each["user"]["name"] for each in events if each["event"]["action"] != "login_failed"} == {server.user}
    assert {each.get("source", {}).get("ip") for each in events} <= {"127.0.0.1", None}
    marked = found(scene, MARK)
    assert (len(marked["events"]), marked["forged"]) == (len(FILES) + len(USERS) + 1, []), marked
    assert passed.counters["unparsed_lines_total"] == 0


LISTED = ("userlist_enable=YES", "userlist_deny=NO", "userlist_file=/run/sync/files/users")
"""A list of users as the role ftps_server writes it: vsftpd refuses other names without a line in its log."""


def _refused(mark: str, log: Path) -> bool:
    return any(mark in line and "] FAIL " in line for line in log.read_text(errors="replace").splitlines())


def marked_over_ftps(directory: Path, config: tuple[str, ...], **endpoint: Any) -> tuple[dict[str, Any], EventScene]:
    """Return the result of tls_policy against a vsftpd, and the collector that has read its log."""
    with Vsftpd(config=config) as server:
        (server.root / "users").write_text(f"{server.user}\n")
        scene = EventScene(directory, vsftpd=(str(server.written("log")),))
        scene.now = time.time()
        scene.run()
        result = policy_task(server, endpoint=endpoint, marked_login=True)
        # vsftpd may write the line of a refused command after its reply, and with log_ftp_protocol the command before.
        mark = result.get("mark", "")
        assert not mark or eventually(lambda: _refused(mark, server.written("log"))), mark
        scene.now = time.time()
        passed = scene.run()
        kept = sorted(path.name for path in server.root.iterdir())
    assert (kept, passed.counters["unparsed_lines_total"]) == (["users"], 0)
    assert "failed" not in result, result["msg"]
    assert "any_login" not in ids(result)
    return result, scene


@pytest.mark.parametrize("protocol", ["NO", "YES"])
@pytest.mark.parametrize(("config", "action"), [((), "login_failed"), (LISTED, "delete")])
def test_the_marked_login_of_tls_policy(config: tuple[str, ...], action: str, protocol: str, tmp_path: Path) -> None:
    """The audit finds its event. Where vsftpd refuses the name before a password, it is the event of a deletion."""
    result, scene = marked_over_ftps(tmp_path, (f"log_ftp_protocol={protocol}", *config))
    assert result["not_checked"] == []
    marked = found(scene, result["mark"])
    assert [(each["action"], each["address"]) for each in marked["events"]] == [(action, "127.0.0.1")]
    assert marked["forged"] == []
    outcomes = {each["event"]["outcome"] for each in scene.events() if each["event"]["action"] == action}
    assert outcomes == {"failure"}


@pytest.mark.parametrize(
    ("config", "endpoint", "why"),
    [
        (LISTED, {"username": None, "password": None}, "before a password, and no account was given: 530 Permission"),
        ((*LISTED, "write_enable=NO"), {}, "the account must not delete: 550 Permission denied."),
    ],
)
def test_without_a_mark_the_reason_is_named(
    config: tuple[str, ...], endpoint: dict[str, Any], why: str, tmp_path: Path
) -> None:
    result, _scene = marked_over_ftps(tmp_path, config, **endpoint)
    (reason,) = [each["why"] for each in result["not_checked"] if each["what"] == "marked login"]
    assert (result["mark"], why in reason) == ("", True), reason


def test_proftpd_refuses_the_marked_login() -> None:
    with ProftpdFtps() as server:
        result = policy_task(server, marked_login=True)
        log = server.log()
    assert result["not_checked"] == []
    assert f"USER {result['mark']}] OK LOGIN: Client" in log
    assert "any_login" not in ids(result)
