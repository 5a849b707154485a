# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `content_check` against real servers and a real clamd: refused files get no name and do not leave."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import parse_utc
from pyrage import x25519
from support.running.tasks import run_task
from support.scenes.module_tasks import own_directory, remote
from support.scenes.sealed_pair import age_key
from support.servers import ssh_keys
from support.servers.clamd import FORBIDDEN, Clamd, clamd_option
from support.servers.ftps_server import FtpsServer
from support.servers.served import served, served_by_each
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

GOOD = {"a.csv": b"1;2\n", "empty": b"", "sub/large": bytes(range(256)) * 7000}
BAD = {"bad": b"x" * 70_000 + FORBIDDEN, "sub/bad": FORBIDDEN}
KEY = age_key()
IDENTITY, RECIPIENT = x25519.Identity.from_str(KEY.identity), x25519.Recipient.from_str(KEY.recipient)
OLD = time.time() - 3600
both_ways = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])

server = served_by_each(Sshd, Vsftpd)
clamd = served(Clamd)


class Scene:
    """A directory `near` on this host, a directory `far` at the server, and tasks between them with a scanner."""

    def __init__(self, running: Sshd | FtpsServer, far: Path, directory: Path, socket: Path) -> None:
        self.near, self.far, self.server = directory / "near", far, running
        self.quarantine = directory / "quarantine"
        self.near.mkdir()
        self.clamd = clamd_option(socket)
        login: dict[str, Any] = {"protocol": "ftps"}
        if isinstance(running, FtpsServer):
            login.update(password=running.password, ca_file=str(running.authority.file))
        else:
            login = {"private_key_file": str(running.key.path), "known_hosts_file": str(running.known_hosts)}
            login.update(ssh_config_file="none", ssh_agent=False)
        self._options = {
            "host": running.host,
            "port": running.port,
            "username": running.user,
            "state_dir": str(directory / "state"),
            **login,
        }

    def run(self, *, push: bool, check: bool = False, checks: dict[str, Any] | None = None, **options: Any) -> Any:
        near, far = str(self.near), remote(self.server, self.far)
        ends = {"src": near, "dest": far} if push else {"direction": "pull", "src": far, "dest": near}
        own = {"clamd": self.clamd} if checks is None else checks
        content_check = own if push else {"quarantine": str(self.quarantine), **own}
        return run_task(secure_sync, check=check, content_check=content_check, **{**self._options, **ends, **options})

    def source(self, *, push: bool) -> Path:
        return self.near if push else self.far

    def arrived(self, *, push: bool) -> dict[str, bytes]:
        return files(self.far if push else self.near)

    def fill(self, directory: Path, content: dict[str, bytes]) -> None:
        for name, data in content.items():
            path = directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (OLD, OLD))
        if directory == self.far:
            self.server.give(self.far)


@pytest.fixture
def scene(server: Sshd | FtpsServer, clamd: Clamd, request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(server, own_directory(server, request.node.name), tmp_path, clamd.socket)


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def codes(result: dict[str, Any]) -> dict[str, str]:
    return {item["path"]: item["code"] for item in result["failed_items"]}


@both_ways
def test_refused_files_get_no_name(scene: Scene, clamd: Clamd, push: bool) -> None:
    scene.fill(scene.source(push=push), {**GOOD, **BAD})
    result = scene.run(push=push)
    assert codes(result) == dict.fromkeys(BAD, "content_refused")
    assert "Test.Word.1" in result["failed_items"][0]["message"]
    assert scene.arrived(push=push) == GOOD
    told = result["content_check"]
    assert told["scanner"].startswith("ClamAV ")
    assert (told["checked"], told["refused"], told["unchecked"]) == (len(GOOD) + len(BAD), len(BAD), 0)
    assert abs(parse_utc(told["signatures"]) - clamd.made) < 120
    again = scene.run(push=push)
    assert (again["changed"], again["content_check"]["checked"]) == (False, len(BAD))
    if not push:
        judge_quarantine(scene)
    shutil.rmtree(scene.source(push=push) / "sub")
    (scene.source(push=push) / "bad").unlink()
    assert scene.run(push=push).get("failed") is None


def test_a_partner_fills_no_disk(scene: Scene) -> None:
    """What does not fit stays at the server, and gets no name."""
    scene.fill(scene.far, {**GOOD, **BAD})
    result = scene.run(push=False, checks={"clamd": scene.clamd, "quarantine_max_size": "100K"})
    assert sorted(codes(result).values()) == ["content_refused", "quarantine_failed"]
    assert "of 100.0 KiB at most" in json.dumps(result["failed_items"])
    assert len(files(scene.quarantine)) == 2
    assert (scene.arrived(push=False), files(scene.far)) == (GOOD, {**GOOD, **BAD})
    scene.run(push=False)
    judge_quarantine(scene)


def judge_quarantine(scene: Scene) -> None:
    """Each refused content is there once, with its findings, and nothing else."""
    kept = files(scene.quarantine)
    digests = {hashlib.sha256(data).hexdigest(): (name, data) for name, data in BAD.items()}
    assert set(kept) == {name for digest in digests for name in (digest, f"{digest}.json")}
    assert stat.S_IMODE(scene.quarantine.stat().st_mode) == 0o700
    for digest, (name, data) in digests.items():
        assert kept[digest] == data
        assert stat.S_IMODE((scene.quarantine / digest).stat().st_mode) == 0o600
        (finding,) = map(json.loads, kept[f"{digest}.json"].splitlines())
        assert (finding["path"], finding["sha256"], finding["size"]) == (name, digest, len(data))
        assert "Test.Word.1" in finding["reason"]


@both_ways
def test_a_single_file(scene: Scene, push: bool) -> None:
    source = scene.source(push=push)
    scene.fill(source, {"one": FORBIDDEN})
    paths = {"src": str(scene.near / "one")} if push else {"src": remote(scene.server, scene.far / "one")}
    result = scene.run(push=push, **paths)
    assert (codes(result), scene.arrived(push=push)) == ({"one": "content_refused"}, {})
    scene.fill(source, {"one": b"clean"})
    assert scene.run(push=push, **paths).get("failed") is None
    assert scene.arrived(push=push) == {"one": b"clean"}


@both_ways
def test_check_mode_checks_nothing(scene: Scene, push: bool) -> None:
    scene.fill(scene.source(push=push), BAD)
    result = scene.run(push=push, check=True, checks={"clamd": clamd_option(Path("/nonexistent/clamd.ctl"))})
    assert result.get("failed") is None
    assert result["totals"]["store"] == len(BAD)
    assert "content_check: check mode checks no content; a run can refuse files of this plan" in result["notes"]
    assert "content_check" not in result
    assert not scene.quarantine.exists()


@both_ways
def test_without_a_scanner_nothing_is_delivered(scene: Scene, push: bool) -> None:
    scene.fill(scene.source(push=push), GOOD)
    result = scene.run(push=push, checks={"clamd": clamd_option(Path("/nonexistent/clamd.ctl"))})
    assert (result["error"]["code"], scene.arrived(push=push)) == ("scanner_unavailable", {})
    late = scene.run(push=push, checks={"clamd": {**scene.clamd, "max_signature_age": "10m"}})
    assert (late["error"]["code"], scene.arrived(push=push)) == ("signatures_old", {})


@both_ways
def test_a_program_refuses_files(scene: Scene, push: bool, tmp_path: Path) -> None:
    """The program sees each file as it is at its source, and only the files that clamd calls clean."""
    program = tmp_path / "inspect"
    program.write_text("#!/bin/sh\necho asked >> $1\nif grep -q 1 $2; then echo 'has a 1'; exit 1; fi\n")
    program.chmod(0o700)
    scene.fill(scene.source(push=push), {"one": b"1\n", "two": b"2\n", **BAD})
    asked = tmp_path / "asked"
    result = scene.run(push=push, checks={"clamd": scene.clamd, "command": [str(program), str(asked)]})
    assert codes(result) == dict.fromkeys(["one", *BAD], "content_refused")
    assert "has a 1" in str(result["failed_items"])
    assert scene.arrived(push=push) == {"two": b"2\n"}
    assert asked.read_text() == "asked\n" * 2


def test_plain_contents_are_checked_before_they_are_sealed(scene: Scene) -> None:
    scene.fill(scene.near, {**GOOD, **BAD})
    result = scene.run(push=True, encrypt={"recipients": [KEY.recipient]})
    assert codes(result) == {f"{name}.age": "content_refused" for name in BAD}
    there = scene.arrived(push=True)
    assert {name.removesuffix(".age"): pyrage.decrypt(data, [IDENTITY]) for name, data in there.items()} == GOOD


def test_plain_contents_are_checked_after_they_are_opened(scene: Scene) -> None:
    content = {**GOOD, **BAD, "large bad": bytes(2_000_000) + FORBIDDEN}
    scene.clamd["max_size"] = "3M"
    scene.fill(scene.far, {f"{name}.age": pyrage.encrypt(data, [RECIPIENT]) for name, data in content.items()})
    result = scene.run(push=False, decrypt={"identities": [KEY.identity]})
    assert codes(result) == {f"{name}.age": "content_refused" for name in (*BAD, "large bad")}
    assert scene.arrived(push=False) == GOOD


@both_ways
def test_refused_files_do_not_leave_their_source(scene: Scene, push: bool) -> None:
    scene.fill(scene.source(push=push), {**GOOD, **BAD})
    for _each in range(2):
        result = scene.run(push=push, after_transfer="delete")
        assert set(codes(result).values()) == {"content_refused"}
        assert files(scene.source(push=push)) == BAD
        assert scene.arrived(push=push) == GOOD


def test_a_refused_file_keeps_the_old_file_and_deletes_nothing(scene: Scene) -> None:
    scene.fill(scene.far, {"a": b"new " + FORBIDDEN, "b": b"new"})
    scene.fill(scene.near, {"a": b"old", "extra": b"kept"})
    result = scene.run(push=False, delete=True, max_delete="100%", trash=".trash")
    assert codes(result) == {"a": "content_refused"}
    found = scene.arrived(push=False)
    assert {name: found[name] for name in ("a", "b", "extra")} == {"a": b"old", "b": b"new", "extra": b"kept"}


@both_ways
def test_changed_blocks_of_large_files_are_checked_as_a_whole(scene: Scene, push: bool) -> None:
    """A finding across a changed block and an old block is found, because the whole file is checked."""
    half = len(FORBIDDEN) // 2
    old = random.Random(1).randbytes(1 << 20) + FORBIDDEN[:half] + random.Random(2).randbytes(1 << 20)
    new = old[: (1 << 20) + half] + FORBIDDEN[half:] + old[(1 << 20) + len(FORBIDDEN) :]
    scene.clamd["max_size"] = "3M"
    options = {"delta": "always", "compare": "checksum"}
    scene.fill(scene.source(push=push), {"large": old})
    assert scene.run(push=push, **options).get("failed") is None
    scene.fill(scene.source(push=push), {"large": new})
    result = scene.run(push=push, **options)
    assert codes(result) == {"large": "content_refused"}
    assert scene.arrived(push=push) == {"large": old}


def test_a_signed_set_with_a_refused_file_is_not_published(scene: Scene) -> None:
    key = ssh_keys.key("unit")
    scene.fill(scene.near, {**GOOD, **BAD})
    result = scene.run(push=True, sign={"private_key_file": str(key.path)})
    assert codes(result) == dict.fromkeys(BAD, "content_refused")
    assert [name for name in scene.arrived(push=True) if name.startswith("MANIFEST")] == []
    for name in BAD:
        (scene.near / name).unlink()
    assert scene.run(push=True, sign={"private_key_file": str(key.path)}).get("failed") is None
    shutil.rmtree(scene.near)
    scene.near.mkdir()
    signer = f'sender namespaces="manifest@ftp-synchronize" {key.public}'
    pulled = scene.run(push=False, verify={"principal": "sender", "allowed_signers": [signer]})
    assert (pulled.get("failed"), pulled["content_check"]["checked"]) == (None, len(GOOD)), pulled["msg"]
    assert {name: scene.arrived(push=False)[name] for name in GOOD} == GOOD


def test_a_receipt_has_the_check(scene: Scene, tmp_path: Path) -> None:
    key = ssh_keys.key("unit")
    scene.fill(scene.far, {**GOOD, **BAD})
    result = scene.run(push=False, receipts={"path": str(tmp_path / "receipts"), "private_key_file": str(key.path)})
    receipt = json.loads(Path(result["receipt"]["path"]).read_text())
    assert receipt["content_check"] == result["content_check"]
    assert receipt["stats"]["files_refused"] == len(BAD)
    assert not any(f'"{name}"' in json.dumps(receipt) for name in BAD)  # a digest may have the letters


@both_ways
def test_limits_of_the_scanner(server: Sshd | FtpsServer, tmp_path: Path, push: bool, request: Any) -> None:
    """clamd checks no file above its limits, and says so with AlertExceedsMax. Files above max_size are not sent."""
    with Clamd(MaxFileSize="1M") as low:
        scene = Scene(server, own_directory(server, request.node.name), tmp_path, low.socket)
        scene.fill(scene.source(push=push), {"large": bytes((1 << 20) + 1), "small": b"1"})
        result = scene.run(push=push)
        assert (codes(result), scene.arrived(push=push)) == ({"large": "content_unchecked"}, {"small": b"1"})
        assert "MaxFileSize" in json.dumps(result["failed_items"])
        scene.clamd["max_size"] = "1M"
        result = scene.run(push=push)
        assert (codes(result), scene.arrived(push=push)) == ({"large": "content_unchecked"}, {"small": b"1"})
        low.stop()
        result = scene.run(push=push, compare="checksum")
        assert result["error"]["code"] == "scanner_unavailable"


def test_a_scanner_without_the_test_file_or_with_old_signatures(scene: Scene, tmp_path: Path) -> None:
    scene.fill(scene.near, GOOD)
    for settings, code in (({"eicar": False}, "scanner_unavailable"), ({"made": OLD - 30 * 86400}, "signatures_old")):
        with Clamd(**settings) as wrong:  # type: ignore[arg-type]
            result = scene.run(push=True, checks={"clamd": clamd_option(wrong.socket)})
        assert (result["error"]["code"], scene.arrived(push=True)) == (code, {})


def test_a_scanner_that_is_killed_in_the_middle(server: Sshd | FtpsServer, tmp_path: Path, request: Any) -> None:
    content = {f"{number:03}": b"%d" % number * 50_000 for number in range(60)}
    with Clamd() as scanner:
        scene = Scene(server, own_directory(server, request.node.name), tmp_path, scanner.socket)
        scene.fill(scene.near, content)
        killer = threading.Thread(target=_stop_at, args=(scanner, scene.far, 5))
        killer.start()
        result = scene.run(push=True, bandwidth_limit="2M")
        killer.join()
        assert result["failed"]
        assert result["error"]["code"] in ("scanner_unavailable", "content_unchecked")
        assert set(codes(result).values()) <= {"content_unchecked"}
        arrived = scene.arrived(push=True)
        assert 0 < len(arrived) < len(content)
        scanner.start()
        assert scene.run(push=True).get("failed") is None
    assert scene.arrived(push=True) == content


def _stop_at(scanner: Clamd, far: Path, least: int) -> None:
    """Kill the scanner once so many entries are at the server."""
    until = time.monotonic() + 60
    while sum(1 for _each in far.rglob("*")) < least and time.monotonic() < until:
        time.sleep(0.002)
    scanner.stop()
