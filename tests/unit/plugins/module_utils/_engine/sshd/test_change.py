# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a change, and its refusals by the real sshd. The rollback is a stand-in; tests/hosts has real hosts."""

from __future__ import annotations

import os
import pwd
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConfigurationInvalid,
    NotAsWanted,
    NotConfirmed,
    NotOverSsh,
    OwnerLockedOut,
    PortTaken,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import (
    administrators,
    change,
    daemon,
    keys,
    plan,
    rollback,
    stage,
    views,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import Client
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.profiles import PROFILES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.stage import File
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.wanted import Difference
from support.scripted.programs import Programs
from support.servers import ssh_keys


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were taken."""
    taken: list[str] = []
    guard = {name: lambda *_given, name=name: taken.append(name) for name in ("arm", "note", "restore")}
    monkeypatch.setattr(
        change, "guard", SimpleNamespace(key_files=lambda *_given: [], state_of=lambda *_given: "", **guard)
    )
    monkeypatch.setattr(
        change, "daemon", SimpleNamespace(check=lambda: taken.append("check"), effective=lambda *_given: {})
    )
    monkeypatch.setattr(change, "listening_unit", lambda _service: "ssh.service")
    monkeypatch.setattr(change, "differences", lambda *_given: [])
    monkeypatch.setattr(change, "write", lambda path, _file: taken.append(path))
    monkeypatch.setattr(change, "_reload", lambda *_given: taken.append("reload"))
    return taken


def carry_out(files: dict[str, File]) -> None:
    owner = SimpleNamespace(user="admin")
    change._carry_out(
        SimpleNamespace(files=files, owner=owner, new_keys=[], open_keys=[], expected=[]),
        SimpleNamespace(service="ssh", timeout=60),
    )


def test_a_file_of_the_end_is_written_after_sshd_has_the_others(steps: list[str]) -> None:
    carry_out({"pam": File("rest", last=True), "drop-in": File("new")})
    assert steps == ["arm", "drop-in", "check", "reload", "pam", "note"]


def test_other_files_are_written_in_their_order(steps: list[str]) -> None:
    carry_out({"pam": File("block and rest"), "drop-in": File("new")})
    assert steps == ["arm", "pam", "drop-in", "check", "reload", "note"]


def test_an_error_at_the_end_restores_all(steps: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(change, "write", lambda path, _file: (tmp_path / path / "none").touch())
    with pytest.raises(FileNotFoundError):
        carry_out({"pam": File("rest", last=True)})
    assert steps == ["arm", "check", "reload", "restore"]


class Server:
    """The files of an sshd, which the real sshd reads, and a port on which this test listens in its place.

    taken: steps of the rollback; the timer and the units of a host are not there
    facts: as noted for the confirmation
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
        self.root, self.port = root, port
        self.taken: list[str] = []
        self.facts: dict[str, Any] = {}
        self.armed: tuple[Any, ...] = ()
        self.pending: dict[str, Any] | None = None
        self.in_time, self.reached = True, True
        self.config, self.drop_ins = root / "sshd_config", root / "sshd_config.d"
        self.drop_in = self.drop_ins / "10-test.conf"
        self.drop_ins.mkdir()
        self.keys = [root / "ssh_host_ed25519_key", root / "ssh_host_rsa_key"]
        self.keys[0].write_text(ssh_keys.key("host-change").path.read_text())
        self.keys[0].chmod(0o600)
        self.write("")
        for module in (change, daemon, stage, plan, views, administrators):
            monkeypatch.setattr(module, "CONFIG", str(self.config))
        for module in (stage, rollback):
            monkeypatch.setattr(module, "DROP_INS", str(self.drop_ins))
        monkeypatch.setattr(plan, "DROP_IN", str(self.drop_in))
        for function in (daemon.check, daemon.effective, views.configured, views.views, views.views_of_all):
            defaults = tuple(
                str(self.config) if each == "/etc/ssh/sshd_config" else each for each in function.__defaults__
            )
            monkeypatch.setattr(function, "__defaults__", defaults)
        monkeypatch.setattr(keys, "HOST_KEYS", tuple(map(str, self.keys)))
        monkeypatch.setattr(keys, "MODULI", str(root / "moduli"))
        monkeypatch.setattr(views, "_RENEWED_SECONDS", 0.1)
        monkeypatch.setattr(views, "_SECONDS", 0.5)
        if os.geteuid():
            monkeypatch.setattr(daemon, "_PRIVILEGE_SEPARATION", str(root / "run"))
        for name in ("arm", "restore", "note", "pending", "disarm", "restored"):
            monkeypatch.setattr(change.guard, name, getattr(self, f"_{name}"))
        monkeypatch.setattr(change.session, "owner", self._owner)
        self.programs = Programs(root, monkeypatch)
        self.programs.put("systemctl", 'test "$2" != is-active')

    def write(self, lines: str, *after: str) -> None:
        """Write the main file. after: lines behind the drop-ins"""
        plain = f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.keys[0]}\nUsePAM no\n"
        self.config.write_text(f"{plain}{lines}Include {self.drop_ins}/*.conf\n" + "".join(after))

    def _arm(self, *given: Any) -> None:
        self.armed = given
        self.taken.append("arm")

    def _restore(self) -> None:
        self.taken.append("restore")

    def _note(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.taken.append("note")

    def _pending(self) -> dict[str, Any] | None:
        return self.pending

    def _disarm(self) -> bool:
        self.taken.append("disarm")
        return self.in_time

    def _restored(self) -> bool:
        return "restore" in self.taken

    def _owner(self) -> Client:
        if not self.reached:
            raise NotOverSsh("this host was not reached over SSH")
        return Client(pwd.getpwuid(os.getuid()).pw_name, "127.0.0.1")

    def apply(self, text: str = "", *, check_mode: bool = False, **more: Any) -> change.Report:
        """Apply a change of one drop-in; the profile is none by default."""
        extra = {str(self.drop_in): File(text, 0o640)} if text else {}
        plain = plan.Request(None, {}, None, plan.DROP_IN_LAYOUT, False, extra, {}, "ssh", 90)
        return change.apply(plain._replace(**more), check_mode=check_mode)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    if not os.geteuid():
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Server(tmp_path, monkeypatch, listener.getsockname()[1])


NEW = "X11Forwarding no\n"
WANTED = {"root": {"X11Forwarding": "no"}}


class TestApply:
    def test_a_change_waits_for_its_confirmation_and_a_second_run_changes_nothing(self, server: Server) -> None:
        report = server.apply(NEW, expected=WANTED)
        assert dict(report.changes) == {str(server.drop_in): ("", NEW)}
        assert (report.changed, report.waiting, report.owner) == (True, True, pwd.getpwuid(os.getuid()).pw_name)
        assert (server.drop_in.read_text(), server.drop_in.stat().st_mode & 0o777) == (NEW, 0o640)
        assert server.taken == ["arm", "note"]
        assert server.armed[:3] == (90, "ssh", [str(server.drop_in)])
        files = [str(server.config), str(server.drop_in)]
        assert (server.facts["files"], server.facts["owner"]) == (files, report.owner)
        assert server.facts["state"] == rollback.state_of(files)
        assert abs(server.facts["applied"] - time.clock_gettime(time.CLOCK_BOOTTIME)) < 600
        assert server.programs.calls[-1] == "systemctl reload-or-restart ssh"
        again = server.apply(NEW, expected=WANTED)
        assert (again.changed, again.waiting, server.taken) == (False, False, ["arm", "note"])

    def test_check_mode(self, server: Server) -> None:
        server.pending = {}
        report = server.apply(NEW, expected=WANTED, check_mode=True)
        assert (report.changed, report.waiting, server.taken) == (True, False, [])
        assert not server.drop_in.exists()

    def test_a_change_that_waits_is_undone_before_the_next(self, server: Server) -> None:
        server.pending = {}
        server.apply(NEW)
        assert server.taken == ["restore", "arm", "note"]

    @pytest.mark.parametrize(
        ("before", "after", "text", "error", "words"),
        [
            ("", "", "NoSuchKeyword yes\n", ConfigurationInvalid, "refuses the configuration"),
            ("X11Forwarding yes\n", "", NEW, NotAsWanted, "x11forwarding for root would be yes, not no"),
            ("", "", NEW + "DenyUsers *\n", OwnerLockedOut, "who makes this change, could no longer log in: DenyUsers"),
        ],
    )
    def test_a_refused_change_changes_nothing(
        self, server: Server, before: str, after: str, text: str, error: type[Exception], words: str
    ) -> None:
        server.write(before, after)
        with pytest.raises(error, match=words):
            server.apply(text, expected=WANTED)
        assert (server.taken, server.drop_in.exists()) == ([], False)

    def test_a_port_of_another_service_is_refused(self, server: Server) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(PortTaken, match=f"port {port} is already in use"):
                server.apply(f"Port {port}\n")
        assert server.taken == []

    def test_a_port_on_which_sshd_does_not_listen_restores_all(self, server: Server) -> None:
        with socket.socket() as idle:
            idle.bind(("127.0.0.1", 0))
            port = idle.getsockname()[1]
            with pytest.raises(NotAsWanted, match=f"sshd does not listen on the configured port {port}"):
                server.apply(f"Port {port}\n")
        assert server.taken == ["arm", "restore"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_present_configuration_that_sshd_refuses(self, server: Server, *, check_mode: bool) -> None:
        """A rollback would restore it, and sshd would not start with it."""
        server.drop_in.write_text("NoSuchKeyword yes\n")
        with pytest.raises(ConfigurationInvalid, match=r"10-test.conf: line 1") as caught:
            server.apply(NEW, check_mode=check_mode)
        assert (server.taken, caught.value.cure) == ([], "Correct the file that the message names.")


class TestProfile:
    PROFILE = PROFILES["pq_only-2026"]

    @pytest.mark.parametrize("there", [False, True])
    def test_a_host_key_is_made_or_closed_to_others(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, *, there: bool
    ) -> None:
        second = server.root / "ssh_host_second_key"
        monkeypatch.setattr(keys, "HOST_KEYS", (str(server.keys[0]), str(second)))
        if there:
            second.write_text(ssh_keys.key("host-second").path.read_text())
            second.chmod(0o644)
        words = f"host key {'closed to others' if there else 'made'}: {second}"
        assert server.apply(profile=self.PROFILE, check_mode=True).host_keys == [words]
        assert (second.exists(), there and second.stat().st_mode & 0o777) == (there, there and 0o644)
        report = server.apply(profile=self.PROFILE)
        assert (report.host_keys, report.waiting, second.stat().st_mode & 0o777) == ([words], True, 0o600)
        assert server.apply(profile=self.PROFILE).host_keys == []

    def test_without_a_profile_host_keys_are_of_others(self, server: Server) -> None:
        assert server.apply(NEW).host_keys == []
        assert not server.keys[1].exists()

    def test_moduli_are_shown_by_their_number(self, server: Server) -> None:
        line = "20260101000000 2 6 100 %d 2 AA\n"
        (server.root / "moduli").write_text(line % 1023 + line % 4095)
        changes = server.apply(profile=self.PROFILE, strong_moduli=True, check_mode=True).changes
        many, few = "1 moduli of 1023 bits\n1 moduli of 4095 bits\n", "1 moduli of 4095 bits\n"
        assert changes[str(server.root / "moduli")] == (many, few)

    def test_lines_that_take_precedence_are_overtaken_by_an_include(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the layout of a whole file, other lines are gone anyway."""
        tried: list[bool] = []
        right = change.files

        def files(*given: Any, include: bool = False) -> dict[str, File]:
            tried.append(include)
            return right(*given, include=include)

        monkeypatch.setattr(change, "files", files)
        monkeypatch.setattr(change, "_asked", lambda *_given: [] if tried[-1] else [Difference("root", "x", "y", "z")])
        server.apply(profile=self.PROFILE, check_mode=True)
        assert tried == [False, True]
        with pytest.raises(NotAsWanted):
            server.apply(profile=self.PROFILE, layout=plan.WHOLE_FILE, check_mode=True)
        assert tried == [False, True, False]


class TestTrial:
    """The host was not reached over SSH."""

    def test_the_host_tries_the_configuration_itself(self, server: Server) -> None:
        server.reached = False
        report = server.apply(NEW, expected=WANTED, by_trial=True)
        assert (report.changed, report.waiting, report.owner, report.notes) == (True, False, "root", [change.UNPROVEN])
        assert server.taken == ["arm", "note", "disarm"]
        again = server.apply(NEW, expected=WANTED, by_trial=True)
        assert (again.changed, again.notes, server.taken) == (False, [], ["arm", "note", "disarm"])

    def test_without_a_trial_it_is_refused(self, server: Server) -> None:
        server.reached = False
        with pytest.raises(NotOverSsh):
            server.apply(NEW)

    def test_a_change_that_took_too_long(self, server: Server) -> None:
        server.in_time = False
        with pytest.raises(NotConfirmed, match="took too long"):
            server.apply(NEW, by_trial=True)

    @pytest.mark.parametrize(
        ("text", "error", "words"),
        [
            ("DenyUsers *\n", OwnerLockedOut, "no administrator could log in"),
            ("PubkeyAuthentication no\n", NotAsWanted, "does not serve the configuration"),
        ],
    )
    def test_a_configuration_without_a_login(
        self, server: Server, text: str, error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            server.apply(text, by_trial=True)
        assert (server.taken, server.drop_in.exists()) == ([], False)


def test_verification_reports_differences_and_changes_nothing(server: Server) -> None:
    server.reached = False
    server.write("X11Forwarding yes\n")
    request = plan.Request(None, {}, None, plan.DROP_IN_LAYOUT, False, {}, WANTED, "ssh", 90)
    assert change.verify(request) == [Difference("root", "x11forwarding", "no", "yes")]
    assert server.taken == []


@pytest.mark.parametrize("waits", [True, False])
def test_a_change_is_undone_while_it_waits(server: Server, *, waits: bool) -> None:
    server.pending = {} if waits else None
    assert change.undo() is waits
    assert server.taken == ["restore"] * waits
