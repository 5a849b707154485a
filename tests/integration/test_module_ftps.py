# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secure_sync over FTPS as a user runs it: ansible-playbook, the module packed by Ansible, real servers. The server's
own transcript shows the effects of a run at the server."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.judges.canaries import Sampler
from support.running.play import Play
from support.running.processes import lingering, mark
from support.running.scratch import scratch
from support.scenes.module_tasks import (
    Task,
    module_that_sends,
    own_directory,
    remote,
    slow_task,
    small_tree,
    task_maker,
)
from support.servers.accounts import Account
from support.servers.ftps_server import FtpsServer
from support.servers.ports import free_port
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served, served_by_each
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd
from support.trees.trees import differences, tree_digest

PROOFS = {Vsftpd: "read_back", ProftpdFtps: "server_hash"}
COMMAND = re.compile(r'FTP command: Client "[^"]*", "(.*)"$|^\d+ ([A-Z].*?): ', re.M)
WRITES = re.compile(
    r"(?:STOR|STOU|APPE|DELE|X?MKD|X?RMD|RNFR|RNTO|MFMT|MFF|SITE (?:CHMOD|UTIME|SYMLINK|MKDIR|RMDIR)|MDTM \d{14} )",
    re.I,
)
CONTENT = re.compile(r"(?:STOR|STOU|APPE|RETR)\b", re.I)


server = served_by_each(Vsftpd, ProftpdFtps)


vsftpd = served(Vsftpd)
"""For tests that do not depend on the kind of server."""


@pytest.fixture
def far(server: FtpsServer, request: pytest.FixtureRequest) -> Path:
    """Return a directory of this test's own at the server."""
    return own_directory(server, request.node.name)


@pytest.fixture
def task(server: FtpsServer, far: Path, tmp_path: Path) -> Task:
    """Return a function that makes a task with a good endpoint; options win."""
    return ftps_task_maker(server, far, tmp_path)


@pytest.fixture
def near(tmp_path: Path) -> Path:
    """Return a small local tree, old enough that its hashes are trusted."""
    root = small_tree(tmp_path / "near")
    (root / "sub" / "old").write_bytes(b"old\n")
    for path in root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return root


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return a place to run plays in."""
    return Play(tmp_path / "play")


def ftps_task_maker(server: FtpsServer, far: Path, directory: Path) -> Task:
    login = {"password": server.password, "ca_file": str(server.authority.file)}
    return task_maker(server, far, directory, protocol="ftps", **login)


def commands(server: FtpsServer, start: int = 0) -> list[str]:
    """Return the commands that the server took, from character `start` of its transcript on."""
    return [one or other for one, other in COMMAND.findall(server.transcript()[start:])]


def same(left: Path, right: Path) -> list[str]:
    """Return how two trees differ. The times of directories are for the server to have."""
    return differences(tree_digest(left), tree_digest(right))


def test_push_and_push_again_and_pull(task: Task, play: Play, near: Path, far: Path, server: FtpsServer) -> None:
    back = near.parent / "back"
    pull = task(direction="pull", src=remote(server, far) + "/tree", dest=str(back))
    start = len(server.transcript())
    (first,) = play.run([task()]).results
    assert first["failed"] is False, first["msg"]
    assert first["changed"] is True
    assert {name: first["totals"][name] for name in ("create_directory", "store", "failed_items", "skipped_items")} == {
        "create_directory": 3,
        "store": 3,
        "failed_items": 0,
        "skipped_items": 0,
    }
    proof = PROOFS[type(server)]
    assert {each["proof"] for each in first["changes"] if each["action"] == "store"} == {proof}
    assert first["proofs"][proof] == 3
    assert first["msg"].startswith("pushed 3 files (1.0 MiB) and created 3 directories in ")
    assert first["msg"].endswith(f"; all proven by {proof}")
    assert any(CONTENT.match(command) for command in commands(server, start)), "the transcript is not read right"
    assert same(near, far / "tree") == []

    start = len(server.transcript())
    (second,) = play.run([task()]).results
    assert (second["changed"], second["changes"], second["msg"]) == (
        False,
        [],
        "nothing to do; 3 files are the same, all proven by an earlier run",
    )
    assert second["stats"]["bytes_sent"] == second["stats"]["bytes_received"] == 0
    assert [command for command in commands(server, start) if CONTENT.match(command)] == lock_only(server, start)

    third, fourth = play.run([pull, pull]).results
    assert (third["failed"], third["changed"]) == (False, True), third["msg"]
    assert (fourth["failed"], fourth["changed"]) == (False, False), fourth
    assert same(near, back) == []


def test_refusals_have_the_codes_of_sftp(
    task: Task, play: Play, near: Path, far: Path, server: FtpsServer, tmp_path: Path
) -> None:
    """vsftpd gives no reason with its refusals."""
    there = remote(server, far)
    (far / "closed").mkdir(mode=0o555)
    (far / "part").mkdir()
    (far / "secret").mkdir()
    (far / "secret/file").write_bytes(b"")
    (far / "secret/file").chmod(0)
    server.give(far / "part")
    (far / "part/sub").mkdir()
    pull = {"direction": "pull", "src": f"{there}/secret", "dest": str(tmp_path / "back")}
    cases = [
        (task(dest=f"{there}/closed"), "Let the account list this directory and write to it, or correct dest"),
        (task(dest=f"{there}/closed/new"), "write to the parent directory, or correct dest."),
        (task(dest=f"{there}/closed", lock=False), "a.txt"),
        (task(dest=f"{there}/part"), "sub/empty"),
        (task(**pull), "file"),
    ]
    for (_case, words), result in zip(cases, play.run([case for case, _words in cases]).results, strict=True):
        codes = {item["path"]: item["code"] for item in result["failed_items"]}
        assert result["error"]["code"] == "permission_denied", result["msg"]
        assert words in result["msg"] or codes.get(words) == "permission_denied", result["failed_items"]


def lock_only(server: FtpsServer, start: int) -> list[str]:
    """Return those transfers of the transcript that are of the lock and of nothing else."""
    moved = [command for command in commands(server, start) if CONTENT.match(command)]
    return [command for command in moved if "/.secure_sync" in command]


def test_the_peer_is_told(task: Task, play: Play, near: Path, server: FtpsServer) -> None:
    (result,) = play.run([task()]).results
    assert result["failed"] is False, result["msg"]
    peer = result["peer"]
    assert peer["protocol"] == "TLSv1.3"
    assert peer["cipher"].startswith("TLS_")
    assert peer["certificate_subject"] == "CN=127.0.0.1"
    assert peer["certificate_fingerprint"] == server.certificate.fingerprint
    assert peer["certificate_pin"] == server.certificate.pin
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", peer["certificate_expires"])
    assert peer["data_channel_resumed"] is True
    assert [name for name in peer if name.startswith(("host_key", "key_exchange"))] == []
    # The shown value can be pinned.
    pinned, other = play.run(
        [task(tls_pins=[peer["certificate_pin"]]), task(tls_pins=[authority("others").server().pin])]
    ).results
    assert pinned["failed"] is False, pinned["msg"]
    assert other["error"]["code"] == "tls_pin_mismatch"
    assert peer["certificate_pin"] in other["msg"]


def test_check_mode_predicts_and_writes_nothing(
    task: Task, play: Play, near: Path, far: Path, server: FtpsServer
) -> None:
    play.run([task()])
    (near / "a.txt").write_bytes(b"second, longer\n")
    (near / "new").mkdir()
    (near / "new" / "c").write_bytes(b"")
    (far / "tree" / "extra").write_bytes(b"x")
    before = tree_digest(far, directory_mtime=True)
    options = {"delete": True, "max_delete": "50%"}
    start = len(server.transcript())
    (checked,) = play.run([task(**options)], "--check", "--diff").results
    asked = commands(server, start)
    assert [command for command in asked if WRITES.match(command)] == []
    assert tree_digest(far, directory_mtime=True) == before
    start = len(server.transcript())
    (real,) = play.run([task(**options)], "--diff").results
    assert [command for command in commands(server, start) if WRITES.match(command)], "writes would be seen"
    (again,) = play.run([task(**options)], "--check", "--diff").results
    assert real["failed"] is False, real["msg"]
    assert checked["changed"] is real["changed"] is True
    assert checked["totals"] == real["totals"]
    assert [(each["path"], each["action"], each["reason"]) for each in checked["changes"]] == [
        (each["path"], each["action"], each["reason"]) for each in real["changes"]
    ]
    assert checked["diff"] == real["diff"]
    lines = checked["diff"]["prepared"].splitlines()
    assert [line.split(" (")[0] for line in lines if "mtime" not in line] == [
        "- extra",
        "~ a.txt",
        "+ new",
        "+ new/c",
        "Total: 1 removal",
    ]
    assert again["changed"] is False, again["changes"]
    assert same(near, far / "tree") == []
    print(f"{len(asked)} commands in check mode, none of them writes")


def test_check_mode_of_a_first_run_writes_nothing(
    task: Task, play: Play, near: Path, far: Path, server: FtpsServer
) -> None:
    start = len(server.transcript())
    outside = Play(near.parent.parent / f"{near.parent.name}-play")
    before = tree_digest(near.parent)
    pushed, pulled = outside.run(
        [task(), task(direction="pull", src=remote(server, far), dest=str(near.parent / "none"))], "--check"
    ).results
    assert (pushed["changed"], pulled["changed"]) == (True, True)
    assert [command for command in commands(server, start) if WRITES.match(command)] == []
    assert list(far.iterdir()) == []
    assert tree_digest(near.parent) == before


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_checksum_finds_a_flip(
    direction: str, task: Task, play: Play, near: Path, far: Path, server: FtpsServer
) -> None:
    play.run([task()])
    options = (
        {} if direction == "push" else {"direction": "pull", "src": remote(server, far) + "/tree", "dest": str(near)}
    )
    damaged = (far / "tree" if direction == "push" else near) / "sub" / "b.bin"
    status = damaged.stat()
    content = bytearray(damaged.read_bytes())
    content[500_000] ^= 1
    damaged.write_bytes(content)
    os.utime(damaged, ns=(status.st_atime_ns, status.st_mtime_ns))
    quick, thorough, again = play.run(
        [
            task(compare="size_mtime", **options),
            task(compare="checksum", **options),
            task(compare="checksum", **options),
        ]
    ).results
    assert quick["changed"] is False
    assert [(each["path"], each["action"], each["reason"]) for each in thorough["changes"]] == [
        ("sub/b.bin", "store", "digest")
    ]
    assert (again["failed"], again["changed"]) == (False, False)
    assert same(near, far / "tree") == []


def test_delete_trash_and_their_limit(task: Task, play: Play, near: Path, far: Path) -> None:
    play.run([task()])
    for number in range(6):
        (far / "tree" / f"extra{number}").write_bytes(b"%d" % number)
    (near / "a.txt").write_bytes(b"another\n")
    before = tree_digest(far)
    (refused,) = play.run([task(delete=True, max_delete=5)]).results
    assert (refused["failed"], refused["changed"]) == (True, False)
    assert refused["error"]["code"] == "too_many_deletions"
    assert tree_digest(far) == before
    done, again = play.run([task(delete=True, max_delete=6, trash=".trash")] * 2).results
    assert (done["failed"], done["totals"]["remove"], done["totals"]["store"]) == (False, 6, 1), done["msg"]
    assert again["changed"] is False
    kept = {path.name: path.read_bytes() for path in (far / "tree" / ".trash").rglob("*") if path.is_file()}
    assert kept == {**{f"extra{number}": b"%d" % number for number in range(6)}, "a.txt": b"first\n"}
    assert {name for name in tree_digest(far / "tree") if not name.startswith(b".trash")} == set(tree_digest(near))


def test_single_files(task: Task, play: Play, near: Path, far: Path, server: FtpsServer) -> None:
    push = task(src=str(near / "a.txt"), dest=remote(server, far) + "/renamed")
    pull = task(direction="pull", src=remote(server, far) + "/renamed", dest=str(near.parent / "got"))
    start = len(server.transcript())
    results = play.run([push, push, pull, pull]).results
    assert [(result["failed"], result["changed"]) for result in results] == [(False, True), (False, False)] * 2
    assert len([command for command in commands(server, start) if command.startswith("PASS")]) == 4
    assert (far / "renamed").read_bytes() == (near.parent / "got").read_bytes() == b"first\n"


def test_a_name_that_ftp_cannot_say_fails_alone(task: Task, play: Play, near: Path, far: Path) -> None:
    (near / "line\nbreak").write_bytes(b"x")
    for name in (b"\xff\xfe", b"{{ 1 + 1 }}", b"back\\slash", b" blank", b"-rf", b"'\""):
        Path(os.fsdecode(os.path.join(os.fsencode(near), name))).write_bytes(name)
    played = play.run([task()])
    (result,) = played.results
    assert [(each["code"], each["path"]) for each in result["failed_items"]] == [("unsafe_name", "line\\x0abreak")]
    (near / "line\nbreak").unlink()
    assert same(near, far / "tree") == []


def test_no_write_permission(task: Task, play: Play, near: Path, far: Path) -> None:
    (far / "tree").mkdir(mode=0o755)
    (far / "tree" / "sub").mkdir(mode=0o755)
    os.chown(far / "tree", far.stat().st_uid, far.stat().st_gid)
    (result,) = play.run([task()]).results
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["error"]["code"] == "permission_denied"
    assert result["error"]["path"].startswith("sub")
    # vsftpd does not report why it cannot create a directory.
    assert {each["code"] for each in result["failed_items"]} <= {"permission_denied", "operation_failed"}
    assert [each["path"] for each in result["changes"] if each["action"] == "store"] == ["a.txt"]
    assert (far / "tree" / "a.txt").read_bytes() == b"first\n"


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path]:
    """Yield a directory on a file system of so many MiB."""
    place = scratch("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


@pytest.mark.parametrize("kind", [Vsftpd, ProftpdFtps])
def test_a_full_disk(kind: type[FtpsServer], play: Play, near: Path, tmp_path: Path) -> None:
    (near / "large").write_bytes(os.urandom(8 << 20))
    with small_disk(4) as disk, kind(disk) as server:
        task = ftps_task_maker(server, disk, tmp_path)
        (full,) = play.run([task()]).results
        assert full["failed"] is True
        assert [each["path"] for each in full["failed_items"]] == ["large"], full["msg"]
        # ProFTPD reports one of two errors: that the disk is full, or that it could not continue reading.
        assert full["error"]["code"] in ("no_space", *(["operation_failed"] if kind is ProftpdFtps else [])), full[
            "msg"
        ]
        assert sorted(each["path"] for each in full["changes"] if each["action"] == "store") == [
            "a.txt",
            "sub/b.bin",
            "sub/old",
        ]
        assert not (disk / "tree" / "large").exists()
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        room, again = play.run([task()] * 2).results
        assert (room["failed"], room["changed"], again["changed"]) == (False, True, False), room["msg"]
        assert same(near, disk / "tree") == []
        assert list(disk.rglob(".secure_sync*")) == []


def test_errors_have_code_and_cure(vsftpd: Vsftpd, play: Play, near: Path, tmp_path: Path) -> None:
    far = own_directory(vsftpd, "errors")
    task = ftps_task_maker(vsftpd, far, tmp_path)
    play.run([task()])
    for number in range(20):
        (far / "tree" / f"extra{number}").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    locked = authority().client(passphrase="right")
    client = {"client_cert_file": str(locked.chain), "client_key_file": str(locked.key)}
    before = tree_digest(far)
    unproven = {
        "certificate_untrusted": task(ca_file=str(authority("others").file)),
        "trust_store_unreadable": task(ca_file="/nowhere"),
        "tls_pin_mismatch": task(tls_pins=[authority("others").server().pin]),
        "not_tls": task(tls_mode="implicit", retries=0),
        "private_key_unusable": task(**client, client_key_passphrase="wrong"),
        "connection_failed": task(port=free_port(), retries=0),
        "invalid_request": task(host_keys=["SHA256:abc"]),
        "source_missing": task(src="/nowhere"),
    }
    start = len(vsftpd.transcript())
    results = dict(zip(unproven, play.run(list(unproven.values())).results, strict=True))
    early = commands(vsftpd, start)
    assert [command for command in early if command.startswith(("USER", "PASS"))] == [], "a credential left too early"
    proven = {
        "authentication_failed": task(password="wrong password"),
        "too_many_deletions": task(delete=True),
        "empty_source": task(src=str(tmp_path / "empty"), delete=True, max_delete="100%"),
    }
    start = len(vsftpd.transcript())
    results.update(zip(proven, play.run(list(proven.values())).results, strict=True))
    assert sum(command.startswith("PASS") for command in commands(vsftpd, start)) >= 3, (
        "the transcript is not read right"
    )
    assert {name: result["error"]["code"] for name, result in results.items()} == {name: name for name in results}
    for name, result in results.items():
        assert (result["failed"], result["changed"]) == (True, False), name
        assert result["error"]["cure"], name
        assert result["error"]["cure"] in result["msg"], name
        assert result.get("totals", {}).get("store", 0) == 0, name
    assert tree_digest(far) == before
    print(f"{len(results)} errors, each with code and cure, nothing changed")


def test_a_wrong_password_is_tried_once(vsftpd: Vsftpd, play: Play, near: Path, tmp_path: Path) -> None:
    start = len(vsftpd.transcript())
    task = ftps_task_maker(vsftpd, own_directory(vsftpd, "password"), tmp_path)
    (result,) = play.run([task(password="wrong password", parallel="4")]).results
    assert result["error"]["code"] == "authentication_failed"
    assert sum(command.startswith("PASS") for command in commands(vsftpd, start)) == 1


def test_no_secret_is_shown_anywhere(play: Play, near: Path, tmp_path: Path) -> None:
    locked = authority().client(passphrase="canary-passphrase")
    lines = [line for line in locked.key.read_text().splitlines() if not line.startswith("-----")]
    canaries = ["canary-password", "canary-passphrase", "canary-wrong", *lines]
    marked = mark()
    play.environment.update(marked, ANSIBLE_DISPLAY_TRACEBACK="always", ANSIBLE_KEEP_REMOTE_FILES="false")
    client = {"client_cert_file": str(locked.chain), "client_key_file": str(locked.key)}
    account = Account(password="canary-password")
    with Vsftpd(account=account, client_authority=authority()) as server:
        task = ftps_task_maker(server, own_directory(server, "canaries"), tmp_path)
        tasks = [
            task(**client, client_key_passphrase="canary-passphrase"),
            task(**client, client_key_passphrase="canary-wrong"),
            task(**client, client_key_passphrase="canary-passphrase", password="canary-wrong"),
            task(**client, client_key_passphrase="canary-passphrase\n"),
            task(**client, client_key_passphrase="canary-passphrase", src="/nowhere"),
            task(password="canary-password\r\nQUIT"),
            task(client_key_passphrase="canary-passphrase"),
            task(ca_file="/nowhere"),
        ]
        with Sampler(marked, canaries) as sampler:
            played = play.run(tasks, "-vvvvv", "--diff")
    told = [result.get("error", {}).get("code") for result in played.results]
    assert told == [
        None,
        "private_key_unusable",
        "authentication_failed",
        "invalid_request",
        "source_missing",
        "invalid_request",
        "invalid_request",
        "trust_store_unreadable",
    ]
    text = played.output + (tmp_path / "play" / "ansible.log").read_text()
    assert [canary for canary in canaries if canary in text] == []
    assert sampler.found == set()
    assert len(sampler.seen) > 8
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "play.yml"]
    assert [path for path in kept if any(canary.encode() in path.read_bytes() for canary in canaries)] == []
    print(f"{len(canaries)} canaries, {len(sampler.seen)} processes, {len(text)} characters of output: 0 found")


def test_a_signal_ends_the_run_in_order(task: Task, play: Play, near: Path, far: Path) -> None:
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near)]) as process:
        os.kill(module_that_sends(marked, far), signal.SIGTERM)
        (result,) = play.wait(process).results
    assert result["error"]["code"] == "interrupted", result["msg"]
    assert lingering(marked) == {}
    assert list(far.rglob(".secure_sync*")) == []
    assert not (far / "tree" / "large").exists()


def test_after_a_kill_the_next_run_cleans_up(task: Task, play: Play, near: Path, far: Path) -> None:
    marked = mark()
    play.environment.update(marked)
    with play.running([slow_task(task, near)]) as process:
        # Not while the lock is made: of a run that is killed then, the guard is waited for a minute long.
        os.kill(module_that_sends(marked, far), signal.SIGKILL)
        play.wait(process)
        assert lingering(marked) == {}
    assert [path.name for path in far.rglob(".secure_sync*")] != []
    (near / "large").unlink()
    (result,) = play.run([task()]).results
    assert result["failed"] is False, result["msg"]
    assert list(far.rglob(".secure_sync*")) == []
    assert same(near, far / "tree") == []
