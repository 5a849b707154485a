# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes of users: each ends with a code, a message and a cure, before anything is written at either end.

For the same in a playbook, see test_module_secure_sync.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.results import sync_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.secure_sync import remarks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials, SshTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from support.running.child import NOBODY, in_child
from support.running.patience import HANG_SECONDS
from support.running.scratch import scratch
from support.scenes.sync_runs import Ran, SyncRuns
from support.scripted.scripted_sftp import scripted
from support.servers.ports import free_port
from support.servers.proxy import Proxy
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.trees.trees import Seen, differences, tree_digest

PAST = 1_600_000_000
SOURCE = {"a": b"new", "sub/b": b"b" * 100_000}
DESTINATION = {"a": b"old bytes", **{f"extra{number}": b"extra" for number in range(20)}}


server = served(Sshd, authorized=(key("client"), key("locked", passphrase="right")))


@pytest.fixture(params=[True, False], ids=["push", "pull"])
def runs(server: Sshd, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SyncRuns]:
    """Give runs between two trees that differ."""
    area = server.root / "area"
    made = SyncRuns(server, tmp_path / "area" / "tree", area / "tree", push=request.param, state_dir=tmp_path / "state")
    for root, tree in ((made.source, SOURCE), (made.destination, DESTINATION)):
        write(root, tree)
    server.give(area)
    yield made
    shutil.rmtree(area)


def write(root: Path, tree: dict[str, bytes]) -> None:
    """Make a tree whose files are from the past."""
    for name, content in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        os.utime(root / name, (0, PAST))


def ends(runs: SyncRuns) -> list[dict[bytes, Seen]]:
    """Return all that stands at both ends."""
    return [tree_digest(runs.near.parent), tree_digest(runs.far.parent)]


def told(runs: SyncRuns, code: str, **options: Any) -> Ran:
    """One run that must end with `code` and change nothing."""
    before = ends(runs)
    ran = runs.run(**options)
    after = ends(runs)
    assert ran.report.error is not None, ran
    assert ran.report.error.code == code, str(ran)
    assert ran.report.error.message, ran
    assert ran.report.error.cure, f"no cure: {ran}"
    assert not ran.changed, ran
    assert [differences(*each) for each in zip(before, after, strict=True)] == [[], []]
    assert ran.seconds < HANG_SECONDS
    return ran


def credentials(runs: SyncRuns, **changes: Any) -> Credentials:
    """Return the good credentials, changed."""
    return runs.request().credentials._replace(**changes)


def trust(*host_keys: str) -> SshTrust:
    return SshTrust(host_keys=host_keys)


def locked_key(tmp_path: Path) -> str:
    return str(key("locked", passphrase="right").path)


def open_key(tmp_path: Path) -> str:
    path = tmp_path / "open"
    path.write_text(key("client").text)
    path.chmod(0o644)
    return str(path)


def not_a_key(tmp_path: Path) -> str:
    path = tmp_path / "not-a-key"
    path.write_text("hello\n")
    path.chmod(0o600)
    return str(path)


Options = Callable[[SyncRuns, Path], dict[str, Any]]
PEERS: dict[str, tuple[str, Options]] = {
    "unknown host": ("unknown_host", lambda runs, tmp: {"trust": SshTrust(known_hosts_file="/dev/null")}),
    "changed key": ("host_key_changed", lambda runs, tmp: {"trust": trust(key("somebody").public)}),
    "changed fingerprint": ("host_key_changed", lambda runs, tmp: {"trust": trust(key("somebody").fingerprint)}),
    "revoked key": (
        "host_key_revoked",
        lambda runs, tmp: {"trust": trust(*(f"@revoked {each}" for each in runs.server.host_public_keys))},
    ),
    "no such known_hosts": ("trust_store_unreadable", lambda runs, tmp: {"trust": SshTrust(known_hosts_file="/no")}),
    "key open to all": (
        "private_key_unusable",
        lambda runs, tmp: {"credentials": credentials(runs, private_key_file=open_key(tmp))},
    ),
    "no such key": (
        "private_key_unusable",
        lambda runs, tmp: {"credentials": credentials(runs, private_key_file=str(tmp / "none"))},
    ),
    "not a key": (
        "private_key_unusable",
        lambda runs, tmp: {"credentials": credentials(runs, private_key_file=not_a_key(tmp))},
    ),
    "wrong passphrase": (
        "private_key_unusable",
        lambda runs, tmp: {
            "credentials": credentials(runs, private_key_file=locked_key(tmp), passphrase="wrong-canary")
        },
    ),
    "no passphrase": (
        "private_key_unusable",
        lambda runs, tmp: {"credentials": credentials(runs, private_key_file=locked_key(tmp))},
    ),
    "a key that may not log in": (
        "authentication_failed",
        lambda runs, tmp: {"credentials": credentials(runs, private_key_file=str(key("stranger").path))},
    ),
    "no such account": ("authentication_failed", lambda runs, tmp: {"username": "nobody-by-that-name"}),
    "nobody listens": ("connection_failed", lambda runs, tmp: {"port": free_port(), "retries": 1}),
    "no such name": ("connection_failed", lambda runs, tmp: {"host": "host.invalid", "retries": 0}),
}
TREES: dict[str, tuple[str, dict[str, Any]]] = {
    "invalid exclude": ("invalid_pattern", {"exclude": ("[a",)}),
    "invalid include": ("invalid_pattern", {"include": ("ok", "a\\")}),
    "max_delete, number": ("too_many_deletions", {"delete": True, "max_delete": DeleteLimit(19, False)}),
    "max_delete, percent": ("too_many_deletions", {"delete": True, "max_delete": DeleteLimit(90, True)}),
    "everything excluded": ("empty_source", {"delete": True, "exclude": ("a", "sub")}),
    "trash outside": ("invalid_request", {"delete": True, "trash": b"../trash"}),
    "trash absolute": ("invalid_request", {"delete": True, "trash": b"/trash"}),
}


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
@pytest.mark.parametrize(("code", "options"), PEERS.values(), ids=PEERS)
def test_the_peer(code: str, options: Options, client: str, runs: SyncRuns, tmp_path: Path) -> None:
    ran = told(runs, code, ssh_client=client, connect_timeout=5.0, **options(runs, tmp_path))
    assert "wrong-canary" not in f"{ran} {ran.report!r}"


@pytest.mark.parametrize(("code", "options"), TREES.values(), ids=TREES)
def test_the_trees(code: str, options: dict[str, Any], runs: SyncRuns) -> None:
    told(runs, code, **options)


def test_a_host_that_does_not_answer(runs: SyncRuns) -> None:
    with Proxy(runs.server.port) as proxy:
        proxy.stall()
        runs.through = proxy
        ran = told(runs, "connect_timeout", connect_timeout=1.0, retries=1)
    assert ran.seconds < HANG_SECONDS


def test_a_source_that_is_not_there(runs: SyncRuns) -> None:
    runs.source.rename(runs.source.parent / "elsewhere")
    told(runs, "source_missing", delete=True)


def test_a_source_that_is_neither_file_nor_directory(runs: SyncRuns) -> None:
    shutil.rmtree(runs.source)
    os.mkfifo(runs.source)
    told(runs, "source_missing")


def test_a_source_that_is_empty(runs: SyncRuns) -> None:
    shutil.rmtree(runs.source)
    runs.source.mkdir()
    runs.server.give(runs.server.root)
    told(runs, "empty_source", delete=True)
    runs.good(delete=True, allow_empty_source=True)
    assert tree_digest(runs.destination) == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"include": ("*.tx",)}, "include ('*.tx') selects nothing: the source has 1 other entry"),
        ({"include": ("a",), "exclude": ("a",)}, "include ('a') selects nothing: the source has 1 other entry"),
        ({"include": ("/sup/*", "/x/b")}, "include ('/sup/*', '/x/b') selects nothing: the source has 2 other entries"),
        ({"include": tuple("vwxyz")}, "include ('v', 'w', 'x', 2 more) selects nothing"),
    ],
)
def test_an_include_that_selects_nothing(runs: SyncRuns, options: dict[str, Any], said: str) -> None:
    """Directories that were entered hold nothing; others may."""
    shutil.rmtree(runs.source / "sub")
    (runs.source / "sub").mkdir()
    runs.server.give(runs.server.root)
    before = ends(runs)
    report = runs.good(**options).report
    (note,) = report.notes
    assert note.startswith(said)
    for check_mode in (False, True):
        told_result = sync_result(report, push=runs.push, check_mode=check_mode, max_listed=9, diff=False)
        assert told_result["msg"].startswith(f"nothing to do; {said}")
        assert remarks(report) == [note]
    failed = told(runs, "empty_source", require_match=True, **options)
    assert failed.report.error.message == f"require_match: {note}"
    assert ends(runs) == before


def test_a_source_in_which_nothing_can_match(runs: SyncRuns) -> None:
    """An empty source is no mistake of a pattern. What the run itself keeps there is no entry."""
    assert runs.good(include=("a",), require_match=True).report.notes == ()
    shutil.rmtree(runs.source)
    runs.source.mkdir()
    runs.server.give(runs.server.root)
    assert runs.good(include=("*.tx",), trash=b"trash").report.notes == ()
    told(runs, "empty_source", require_match=True)
    failed = told(runs, "empty_source", include=("*.tx",), require_match=True)
    assert failed.report.error.message == "require_match: include ('*.tx') selects nothing: the source is empty"
    write(runs.source, {"trash/a": b"1"})
    runs.server.give(runs.server.root)
    assert runs.good(include=("*.tx",), trash=b"trash").report.notes == ()


def test_a_destination_without_a_parent(runs: SyncRuns) -> None:
    if runs.push:
        runs.far = runs.far.parent / "no" / "tree"
        told_missing(runs)
    else:
        runs.near = runs.near.parent / "no" / "tree"
        told_missing(runs)


def test_a_destination_without_a_parent_on_a_server_that_resolves_any_path(server: Sshd, tmp_path: Path) -> None:
    write(tmp_path / "tree", SOURCE)
    with Sshd(server.root, subsystem=scripted("no_extensions")) as lexical:
        runs = SyncRuns(
            lexical, tmp_path / "tree", server.root / "no" / "tree", push=True, state_dir=tmp_path / "state"
        )
        told_missing(runs)


def told_missing(runs: SyncRuns) -> None:
    """Both in check mode and in a real run."""
    for check_mode in (True, False):
        ran = runs.run(check_mode=check_mode)
        assert ran.codes == {"not_found"}, str(ran)
        assert ran.errors[0].cure, str(ran)
        assert not runs.destination.parent.exists()


def test_a_destination_that_is_a_file(runs: SyncRuns) -> None:
    shutil.rmtree(runs.destination)
    runs.destination.write_bytes(b"a file")
    told(runs, "kind_conflict")


def test_a_link_where_links_are_errors(runs: SyncRuns) -> None:
    (runs.source / "link").symlink_to("a")
    told(runs, "refused", links="error")


@pytest.mark.parametrize("inside", ["", "sub", "sub/deeper"], ids=["equal", "inside", "deeper"])
@pytest.mark.parametrize("outer", ["source", "destination"])
def test_roots_that_overlap(server: Sshd, tmp_path: Path, inside: str, outer: str) -> None:
    """Both ends are on this machine; only the trees themselves can reveal that."""
    write(server.root / "tree", {**SOURCE, "sub/deeper/c": b"c"})
    server.give(server.root)
    whole, part = server.root / "tree", server.root / "tree" / inside
    for push in (True, False):
        source, destination = (whole, part) if outer == "source" else (part, whole)
        near, far = (source, destination) if push else (destination, source)
        runs = SyncRuns(server, near, far, push=push, state_dir=tmp_path / "state")
        before = tree_digest(whole)
        ran = runs.run(delete=True)
        assert ran.codes == {"overlapping_roots"}, (str(ran), push)
        assert ran.errors[0].cure, str(ran)
        assert not ran.changed
        assert differences(before, tree_digest(whole)) == []
    shutil.rmtree(server.root / "tree")


def refused(runs: SyncRuns) -> None:
    """The roots overlap; nothing was changed by finding that out, not even a time."""
    before = tree_digest(runs.destination, directory_mtime=True)
    for options in ({}, {"lock": False}):
        ran = runs.run(delete=True, **options)
        assert ran.codes == {"overlapping_roots"}, ran
        assert not ran.changed, ran
        assert differences(before, tree_digest(runs.destination, directory_mtime=True)) == []


@pytest.mark.parametrize("inside", ["", "sub"], ids=["equal", "inside"])
@pytest.mark.parametrize("outer", ["source", "destination"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_roots_that_overlap_by_way_of_a_mount(
    server: Sshd, tmp_path: Path, inside: str, outer: str, push: bool
) -> None:
    """One directory has two paths that have nothing in common: a bind mount, seen by this process alone."""
    whole = server.root / "tree"
    write(whole, {**SOURCE, "sub/deeper/c": b"c"})
    server.give(server.root)
    near, far = (whole, whole / inside) if (outer == "source") == push else (whole / inside, whole)
    (tmp_path / "mounted").mkdir()

    def act() -> None:
        os.unshare(os.CLONE_NEWNS)
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "--bind", near, tmp_path / "mounted"], check=True)
        refused(SyncRuns(server, tmp_path / "mounted", far, push=push, state_dir=tmp_path / "state"))

    in_child(act)
    shutil.rmtree(whole)


def test_a_jail_that_begins_inside_the_destination(tmp_path: Path, server: Sshd) -> None:
    """The server calls the source "/files"; no part of the destination's path is in that."""
    whole = server.root / "tree"
    write(whole, {**SOURCE, "sub/deeper/c": b"c"})
    with Sshd(whole / "sub", jail=True) as jailed:
        refused(SyncRuns(jailed, whole, whole / "sub", push=False, state_dir=tmp_path / "state"))
    shutil.rmtree(whole)


@pytest.mark.parametrize("inside", ["", "sub"], ids=["equal", "inside"])
@pytest.mark.parametrize("outer", ["source", "destination"])
def test_roots_that_overlap_under_two_accounts(server: Sshd, inside: str, outer: str) -> None:
    """The local account may not read the files of the server's account, and vice versa."""
    place = scratch("accounts")
    whole = server.root / "tree"
    write(whole, {**SOURCE, "sub/deeper/c": b"c"})
    server.give(server.root)
    shutil.copy(server.key.path, place / "key")
    (place / "key").chmod(0o600)
    for path in (place, place / "key"):
        os.chown(path, NOBODY, NOBODY)
    source, destination = (whole, whole / inside) if outer == "source" else (whole / inside, whole)
    runs = SyncRuns(server, source, destination, push=True, state_dir=place / "state")
    runs.options["credentials"] = Credentials(private_key_file=str(place / "key"), ssh_agent=False)
    in_child(lambda: refused(runs), unprivileged=True)
    shutil.rmtree(place)
    shutil.rmtree(whole)


def test_a_likeness_is_no_overlap(runs: SyncRuns) -> None:
    """The destination holds a copy of the source, which stays as it is, with its times."""
    write(runs.destination / "tree", SOURCE)
    shutil.copytree(runs.source, runs.destination / "copy")
    runs.server.give(runs.server.root)
    runs.good()
    before = tree_digest(runs.destination, directory_mtime=True)
    for _number in range(2):
        assert not runs.good().changed
        assert differences(before, tree_digest(runs.destination, directory_mtime=True)) == []


def test_an_account_that_may_not_write(server: Sshd, tmp_path: Path) -> None:
    far = server.root / "roots"
    write(far, DESTINATION)
    os.chown(far, 0, 0)
    far.chmod(0o755)
    write(tmp_path / "area" / "near", SOURCE)
    runs = SyncRuns(server, tmp_path / "area" / "near", far, push=True, state_dir=tmp_path / "state", delete=True)
    before = tree_digest(far)
    for options in ({}, {"lock": False}):
        ran = runs.run(**options)
        assert ran.errors[0].code == "permission_denied", str(ran)
        # The error of a file in a directory that could not be created names the directory.
        assert ran.codes <= {"permission_denied", "operation_failed"}, str(ran)
        assert all(error.path or error.message.startswith("dest: ") for error in ran.errors), str(ran)
        assert not ran.changed, str(ran)
        assert differences(before, tree_digest(far)) == []
    shutil.rmtree(far)


@pytest.fixture(params=["size=1m", "nr_inodes=12"], ids=["blocks", "inodes"])
def small_disk(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Yield a file system that is soon full."""
    place = scratch("disk")
    place.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=755,{request.param}", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)
    place.rmdir()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_disk_that_is_full(push: bool, small_disk: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Fitting files are stored, the others are reported; every final name holds its old or its new bytes."""
    few = [f"few{number}" for number in range(4)]
    big = {f"big{number}": os.urandom(400_000) for number in range(4)}
    many = {f"many{number}": b"m" for number in range(12)}
    write(tmp_path / "source", {**dict.fromkeys(few, b"new"), **big, **many})
    (small_disk / "tree").mkdir()
    write(small_disk / "tree", dict.fromkeys(few, b"old bytes"))
    with Sshd(small_disk if push else None) as server:
        if push:
            runs = SyncRuns(server, tmp_path / "source", small_disk / "tree", push=True, state_dir=tmp_path / "state")
        else:
            shutil.move(tmp_path / "source", server.root / "source")
            near = small_disk / "tree"
            runs = SyncRuns(server, near, server.root / "source", push=False, state_dir=tmp_path / "state")
        server.give(server.root)
        ran = runs.run(delete=True)
        assert "no_space" in ran.codes, ran
        assert ran.codes <= {"no_space"}, str(ran)
        source, found = tree_digest(runs.source), tree_digest(runs.destination)
        for name, seen in found.items():
            assert seen.content in {source[name].content, tree_digest_of(b"old bytes")}, name
        stored = [name for name, action, _reason in ran.done if action == "store"]
        assert {name: found[name].content for name in stored} == {name: source[name].content for name in stored}
        blocks = "blocks" in str(request.node.name)
        if blocks:
            assert set(map(os.fsencode, [*few, *many])) <= set(stored), f"small files find room: {stored}"
        print(f"no room for {'blocks' if blocks else 'inodes'}: {len(stored)} stored, {len(ran.errors)} told so")
        subprocess.run(["mount", "-o", "remount,size=64m,nr_inodes=1000", "tmpfs", str(small_disk)], check=True)
        runs.good(delete=True)
        assert differences(source, tree_digest(runs.destination)) == []


def tree_digest_of(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
