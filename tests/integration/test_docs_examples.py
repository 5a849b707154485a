# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of README and docs that is marked as runnable, run by ansible-playbook against a real server.

Examples run unchanged, except for the values that only a reader knows: host, port, account, key, certificates and pins
of the test's server replace them, and a local absolute path is moved below a directory of the test. The server is an
sshd with a jailed account, which is enough according to the documentation, or a vsftpd with the set-up of the example:
implicit TLS, and a required client certificate as in the example."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.running.examples import Example, examples
from support.running.play import Play
from support.servers.accounts import Account
from support.servers.clamd import Clamd
from support.servers.ftps_server import FtpsServer
from support.servers.sshd import Sshd
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd

MODULE = "secure.ftp_synchronize.secure_sync"
PASSWORD = "right horse"
PASSPHRASE = "open the client key"
RUNNABLE = [example for example in examples() if example.runnable]
CONTENT = {"a.csv": b"1;2\n", "b.tmp.csv": b"x", "drafts/c.csv": b"draft", "sub/d.bin": bytes(range(256)) * 300}


@pytest.fixture
def server(example: Example) -> Iterator[Sshd | FtpsServer]:
    with server_for(example) as running:
        yield running


def server_for(example: Example) -> Sshd | FtpsServer:
    """Return the server that an example is for, not running yet."""
    account = Account(password=PASSWORD)
    options = merged(example)
    if options.get("protocol") != "ftps":
        return Sshd(jail=True, password=True, account=account)
    return Vsftpd(
        account=account,
        implicit=options.get("tls_mode") == "implicit",
        client_authority=authority() if "client_cert_file" in options else None,
    )


def merged(example: Example) -> dict[str, Any]:
    """Return all options of an example's tasks and of its play."""
    return {
        name: value
        for each in (example.defaults, *(task[MODULE] for task in example.tasks))
        for name, value in each.items()
    }


@pytest.fixture(scope="module")
def gate() -> Iterator[Sshd]:
    with Sshd(name="gate", forwarding=True) as running:
        yield running


@pytest.fixture
def scanner(example: Example) -> Iterator[str]:
    """Yield the socket of a clamd, for an example that has one."""
    if "clamd" not in str(example.tasks):
        yield ""
        return
    with Clamd(StreamMaxLength="25M", MaxFileSize="25M", MaxScanSize="100M") as clamd:
        yield str(clamd.socket)


class Stage:
    """The scene of one example: the server, a directory for local paths, and the reader's values."""

    scanner = ""

    def __init__(self, server: Sshd | FtpsServer, gate: Sshd, directory: Path) -> None:
        self.server, self.directory = server, directory
        self.variables: dict[str, Any] = {"partner_password": PASSWORD}
        self.ours: dict[str, Any] = {"host": server.host, "username": server.user}
        if isinstance(server, FtpsServer):
            self._for_ftps(server)
        else:
            self._for_ssh(server, gate)

    def _for_ssh(self, server: Sshd, gate: Sshd) -> None:
        known_hosts = self.directory / "known_hosts"
        known_hosts.write_text(server.known_hosts_line() + gate.known_hosts_line())
        self.variables.update(partner_private_key=server.key.text, partner_host_keys=server.host_public_keys)
        self.pins = {"host_keys": server.fingerprints}
        self.ours.update(
            private_key_file=str(server.key.path),
            known_hosts_file=str(known_hosts),
            proxy_jump=[f"{gate.user}@{gate.host}:{gate.port}"],
        )

    def _for_ftps(self, server: FtpsServer) -> None:
        client = authority().client(passphrase=PASSPHRASE)
        self.variables.update(reader_key_passphrase=PASSPHRASE)
        # The second pin belongs to a reserve key.
        self.pins = {"tls_pins": [server.certificate.pin, client.pin]}
        self.ours.update(
            ca_file=str(server.authority.file), client_cert_file=str(client.chain), client_key_file=str(client.key)
        )

    def endpoint(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options, with this server's values for those that only a reader knows."""
        changed = {name: self.ours.get(name, value) for name, value in options.items()}
        # Written-out values are the reader's; variables already have the test's values.
        changed.update({name: pins for name, pins in self.pins.items() if isinstance(options.get(name), list)})
        return {**changed, "port": self.server.port} if "host" in options else changed

    def task(self, task: dict[str, Any]) -> dict[str, Any]:
        """The task of an example, to be run here."""
        options = self.endpoint(task[MODULE])
        for name in ("src", "dest", "state_dir"):
            if name in options and options[name].startswith("/"):
                options[name] = str(self.local(options[name]))
        if "content_check" in options:
            options["content_check"] = self._checks(options["content_check"])
        if "state_dir" not in options:
            options["state_dir"] = str(self.directory / "state")
        if "password" not in options:
            options["ssh_agent"] = False
        options["ssh_config_file"] = "none"
        return {**task, MODULE: options}

    def _checks(self, given: dict[str, Any]) -> dict[str, Any]:
        """The check of content with the test's clamd, or a program that admits all."""
        if "clamd" in given:
            quarantine = str(self.local(given["quarantine"]))
            return {**given, "clamd": {**given["clamd"], "socket": self.scanner}, "quarantine": quarantine}
        program = self.local(given["command"][0])
        write(program.parent, {program.name: b"#!/bin/sh\n"})
        program.chmod(0o700)
        return {**given, "command": [str(program), *given["command"][1:]]}

    def local(self, path: str) -> Path:
        """Where a local path of an example lies."""
        return self.directory / path.lstrip("/")

    def ends(self, task: dict[str, Any]) -> tuple[Path, Path]:
        """Source and destination of an example's task on this machine's disk."""
        options = task[MODULE]
        here, there = ("src", "dest") if options.get("direction", "push") == "push" else ("dest", "src")
        ends = {here: self.local(options[here]), there: self.server.root / options[there]}
        return ends["src"], ends["dest"]

    def prepare(self, task: dict[str, Any]) -> None:
        """Create the source, and the parent of the destination; a mirror finds one file too many."""
        source, destination = self.ends(task)
        if source.suffix:
            write(source.parent, {source.name: b"one file\n"})
        else:
            write(source, CONTENT)
            os.symlink("a.csv", source / "link")
            if task[MODULE].get("marker") and task[MODULE].get("direction") == "pull":
                write(source, {f"{name}.done": b"" for name in CONTENT})
        destination.parent.mkdir(parents=True, exist_ok=True)
        if task[MODULE].get("delete"):
            write(destination, {"old.csv": b"old", **CONTENT, "a.csv": b"before\n"})
            write(destination, {f"sub/{number}": b"same" for number in range(8)})
            write(source, {f"sub/{number}": b"same" for number in range(8)})
        self.server.give(self.server.root)


@pytest.mark.parametrize("example", RUNNABLE, ids=[example.name for example in RUNNABLE])
def test_the_example_runs_and_then_rests(
    example: Example, server: Sshd | FtpsServer, gate: Sshd, scanner: str, tmp_path: Path
) -> None:
    stage = Stage(server, gate, tmp_path)
    stage.scanner = scanner
    for task in example.tasks:
        stage.prepare(task)
    keywords: dict[str, Any] = {"vars": {"ansible_python_interpreter": sys.executable, **stage.variables}}
    if example.defaults:
        keywords["module_defaults"] = {"group/secure.ftp_synchronize.endpoint": stage.endpoint(example.defaults)}
    play = Play(tmp_path / "play", keywords=keywords)
    tasks = [stage.task(task) for task in example.tasks]
    first = play.run(tasks)
    assert [result.get("error") for result in first.results] == [None] * len(tasks), first.output
    assert [result["changed"] for result in first.results] == [True] * len(tasks), first.output
    for task, result in zip(example.tasks, first.results, strict=True):
        judge(stage, task, result)
    if not any(task.get("check_mode") for task in tasks):
        second = play.run(tasks)
        assert [result["changed"] for result in second.results] == [False] * len(tasks), second.output
        assert [result.get("error") for result in second.results] == [None] * len(tasks), second.output


def judge(stage: Stage, task: dict[str, Any], result: dict[str, Any]) -> None:
    """Compare the destination with the task's options, by the test's own SHA-256."""
    source, destination = stage.ends(task)
    options = task[MODULE]
    if task.get("check_mode"):
        assert not destination.exists()
        assert "+ a.csv (file" in result["diff"]["prepared"]
        return
    if source.is_file():
        assert destination.read_bytes() == source.read_bytes()
        return
    want = before(source, options)
    if options.get("include") == ["*.csv"]:
        want = {"a.csv": want["a.csv"]}
    have = digests(destination)
    if options.get("marker"):
        markers = {name for name in have if name.endswith(".done")}
        assert markers == (set() if options.get("direction") == "pull" else {f"{name}.done" for name in want})
        have = {name: digest for name, digest in have.items() if name not in markers}
    trash = options.get("trash")
    if trash:
        depth = 1 if options.get("trash_max_age") is None else 2
        kept = {name.split("/", depth)[-1]: digest for name, digest in have.items() if name.startswith(f"{trash}/")}
        assert kept == {"old.csv": sha256(b"old"), "a.csv": sha256(b"before\n")}
        have = {name: digest for name, digest in have.items() if not name.startswith(f"{trash}/")}
    assert have == want
    assert (destination / "link").is_symlink() == (options.get("links") == "copy")
    assert (result["proofs"]["none"] == 0) == (options.get("proof") != "none")


def before(source: Path, options: dict[str, Any]) -> dict[str, str]:
    """Return the digests of the files that the source had before the run."""
    after = digests(source)
    if options.get("after_transfer", "keep") == "keep":
        return after
    if options["after_transfer"] == "delete":
        assert after == {}
        return {name: sha256(data) for name, data in CONTENT.items()}
    assert all(name.startswith(options["archive_dir"] + "/") for name in after)
    return {name.removeprefix(options["archive_dir"] + "/"): digest for name, digest in after.items()}


def test_there_are_examples_of_what_the_guide_promises() -> None:
    used = {name for example in RUNNABLE for name in merged(example)}
    wanted = (
        "direction compare proof delete trash trash_max_age include exclude links host_keys known_hosts_file "
        "private_key proxy_jump in_place deliver_once after_transfer archive_dir min_age "
        "protocol tls_mode tls_min_version ca_file tls_pins client_cert_file client_key_file client_key_passphrase"
    )
    assert set(wanted.split()) - used == set()
    assert sum(merged(example).get("protocol") == "ftps" for example in RUNNABLE) >= 4
    assert len(RUNNABLE) >= 12


def write(directory: Path, content: dict[str, bytes]) -> None:
    for name, data in content.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_700_000_000, 1_700_000_000))


def digests(root: Path) -> dict[str, str]:
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path.relative_to(root)): sha256(path.read_bytes()) for path in files}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
