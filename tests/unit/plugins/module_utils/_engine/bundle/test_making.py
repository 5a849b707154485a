# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives that are made: the same tree, the same bytes; whole at every moment; nothing is done twice."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle import making
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from support.scenes.bundle_scene import ARCHIVES, BAGS, FILES, PAST, BundleScene
from support.servers.ssh_keys import key
from support.trees.signed_tree import signed

LAYOUTS = pytest.mark.parametrize("layout", ["plain", "bagit"])


@pytest.fixture
def scene(tmp_path: Path) -> BundleScene:
    return BundleScene(tmp_path)


@LAYOUTS
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_second_run_changes_nothing(tmp_path: Path, layout: str, kind: str) -> None:
    scene = BundleScene(tmp_path, key("release", kind))
    made = scene.make(layout=layout)
    assert (made.changed, made.key) == (True, scene.signer.fingerprint)
    before = scene.pair(), scene.archive.stat().st_ino
    again = scene.make(layout=layout)
    assert not again.changed
    assert (again.digest, again.size, again.members) == (made.digest, made.size, made.members)
    assert (scene.pair(), scene.archive.stat().st_ino) == before
    assert isinstance(scene.check(layout), making.BundleReport)


@LAYOUTS
def test_the_same_tree_elsewhere_gives_the_same_bytes(scene: BundleScene, tmp_path: Path, layout: str) -> None:
    scene.make(layout=layout)
    (tmp_path / "other").mkdir()
    other = BundleScene(tmp_path / "other")
    shutil.rmtree(other.tree)
    for name in reversed(list(FILES)):  # another order in the directories, parts of seconds, more bits, another time
        other.write(name, FILES[name], PAST + 0.25)
        (other.tree / name).chmod(0o4644)
    os.utime(other.tree / "sub", (1, 1))
    other.make(layout=layout)
    assert other.pair() == scene.pair()


def test_the_members_of_a_plain_archive(scene: BundleScene) -> None:
    scene.make()
    assert scene.members() == FILES


def test_links_and_other_kinds(scene: BundleScene) -> None:
    (scene.tree / "link").symlink_to("sub/b")
    (scene.tree / "out").symlink_to("../../etc/passwd")
    os.mkfifo(scene.tree / "fifo")
    skipped = {each.path: each.reason for each in scene.make().skipped}
    assert set(skipped) == {b"link", b"out", b"fifo"}
    copied = scene.make(links="copy")
    assert {each.path for each in copied.skipped} == {b"out", b"fifo"}
    assert copied.changed
    assert not isinstance(scene.check(), str)
    assert scene.refusal(links="error") == "refused"
    assert scene.refusal(links="copy", layout="bagit") == "not_supported"


@pytest.mark.parametrize("change", ["content", "mode", "time", "name", "new", "gone"])
def test_every_change_of_the_tree_makes_another_archive(scene: BundleScene, change: str) -> None:
    scene.make()
    before, path = scene.pair(), scene.tree / "a"
    if change == "content":
        scene.write("a", b"ALPHA")  # with the same size and time
    elif change == "mode":
        path.chmod(0o600)
    elif change == "time":
        os.utime(path, (PAST + 1, PAST + 1))
    elif change == "name":
        path.rename(scene.tree / "A")
    elif change == "new":
        (scene.tree / "empty").mkdir()
    else:
        path.unlink()
    assert scene.make(check_mode=True).changed
    assert scene.pair() == before
    made = scene.make()
    assert made.changed
    assert {each.path for each in made.before} == {b"a", b"sub", b"sub/b", b"sub/deep", b"sub/deep/c", b"two words"}
    assert not isinstance(scene.check(), str)
    assert not scene.make().changed


def test_check_mode_writes_nothing(scene: BundleScene) -> None:
    planned = scene.make(check_mode=True)
    assert (planned.changed, planned.size, planned.digest) == (True, -1, "")
    assert os.listdir(scene.archive.parent) == []
    scene.make()
    assert not scene.make(check_mode=True).changed


@LAYOUTS
@pytest.mark.parametrize("damage", ["no signature", "other signature", "other key", "other purpose"])
def test_a_signature_that_does_not_count_is_made_again(scene: BundleScene, layout: str, damage: str) -> None:
    scene.make(layout=layout)
    archive = scene.archive.read_bytes()
    if damage == "no signature":
        scene.signature.unlink()
    elif damage == "other signature":
        scene.signature.write_bytes(signed(archive + b"x", scene.signer, ARCHIVES))
    elif damage == "other key":
        scene.signature.write_bytes(signed(archive, key("stranger"), ARCHIVES))
    else:
        scene.signature.write_bytes(signed(archive, scene.signer, BAGS))
    assert scene.make(layout=layout).changed
    assert not isinstance(scene.check(layout), str)


def test_a_new_key_signs_again_inside_too(scene: BundleScene) -> None:
    scene.make(layout="bagit")
    scene.signer = key("next-release")
    assert scene.make(layout="bagit").changed
    assert not isinstance(scene.check("bagit"), str)


def test_a_bag_inside_that_another_key_signed_is_made_again(scene: BundleScene) -> None:
    scene.make(layout="bagit")
    scene.signer = key("next-release")
    scene.put(scene.archive.read_bytes())
    assert scene.make(layout="bagit").changed
    assert not isinstance(scene.check("bagit"), str)


def test_an_archive_of_another_program_is_replaced(scene: BundleScene) -> None:
    scene.make()
    for content in (scene.archive.read_bytes() + b"\0" * 512, b"no archive"):
        assert scene.put(content).make().changed
        assert not isinstance(scene.check(), str)


def test_new_files_are_private_and_replaced_files_keep_their_mode(scene: BundleScene) -> None:
    scene.make()
    assert [path.stat().st_mode & 0o777 for path in (scene.archive, scene.signature)] == [0o600, 0o600]
    scene.archive.chmod(0o644)
    scene.write("a", b"new")
    scene.make()
    assert [path.stat().st_mode & 0o777 for path in (scene.archive, scene.signature)] == [0o644, 0o644]


def test_the_signature_gets_its_name_first(scene: BundleScene, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[bytes] = []
    rename = os.rename

    def noted(old: bytes, new: bytes, **where: int) -> None:
        names.append(new)
        rename(old, new, **where)

    monkeypatch.setattr(os, "rename", noted)
    scene.make()
    assert names == [b"release.tar.sig", b"release.tar"]


def killed(scene: BundleScene, call: str, number: int) -> None:
    """Make the archive in a process that SIGKILL ends before the call of that number of a function of `os`."""
    child = os.fork()
    if not child:
        act, left = getattr(os, call), iter(range(number - 1))

        def counted(*arguments: Any, **where: Any) -> Any:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*arguments, **where)

        setattr(os, call, counted)
        try:
            scene.make()
        finally:
            os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


@pytest.mark.parametrize(
    ("call", "number", "readers"),
    [("fsync", 1, "old"), ("fsync", 2, "old"), ("rename", 1, "old"), ("rename", 2, "signature_invalid")],
)
def test_a_killed_run_is_never_believed_and_the_next_heals(
    scene: BundleScene, call: str, number: int, readers: str
) -> None:
    old = scene.make().digest
    scene.write("a", b"new")
    killed(scene, call, number)
    found = scene.check()
    assert (found if isinstance(found, str) else "old" if found.digest == old else "new") == readers
    assert scene.make().changed
    healed = scene.check()
    assert not isinstance(healed, str)
    assert healed.digest != old
    assert sorted(os.listdir(scene.archive.parent)) == [".bundles.lock", "release.tar", "release.tar.sig"]


def test_a_full_disk_leaves_the_old_pair_and_no_stage(scene: BundleScene) -> None:
    """A limit of this process stands for the disk: writing beyond it fails in the same call."""
    scene.make()
    before = scene.pair()
    scene.write("large", b"x" * 300_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        assert scene.refusal() == "operation_failed"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert scene.pair() == before
    assert sorted(os.listdir(scene.archive.parent)) == [".bundles.lock", "release.tar", "release.tar.sig"]


def test_a_stage_of_a_killed_run_is_removed(scene: BundleScene) -> None:
    stale, others = (
        scene.archive.parent / ".release.tar.0123456789abcdef.new",
        scene.archive.parent / ".release.tar.x.new",
    )
    for path in (stale, others):
        path.write_bytes(b"cut")
    scene.make(check_mode=True)
    assert stale.exists()
    scene.make()
    assert (stale.exists(), others.exists()) == (False, True)


def test_an_entry_that_cannot_be_read_is_named(scene: BundleScene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open call fails: the tests' user may read everything."""
    opened = os.open

    def refused(path: bytes, flags: int, *arguments: int, **where: int) -> int:
        if path == b"two words":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *arguments, **where)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(PermissionDenied) as caught:
        scene.make()
    assert (caught.value.path, bool(caught.value.cure)) == (b"two words", True)
    assert os.listdir(scene.archive.parent) == [".bundles.lock"]


def test_a_file_that_grows_is_refused(scene: BundleScene, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = making.list_tree

    def then_grown(*arguments: object) -> object:
        listed = listing(*arguments)  # type: ignore[arg-type]
        scene.write("sub/b", b"longer" * 5000)
        return listed

    monkeypatch.setattr(making, "list_tree", then_grown)
    assert scene.refusal() == "source_changed"
    assert os.listdir(scene.archive.parent) == [".bundles.lock"]


@pytest.mark.parametrize("where", ["tree/release.tar", "tree/sub/release.tar", "link/release.tar"])
def test_an_archive_inside_its_tree_is_refused(scene: BundleScene, where: str) -> None:
    (scene.directory / "link").symlink_to("tree/sub")
    assert scene.refusal(archive=os.fsencode(scene.directory / where)) == "overlapping_roots"


def test_places_that_cannot_be_used(scene: BundleScene) -> None:
    assert scene.refusal(source=b"/nowhere") == "source_missing"
    assert scene.refusal(source=os.fsencode(scene.tree / "a")) == "kind_conflict"
    assert scene.refusal(archive=os.fsencode(scene.directory / "missing/x.tar")) == "not_found"
    (scene.directory / "empty").mkdir()
    assert scene.refusal(source=os.fsencode(scene.directory / "empty")) == "empty_source"
    scene.archive.symlink_to("elsewhere")
    assert scene.refusal() == "kind_conflict"
    scene.archive.unlink()
    scene.archive.mkdir()
    assert scene.refusal() == "kind_conflict"
