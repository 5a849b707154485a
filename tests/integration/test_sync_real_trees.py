# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs on real trees and real servers, judged by a comparison that shares no code with the product."""

from __future__ import annotations

import os
import posixpath
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.tree_record import TreeRecord
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from support.contracts.tree_scene import ODD_NAMES
from support.running.child import NOBODY, in_child
from support.running.scratch import scratch
from support.scenes.sync_runs import SyncRuns
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd import Proftpd
from support.servers.proxy import Proxy
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.trees.real_tree import write_tree
from support.trees.trees import Seen, differences, distribution_tree, make_modes, make_sample, tree_digest

SERVERS: dict[str, tuple[Callable[[], SshServer], str]] = {
    "openssh": (Sshd, "openssh"),
    "paramiko": (Sshd, "paramiko"),
    "jail": (lambda: Sshd(jail=True), "openssh"),
    "proftpd": (Proftpd, "openssh"),
    "no-posix-rename": (lambda: Sshd(subsystem=scripted("no_posix_rename")), "openssh"),
}
COPIED = {"links": "copy"}
# A time so near that a file could be changed again within it is not recorded as proven.
PAST = 1_600_000_000


@pytest.fixture(scope="module", params=SERVERS)
def peer(request: pytest.FixtureRequest) -> Iterator[tuple[SshServer, str]]:
    """Yield a running server of each kind, and the client to talk to it with."""
    make, client = SERVERS[request.param]
    with make() as server:
        yield server, client


@pytest.fixture(scope="module")
def plain() -> Iterator[Sshd]:
    """Yield an OpenSSH server."""
    with Sshd() as server:
        yield server


@pytest.fixture(scope="module")
def real() -> Path:
    """Return a directory that was not created for these tests."""
    return distribution_tree()


@pytest.fixture
def pair(plain: Sshd, tmp_path: Path) -> Iterator[SyncRuns]:
    """Yield a push between two directories that are not there yet."""
    runs = SyncRuns(plain, tmp_path / "near", plain.root / "tree", push=True, state_dir=tmp_path / "state")
    yield runs
    _clear(plain.root)


@pytest.fixture(scope="module", params=["openssh", "proftpd", "no-posix-rename"])
def renaming(request: pytest.FixtureRequest) -> Iterator[tuple[SshServer, str]]:
    """Yield a running server of each kind that renames in a way of its own."""
    make, client = SERVERS[request.param]
    with make() as server:
        yield server, client


@pytest.fixture
def any_pair(renaming: tuple[SshServer, str], tmp_path: Path) -> Iterator[SyncRuns]:
    """Yield the same on servers that differ."""
    server, client = renaming
    far = server.root / "tree"
    yield SyncRuns(server, tmp_path / "near", far, push=True, state_dir=tmp_path / "state", ssh_client=client)
    _clear(server.root)


def _clear(root: Path) -> None:
    for each in root.iterdir():
        subprocess.run(["rm", "-rf", "--", str(each)], check=True)


def _leaves(link: bytes, target: bytes) -> bool:
    """Return whether a link could lead out of the root: absolute, climbing too high, or climbing behind a name."""
    if target.startswith(b"/"):
        return True
    climbs = posixpath.normpath(posixpath.join(posixpath.dirname(link), target)).startswith(b"..")
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    names = [number for number, part in enumerate(parts) if part != b".."]
    return climbs or (bool(names) and b".." in parts[names[0] :])


def _wanted(root: Path) -> tuple[dict[bytes, Seen], set[bytes]]:
    """Return the expected destination, and the names of the links that are left out."""
    found = tree_digest(root, directory_mtime=True)
    left = {name for name, seen in found.items() if seen.kind == "l" and _leaves(name, seen.content)}
    return {name: seen for name, seen in found.items() if name not in left}, left


def _figures(tree: dict[bytes, Seen]) -> str:
    kinds = [seen.kind for seen in tree.values()]
    size = sum(seen.size for seen in tree.values())
    return f"{kinds.count('f')} files, {kinds.count('d')} directories, {kinds.count('l')} links, {size >> 20} MiB"


def _same(runs: SyncRuns) -> int:
    """Hold both trees against each other; give the number of names."""
    source, left = _wanted(runs.source)
    found = tree_digest(runs.destination, directory_mtime=True)
    assert differences(source, found) == []
    assert runs.source.stat().st_mode & 0o777 == runs.destination.stat().st_mode & 0o777 or left is not None
    return len(source)


def _nothing_to_do(runs: SyncRuns, **options: object) -> None:
    """One more run finds nothing to do and moves no content."""
    ran = runs.good(**options)
    assert not ran.changed, ran.done
    assert ran.moved == 0, ran


def test_a_tree_of_the_distribution(
    peer: tuple[SshServer, str], real: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server, client = peer
    far = server.root / "tree"
    push = SyncRuns(server, real, far, push=True, state_dir=tmp_path / "s1", ssh_client=client, **COPIED)
    wanted, left = _wanted(real)
    first = push.good()
    assert {bytes(each.path) for each in first.report.plan.skipped} == left
    assert differences(wanted, tree_digest(far, directory_mtime=True)) == []
    assert first.report.stats["files_stored"] == sum(seen.kind == "f" for seen in wanted.values())
    assert "none" not in {kind for kind, count in first.report.proofs.items() if count}, first
    _nothing_to_do(push)
    checked = push.good(compare="checksum")
    assert not checked.changed, checked.done
    pull = SyncRuns(server, tmp_path / "back", far, push=False, state_dir=tmp_path / "s2", ssh_client=client, **COPIED)
    pulled = pull.good()
    assert differences(wanted, tree_digest(tmp_path / "back", directory_mtime=True)) == []
    _nothing_to_do(pull)
    assert not pull.good(compare="checksum").changed
    _clear(server.root)
    print(
        f"{real}, {request.node.callspec.id}: {_figures(wanted)}, {len(left)} links left out; "
        f"push {first.seconds:.1f} s, pull {pulled.seconds:.1f} s, checksum {checked.seconds:.1f} s: 0 differences"
    )


def test_a_tree_of_everything(peer: tuple[SshServer, str], tmp_path: Path) -> None:
    """Odd names, odd modes, empty and read-only directories; the server's account is not root."""
    server, client = peer
    near, far = tmp_path / "near", server.root / "tree"
    make_sample(near)
    write_tree(os.fsencode(near / "contract"), {name: name for name in ODD_NAMES if not name.endswith(b".tmp")})
    push = SyncRuns(server, near, far, push=True, state_dir=tmp_path / "s1", ssh_client=client, **COPIED)
    push.good()
    count = _same(push)
    _nothing_to_do(push)
    pull = SyncRuns(server, tmp_path / "back", far, push=False, state_dir=tmp_path / "s2", ssh_client=client, **COPIED)
    pull.good()
    assert _same(pull) == count
    _nothing_to_do(pull)
    _clear(server.root)
    print(f"{count} names, {len(ODD_NAMES)} and more of them odd, byte for byte both ways")


def test_no_content_crosses_the_wire_a_second_time(plain: Sshd, real: Path, tmp_path: Path) -> None:
    """Counted outside of the product."""
    with Proxy(plain.port) as proxy:
        push = SyncRuns(plain, real, plain.root / "t", push=True, state_dir=tmp_path / "s", through=proxy, **COPIED)
        counts = [sum(proxy.counts())]
        for _run in range(2):
            push.good()
            counts.append(sum(proxy.counts()))
    entries = tree_digest(real).values()
    size = sum(seen.size for seen in entries)
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    _clear(plain.root)
    print(f"{size} bytes of content: first run {first} bytes on the wire, second {second}")
    assert second < 300 * len(entries), "more than a listing"
    assert first > size / 2


def test_read_only_directories_without_root(plain: Sshd, tmp_path: Path) -> None:
    """The local account is not root either: a pull creates, changes and removes entries of read-only directories."""
    far = plain.root / "tree"
    make_modes(far)
    plain.give(far)
    place = scratch("nobody")
    try:
        key = place / "key"
        shutil.copyfile(plain.key.path, key)
        key.chmod(0o600)
        for path in (place, key):
            os.chown(path, NOBODY, NOBODY)
        runs = SyncRuns(plain, place / "near", far, push=False, state_dir=place / "state")
        credentials = type(runs.request().credentials)(private_key_file=str(key), ssh_agent=False)
        first = in_child(lambda: str(runs.good(credentials=credentials)), unprivileged=True)
        assert differences(tree_digest(far), tree_digest(place / "near")) == [], first
        (far / "directory-500" / "more").write_bytes(b"more")
        (far / "directory-555" / "inside").unlink()
        plain.give(far)
        changed = in_child(lambda: runs.good(credentials=credentials, delete=True).done, unprivileged=os.geteuid() == 0)
        assert differences(tree_digest(far), tree_digest(place / "near")) == []
        # The directories' own mtimes are repaired too, if the change fell into another second.
        stored = [name for name, action, _reason in changed if action != "set_attributes"]
        assert stored == [b"directory-500/more", b"directory-555/inside"]
    finally:
        subprocess.run(["rm", "-rf", "--", str(place), str(far)], check=True)


def test_a_push_changes_what_is_in_read_only_directories(pair: SyncRuns) -> None:
    make_modes(pair.near)
    pair.good()
    (pair.near / "directory-500" / "more").write_bytes(b"more")
    (pair.near / "directory-555" / "inside").unlink()
    ran = pair.good(delete=True)
    assert _same(pair)
    assert {name for name, action, _reason in ran.done if action in ("store", "remove")} == {
        b"directory-500/more",
        b"directory-555/inside",
    }


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_deletion_limit_and_trash(pair: SyncRuns, push: bool) -> None:
    pair.push = push
    write_tree(os.fsencode(pair.source), {b"keep/%d" % number: b"%d" % number for number in range(10)})
    write_tree(os.fsencode(pair.destination), {b"old/%d" % number: b"old %d" % number for number in range(30)})
    write_tree(os.fsencode(pair.destination), {b"keep/0": b"another 0"})
    pair.server.give(pair.server.root)
    before = tree_digest(pair.destination)
    limit = type(pair.request().max_delete)
    refused = pair.run(delete=True, max_delete=limit(29, False))
    assert refused.codes == {"too_many_deletions"}
    assert not refused.changed
    assert tree_digest(pair.destination) == before
    kept = pair.good()
    assert len(list((pair.destination / "old").iterdir())) == 30, kept.done
    (pair.source / "keep" / "0").write_bytes(b"a third 0")
    pair.server.give(pair.server.root)
    pair.good(delete=True, max_delete=limit(30, False), trash=b".trash")
    trash = pair.destination / ".trash"
    contents = sorted(path.read_bytes() for path in trash.rglob("*") if path.is_file())
    assert contents == sorted([b"0", *(b"old %d" % number for number in range(30))])
    assert not (pair.destination / "old").exists()
    again = pair.good(delete=True, trash=b".trash")
    assert not again.changed, again.done
    assert len([path for path in trash.rglob("*") if path.is_file()]) == 31
    found = {name: seen for name, seen in tree_digest(pair.destination).items() if not name.startswith(b".trash")}
    assert differences(tree_digest(pair.source), found) == []


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_filters(pair: SyncRuns, push: bool) -> None:
    pair.push = push
    source = {b"a.txt": b"a", b"a.log": b"a", b"sub/b.log": b"b", b"sub/b.txt": b"b", b"cache/deep/c.txt": b"c"}
    write_tree(os.fsencode(pair.source), source)
    write_tree(os.fsencode(pair.destination), {b"old.log": b"mine", b"cache/mine": b"mine", b"old.txt": b"old"})
    pair.server.give(pair.server.root)
    pair.good(delete=True, exclude=("*.log", "/cache/"))
    names = {name for name, seen in tree_digest(pair.destination).items() if seen.kind == "f"}
    assert names == {b"a.txt", b"sub/b.txt", b"old.log", b"cache/mine"}
    _nothing_to_do(pair, delete=True, exclude=("*.log", "/cache/"))


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_single_file(pair: SyncRuns, push: bool) -> None:
    pair.push = push
    pair.source.write_bytes(b"first")
    pair.server.give(pair.server.root)
    pair.good()
    assert pair.destination.read_bytes() == b"first"
    _nothing_to_do(pair)
    pair.source.write_bytes(b"other")
    pair.server.give(pair.server.root)
    ran = pair.good()
    assert [action for _name, action, _reason in ran.done] == ["store"]
    assert pair.destination.read_bytes() == b"other"
    assert pair.destination.stat().st_mtime // 1 == pair.source.stat().st_mtime // 1


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_single_file_takes_one_login(pair: SyncRuns, push: bool) -> None:
    pair.push = push
    pair.source.write_bytes(b"first")
    pair.server.give(pair.server.root)
    with Proxy(pair.server.port) as proxy:
        pair.through = proxy
        pair.good(proof="read_back")
        _up, accepted = proxy.connections()
    assert accepted == 1
    assert pair.destination.read_bytes() == b"first"


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("trash", [None, b".trash"], ids=["removed", "kept"])
def test_kinds_that_change(any_pair: SyncRuns, push: bool, trash: bytes | None) -> None:
    """Each of file, directory and link replaces each other; the targets of links stay unchanged."""
    pair = any_pair
    pair.push = push
    kinds = ("file", "directory", "link")
    for old in (*kinds, "nothing"):
        for new in (*kinds, "nothing"):
            _make(pair.source / f"{old}-{new}", new, "new")
            _make(pair.destination / f"{old}-{new}", old, "old")
    for root in (pair.source, pair.destination):
        _make(root / "target", "file", "target")
        _make(root / "place", "directory", "target")
        (root / "to-place").symlink_to("place" if root == pair.source else "target")
    pair.server.give(pair.server.root)
    limit = type(pair.request().max_delete)
    refused = pair.run(delete=True, trash=trash, max_delete=limit(1, False), **COPIED)
    assert refused.codes == {"too_many_deletions"}
    pair.good(delete=True, trash=trash, **COPIED)
    found = tree_digest(pair.destination)
    kept = {name: seen for name, seen in found.items() if name.startswith(b".trash")}
    assert differences(tree_digest(pair.source), {name: found[name] for name in found if name not in kept}) == []
    assert {seen.kind for seen in kept.values()} <= {"f", "d", "l"}
    old_file = tree_digest(pair.source)[b"target"].content
    assert old_file not in {seen.content for seen in kept.values()}, "the target of a link was moved"
    assert bool(kept) == bool(trash)
    _nothing_to_do(pair, delete=True, trash=trash, **COPIED)


def _make(path: Path, kind: str, content: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if kind == "file":
        path.write_text(content)
    elif kind == "link":
        path.symlink_to("target" if content == "new" else "place")
    elif kind == "directory":
        path.mkdir()
        (path / "inside").write_text(content)
        os.utime(path / "inside", (0, PAST))
    if kind in ("file", "directory"):
        os.utime(path, (0, PAST))


def test_sha256sum_checks_the_record(pair: SyncRuns, real: Path) -> None:
    """The records of both sides agree with sha256sum(1) on the real directories."""
    pair.near = real
    pair.good(exclude=())
    files = {path for path, seen in tree_digest(real).items() if seen.kind == "f"}
    records = list(pair.state_dir.rglob("*.tree"))
    assert len(records) == 2
    for record in records:
        data = record.read_bytes()
        found = TreeRecord(BytesIO(data), data.split(b"\n")[1], len(data))
        digests = {path: file[2] for path, file in found.files()}
        assert digests.keys() == files
        sums = b"".join(_sum(path, digest) for path, digest in digests.items())
        side = real if ".local." in record.name else pair.far
        check = ["sha256sum", "--check", "--quiet"]
        checked = subprocess.run(check, input=sums, cwd=side, capture_output=True, check=False)
        assert (checked.returncode, checked.stdout) == (0, b""), checked.stderr
        print(f"{record.name}: {len(digests)} files")


def _sum(path: bytes, digest: bytes) -> bytes:
    """Return a line as sha256sum(1) writes it."""
    escaped = path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return b"%s%s *%s\n" % (b"\\" if escaped != path else b"", digest.hex().encode(), escaped)


SEEDS = range(30)


def test_rsync_finds_nothing_to_do_behind_us(pair: SyncRuns) -> None:
    """Hard links become files of their own here, so rsync's -H is not asked for."""
    compared = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        for root in (pair.near, pair.far):
            _random_tree(root, chance)
        pair.server.give(pair.far)
        pair.good(delete=True, compare="checksum", **COPIED)
        command = ["rsync", "-a", "-n", "--delete", "-c", "--itemize-changes", "-O", "-J", "--no-owner", "--no-group"]
        told = subprocess.run(
            [*command, f"{pair.near}/", f"{pair.far}/"], capture_output=True, text=True, check=True
        ).stdout
        assert told == "", f"seed {seed}:\n{told}"
        compared += _same(pair)
        for root in (pair.near, pair.far):
            subprocess.run(["rm", "-rf", "--", str(root)], check=True)
    print(f"{len(SEEDS)} random trees, {compared} names: rsync finds 0 differences")


def _random_tree(root: Path, chance: random.Random) -> None:
    """Make a tree of a few dozen names out of a small set, so that two of them collide in every way."""
    directories = [root]
    root.mkdir()
    links = []
    for _number in range(chance.randrange(10, 60)):
        path = chance.choice(directories) / chance.choice("abcdefgh")
        if path.exists() or path.is_symlink():
            continue
        kind = chance.choice(("file", "file", "directory", "empty", "link"))
        if kind == "file":
            path.write_bytes(chance.randbytes(chance.choice((0, 1, 10, 100_000))))
            path.chmod(chance.choice((0o644, 0o600, 0o755, 0o440)))
            os.utime(path, (0, 1_600_000_000 + chance.randrange(3)))
        elif kind == "link":
            links.append((path, chance.choice("abcdefgh")))
            path.symlink_to(links[-1][1])
        else:
            path.mkdir(mode=chance.choice((0o755, 0o700, 0o750)))
            directories += [path] if kind == "directory" else []


def test_an_old_file_that_stepped_aside_is_not_taken_for_litter(tmp_path: Path) -> None:
    """The remains of a run that was killed between the two renames on a server without posix-rename."""
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "f").write_bytes(b"new")
    with Sshd(subsystem=scripted("no_posix_rename")) as server:
        far = server.root / "tree"
        far.mkdir()
        names = StageNames(os.fsencode(f"{server.remote_root}/tree"), "0" * 16)
        stage, aside = names.in_root(), names.in_root() + b".old"
        Path(os.fsdecode(os.fsencode(far) + b"/" + stage)).write_bytes(b"half of the ne")
        Path(os.fsdecode(os.fsencode(far) + b"/" + aside)).write_bytes(b"old")
        server.give(far)
        runs = SyncRuns(server, tmp_path / "near", far, push=True, state_dir=tmp_path / "state")
        runs.good()
        assert {path.name: path.read_bytes() for path in far.iterdir()} == {"f": b"new", aside.decode(): b"old"}
        runs.good(delete=True, max_delete=DeleteLimit(100, True))
        assert [path.name for path in far.iterdir()] == ["f"]


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_entries_behind_a_link_do_not_keep_the_entries_of_a_directory(push: bool, plain: Sshd, tmp_path: Path) -> None:
    """LSTAT follows a link in the middle of a path: the source seems to have an entry that its listing lacks."""
    runs = SyncRuns(
        plain,
        tmp_path / "near",
        plain.root / "tree",
        push=push,
        state_dir=tmp_path / "state",
        delete=True,
        links="copy",
    )
    try:
        for each in (runs.source / "real", runs.destination / "name"):
            each.mkdir(parents=True)
            (each / "file").write_bytes(b"content")
        (runs.source / "name").symlink_to("real")
        plain.give(plain.root / "tree")
        runs.good()
        assert os.readlink(runs.destination / "name") == "real"
        assert not runs.good().changed
    finally:
        _clear(plain.root)
