# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that were renamed or copied are moved or copied at real servers: no byte of their content is sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from support.scenes.sync_pair import codes
from support.scenes.sync_runs import Ran, SyncRuns
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd import Proftpd
from support.servers.proxy import Proxy
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.trees.trees import differences, make_many, make_sample, tree_digest

FILES, SIZE = 10_000, 4096
NO_DELETIONS = DeleteLimit(0, False)
SERVERS: dict[str, tuple[Callable[[], SshServer], str]] = {
    "sha256sum": (Sshd, "server_hash"),
    "jail": (partial(Sshd, jail=True), "recorded"),
    "check-file": (Proftpd, "server_hash"),
    "no-replacing": (partial(Sshd, jail=True, subsystem=scripted("no_posix_rename")), "recorded"),
}


def runs_on(server: SshServer, place: Path, *, push: bool, through: object = None) -> SyncRuns:
    near, far = place / "near", server.root / "tree"
    return SyncRuns(
        server, near, far, push=push, state_dir=place / "state", through=through, delete=True, max_delete=NO_DELETIONS
    )


def same(runs: SyncRuns) -> bool:
    return not differences(tree_digest(runs.near), tree_digest(runs.far))


def moves(ran: Ran) -> list[tuple[bytes, bytes]]:
    """The old and the new names, sorted."""
    found = [outcome.action for outcome in ran.report.outcomes]
    return sorted((bytes(one.origin), bytes(one.path)) for one in found if one.action == "move")


def rename_all(tree: Path) -> list[tuple[bytes, bytes]]:
    """Rename the directories of make_many; return the old and the new names of the files."""
    pairs = []
    for directory in sorted(tree.iterdir()):
        files = [os.fsencode(file.name) for file in directory.iterdir()]
        old, new = os.fsencode(directory.name), b"new-" + os.fsencode(directory.name)
        pairs += [(old + b"/" + name, new + b"/" + name) for name in files]
        directory.rename(directory.with_name(os.fsdecode(new)))
    return sorted(pairs)


@pytest.mark.parametrize(("jail", "proof"), [(False, "server_hash"), (True, "recorded")], ids=["hash", "record"])
def test_a_renamed_tree_costs_no_byte_of_content(tmp_path: Path, jail: bool, proof: str) -> None:
    with Sshd(jail=jail) as server, Proxy(server.port) as proxy:
        runs = runs_on(server, tmp_path, push=True, through=proxy)
        make_many(runs.near, FILES, size=SIZE)
        runs.far.mkdir()
        server.give(runs.far)
        runs.good()
        pairs = rename_all(runs.near)
        foreseen = runs.good(check_mode=True)
        assert sum(action.action == "move" for action in foreseen.report.plan.actions) == FILES
        before = sum(proxy.counts())
        ran = runs.good()
        crossed = sum(proxy.counts()) - before
        assert ran.moved == 0
        assert moves(ran) == pairs
        assert ran.report.stats["files_moved"] == FILES
        assert ran.report.proofs[proof] == FILES
        assert same(runs)
        assert crossed < FILES * SIZE // 3, crossed
        again = runs.good()
        assert again.done == []
    print(f"{FILES} files moved in {ran.seconds:.1f} s, {crossed:,} bytes crossed the connection")


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_renamed_files_among_others(tmp_path: Path, name: str, push: bool) -> None:
    make, proof = SERVERS[name]
    with make() as server:
        runs = runs_on(server, tmp_path, push=push)
        make_sample(runs.source)
        for number in range(5):
            large = runs.source / f"large-{number}"
            large.write_bytes(os.urandom(300_000))
            os.utime(large, (1_600_000_000, 1_600_000_000))  # A time of this moment is not recorded.
        runs.destination.mkdir()
        server.give(server.root)
        runs.good(links="copy")
        (runs.source / "new").mkdir()
        for number in range(4):
            (runs.source / f"large-{number}").rename(runs.source / "new" / f"moved-{number}")
        (runs.source / "new" / "moved-0").chmod(0o600)
        (runs.source / "new" / "moved-3").write_bytes(os.urandom(300_000))
        os.utime(runs.source / "large-4", (1, 1))
        server.give(server.root)
        foreseen = runs.good(links="copy", check_mode=True, max_delete=DeleteLimit(100, True))
        ran = runs.good(links="copy", max_delete=DeleteLimit(100, True))
        planned = [(action.path, action.action) for action in foreseen.report.plan.actions]
        assert planned == [(outcome.action.path, outcome.action.action) for outcome in ran.report.outcomes]
        if push or proof == "server_hash":
            assert moves(ran) == [(b"large-%d" % number, b"new/moved-%d" % number) for number in range(3)]
            proofs = [outcome.proof for outcome in ran.report.outcomes if outcome.action.action == "move"]
            assert proofs == [proof] * 3
            assert ran.report.stats["bytes_sent" if push else "bytes_received"] in (300_000, 600_000)
        else:
            assert moves(ran) == []
        assert same(runs)
        assert runs.good(links="copy").done == []


def write(tree: Path, files: dict[str, bytes], mtime: int) -> None:
    for name, content in files.items():
        (tree / name).write_bytes(content)
        os.utime(tree / name, (mtime, mtime))


@pytest.mark.parametrize(
    ("behaviour", "copied"),
    [
        ("", 4),
        ("no_copy_data", 0),
        ("copies_short", 0),
        ("copies_wrong", 0),
        ("refuses_copies", 0),
        ("refuses_copies=2", 2),
    ],
)
@pytest.mark.parametrize("options", [{}, {"durable": True}], ids=["", "durable"])
def test_rotated_files_are_copied(tmp_path: Path, behaviour: str, copied: int, options: dict[str, bool]) -> None:
    """A copy that is refused or wrong is found, and the file is sent."""
    contents = [os.urandom(200_000) for _number in range(6)]
    subsystem = {"subsystem": scripted(behaviour)} if behaviour else {}
    with Sshd(jail=not behaviour, **subsystem) as server:
        runs = runs_on(server, tmp_path, push=True)
        runs.near.mkdir()
        runs.far.mkdir()
        server.give(runs.far)
        write(runs.near, {f"log.{number}": contents[number] for number in range(4)}, 1_600_000_000)
        runs.good(**options)
        write(runs.near, {f"log.{number + 1}": contents[number] for number in range(4)}, 1_600_000_100)
        write(runs.near, {"log.0": contents[4]}, 1_600_000_200)
        ran = runs.good(**options)
        assert sum(action == "copy" for _path, action, _reason in ran.done) == copied
        assert ran.report.stats["bytes_saved"] >= copied * 200_000
        assert ran.report.stats["bytes_sent"] <= (5 - copied) * 200_000
        assert len(ran.done) == 5
        assert same(runs)
        assert sorted(os.listdir(runs.far)) == sorted(os.listdir(runs.near))
        assert runs.good(**options).done == []


def two_files(server: Sshd, place: Path) -> SyncRuns:
    """Two equal trees with a record, after which a file of the source got another name."""
    runs = runs_on(server, place, push=True)
    (runs.near / "d").mkdir(parents=True)
    (runs.near / "e").mkdir()
    runs.far.mkdir()
    server.give(runs.far)
    write(runs.near, {"d/old": b"content", "e/f": b"other"}, 1_600_000_000)
    runs.good()
    (runs.near / "n").mkdir()
    (runs.near / "d" / "old").rename(runs.near / "n" / "new")
    return runs


def names(tree: Path) -> set[str]:
    return {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}


def test_a_run_with_failures_takes_no_name_away(tmp_path: Path) -> None:
    with Sshd(jail=True) as server:
        runs = two_files(server, tmp_path)
        write(runs.near, {"e/f": b"changed"}, 1_600_000_100)
        os.chown(runs.far / "e", 0, 0)
        ran = runs.run()
        assert "permission_denied" in codes(ran.report)
        assert names(runs.far) == {"d/old", "e/f"}
        assert "1 moves were postponed to the next run, because this run had failures" in ran.report.notes
        server.give(runs.far)
        assert moves(runs.good()) == [(b"d/old", b"n/new")]
        assert same(runs)


def test_old_names_of_refused_renames_stay_above_the_limit(tmp_path: Path) -> None:
    with Sshd(jail=True) as server:
        runs = two_files(server, tmp_path)
        os.chown(runs.far / "d", 0, 0)
        ran = runs.run()
        assert "too_many_deletions" in codes(ran.report)
        assert names(runs.far) == {"d/old", "e/f", "n/new"}
        server.give(runs.far)
        assert codes(runs.run().report) == {"too_many_deletions"}
        runs.good(max_delete=DeleteLimit(1, False))
        assert same(runs)
