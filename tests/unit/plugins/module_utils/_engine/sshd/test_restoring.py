# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of a rollback: no link of an account is followed, and an error in one step prevents no other.

tests/hosts/test_sftp_server_rehearsal.py has it on hosts, with the links of a hostile account.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import restoring, rollback
from support.scripted.programs import Programs

FILE = stat.S_IFREG | 0o600


class Scene:
    """A home with a file of keys, and the directory of the copies. The test's account owns both."""

    def __init__(self, home: Path) -> None:
        self.home, self.guard, self.outside = home / "home", home / "guard", home / "outside"
        for each in (self.home / ".ssh", self.guard / restoring.COPIES, self.outside):
            each.mkdir(parents=True)
        self.keys = self.home / ".ssh/keys"
        (self.guard / restoring.COPIES / "1").write_text("owner\n")
        (self.guard / restoring.ARMED).touch()
        # A directory of root's would be the administrator's: 1 stands for the account, also if the test runs as root.
        if not os.geteuid():
            for each in (self.home, self.home / ".ssh", self.outside):
                os.chown(each, 1, 1)
        self.saved = self.of(self.keys)

    def of(self, path: Path) -> restoring.Saved:
        with rollback.contextlib.ExitStack() as stack:
            folders, _descriptor = rollback._walked(str(path.parent), stack)
        status = path.parent.stat()
        return restoring.Saved(folders, path.name, status.st_uid, status.st_gid, FILE, "1", settled=2, grows=True)

    def restore(self, *saved: restoring.Saved, boot: str = "") -> None:
        state = {"whole": [], "growing": saved, "places": [], "unit": "sshd-of-this-test.service"}
        state.update(socket=".socket", boot=boot or restoring.boot(), patience=1, boot_files=[])
        state.update(restored=str(self.guard) + "_restored")
        (self.guard / restoring.STATE).write_text(json.dumps(state))
        restoring.main(str(self.guard))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    if not os.geteuid():
        for above in tmp_path.parents[:2]:
            above.chmod(0o755)
        tmp_path.chmod(0o755)
    return Scene(tmp_path)


def test_what_is_missing_is_made_again(scene: Scene) -> None:
    (scene.home / ".ssh").rmdir()
    scene.restore(scene.saved)
    assert scene.keys.read_text() == "owner\n"
    assert (scene.keys.stat().st_uid, scene.keys.stat().st_mode) == (scene.saved.user, FILE)
    assert scene.keys.parent.stat().st_mode & 0o777 == 0o755
    assert not scene.guard.exists()


@pytest.mark.parametrize("target", ["outside/secret", "outside/missing"])
def test_a_link_in_the_place_of_the_file_is_not_read(scene: Scene, target: str) -> None:
    (scene.outside / "secret").write_text("secret\n")
    scene.keys.symlink_to(scene.home.parent / target)
    scene.restore(scene.saved)
    assert not scene.keys.is_symlink()
    assert scene.keys.read_text() == "owner\n"
    assert [each.read_text() for each in scene.outside.iterdir()] == ["secret\n"]


@pytest.mark.parametrize("name", ["keys.restored", "keys"])
def test_a_link_in_the_place_of_a_new_file_is_not_written(scene: Scene, name: str) -> None:
    (scene.outside / "file").write_text("other\n")
    (scene.keys.parent / name).symlink_to(scene.outside / "file")
    scene.restore(scene.saved)
    assert scene.keys.read_text() == "owner\n"
    assert (scene.outside / "file").read_text() == "other\n"


def test_a_link_in_the_place_of_the_directory_is_replaced(scene: Scene) -> None:
    scene.keys.parent.rmdir()
    scene.keys.parent.symlink_to(scene.outside)
    scene.restore(scene.saved)
    assert scene.keys.read_text() == "owner\n"
    assert list(scene.outside.iterdir()) == []


@pytest.mark.parametrize("depth", [1, 2], ids=["below_an_account", "below_root"])
def test_a_directory_of_another_user_in_its_place_is_left_alone(scene: Scene, depth: int) -> None:
    folders = [*scene.saved.folders]
    # as if another user's directory had been there
    folders[-depth] = folders[-depth]._replace(user=folders[-depth].user + 1, inode=0)
    scene.restore(scene.saved._replace(folders=folders))
    assert not scene.keys.exists()
    assert not scene.guard.exists()


@pytest.mark.parametrize("kind", ["fifo", "large", "directory"])
def test_nothing_but_a_file_of_a_usual_size_is_read(scene: Scene, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(scene.keys)
    elif kind == "large":
        scene.keys.touch()
        os.truncate(scene.keys, 1 << 40)
    else:
        scene.keys.mkdir()
    scene.restore(scene.saved)
    if kind != "directory":  # which no rename replaces
        assert scene.keys.read_text() == "owner\n"
    assert not scene.guard.exists()


def test_root_reads_with_the_rights_of_the_account(scene: Scene) -> None:
    """The file stands for a hard link to a file of root's: root could read it, and the account cannot."""
    scene.keys.write_text("secret\n")
    os.chown(scene.keys, scene.saved.user, -1)
    scene.keys.chmod(0)
    scene.restore(scene.saved)
    assert scene.keys.read_text() == "owner\n"


def test_an_error_prevents_no_other_step(scene: Scene) -> None:
    other = scene.of(scene.home / "other")
    scene.restore(scene.saved._replace(content="missing"), other)
    assert (scene.home / "other").read_text() == "owner\n"
    assert not scene.guard.exists()


def test_a_file_system_that_does_not_answer_holds_up_only_for_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "_SECONDS", 0.2)
    began = time.monotonic()
    restoring._in_time(time.sleep, 60)
    assert time.monotonic() - began < 30


def test_lines_are_added_and_none_is_removed() -> None:
    assert restoring._grown(b"a\nb\n", b"b\nc\n") == b"a\nb\nc\n"
    assert restoring._grown(b"a", b"b") == b"a\nb\n"
    assert restoring._grown(b"", b"b") == b"b\n"
    assert restoring._grown(b"a", b"") == b"a"


def test_it_needs_the_standard_library_alone() -> None:
    source = Path(restoring.__file__).read_text()
    imported = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("boot", "begun", "does"),
    [
        ("", "active", "rules restart"),
        ("", "inactive", "rules"),  # a soft reboot
        ("", "", "rules restart"),  # an error
        ("another", "inactive", ""),
        ("another", "active", "restart"),
    ],
)
def test_rules_and_services_of_another_boot(
    tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch, boot: str, begun: str, does: str
) -> None:
    """Before services start at a boot, sshd is not waited for; after an error, it may have started by then."""
    programs = Programs(tmp_path, monkeypatch)
    programs.put("systemctl", f'[ "$1" != is-active ] || echo {begun}')
    programs.put("nft")
    (scene.guard / restoring.RULES).write_text("table inet filter {}\n")
    scene.restore(boot=boot)
    wanted = {"rules": "nft -f -", "restart": "systemctl restart sshd-of-this-test.service"}
    assert [each for each in programs.calls if each in wanted.values()] == [wanted[each] for each in does.split()]
