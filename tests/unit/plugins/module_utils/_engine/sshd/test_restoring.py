# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of a rollback: no link of an account is followed, and an error in one step prevents no other.

tests/hosts/test_sftp_server_rehearsal.py has it on hosts, with the links of a hostile account.
"""

from __future__ import annotations

import errno
import fcntl
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

    def restore(self, *saved: restoring.Saved, boot: str = "", word: str = "", **more: object) -> None:
        state = {"whole": [], "growing": saved, "places": [], "unit": "sshd-of-this-test.service"}
        state.update(socket=".socket", boot=boot or restoring.boot(), patience=1, boot_files=[])
        state.update(restored=str(self.guard) + "_restored", **more)
        (self.guard / restoring.STATE).write_text(json.dumps(state))
        restoring.main(str(self.guard), word)


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


def test_lines_that_the_account_added_stay(scene: Scene) -> None:
    scene.keys.write_text("new\n")
    scene.restore(scene.saved)
    assert scene.keys.read_text() == "owner\nnew\n"


def test_owner_and_mode_of_the_file_and_of_its_lowest_directories(scene: Scene) -> None:
    """The third directory from below is not touched. No file in a directory of an account gets another owner; only
    root can give it another group."""
    folders = scene.home.parent, scene.home, scene.home / ".ssh"
    for each in folders:
        each.chmod(0o711)
    group = scene.saved.group if os.geteuid() else 2
    scene.restore(scene.saved._replace(user=scene.saved.user + 1, group=group, mode=stat.S_IFREG | 0o4640))
    assert [stat.S_IMODE(each.stat().st_mode) for each in folders] == [0o711, 0o755, 0o755]
    found = scene.keys.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (scene.saved.user, group, 0o640)


def test_the_rights_of_an_account_are_given_back(scene: Scene) -> None:
    before = os.geteuid(), os.getegid(), os.getgroups()
    with restoring.acting_as(scene.saved.holder):
        assert os.geteuid() == scene.saved.holder.user
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before


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


SAVED = "Port 22\n"


class Configuration:
    """Files of sshd, whose directory belongs to the account of this test, and the programs of a host."""

    def __init__(self, scene: Scene, programs: Programs) -> None:
        self.scene, self.programs = scene, programs
        self.place = scene.outside.parent / "etc"
        (self.place / "drop-ins").mkdir(parents=True)
        self.file = self.place / "sshd_config"
        (scene.guard / restoring.COPIES / "1").write_text(SAVED)
        self.saved = scene.of(self.file)._replace(mode=stat.S_IFREG | 0o640, grows=False, settled=0)

    def restore(self, *saved: restoring.Saved, **more: object) -> None:
        """Restore files after a change that wrote new files to the directories."""
        places = [f"{self.place}/sshd_config", f"{self.place}/drop-ins"]
        self.scene.restore(**{"whole": saved or [self.saved], "places": places, **more})


@pytest.fixture
def configuration(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    programs = Programs(tmp_path, monkeypatch)
    programs.put("systemctl", "echo active")
    programs.put("nft")
    return Configuration(scene, programs)


def test_the_former_configuration_is_back(configuration: Configuration) -> None:
    """New files are removed, and no file behind a new link. Links and lost directories come back."""
    place, scene = configuration.place, configuration.scene
    link = configuration.saved._replace(name="link", mode=stat.S_IFLNK | 0o777, content="target", grows=False)
    status = (place / "drop-ins").stat()
    below = restoring.Folder("below", os.getuid(), os.getgid(), 0o751, status.st_dev, 0, [os.getgid()])
    lost = configuration.saved._replace(folders=[*configuration.saved.folders, below], name="lost")
    configuration.file.write_text("Port 2222\n")
    (place / "drop-ins/new.conf").write_text("new")
    (place / "drop-ins/deep").mkdir()
    (place / "drop-ins/deep/new.conf").write_text("new")
    (place / "drop-ins/other.conf").symlink_to(scene.outside / "other")
    (scene.outside / "other").write_text("other")
    (place / "beside").write_text("beside")
    boot_file = scene.outside / "boot_file"
    boot_file.touch()
    configuration.restore(configuration.saved, link, lost, boot_files=[str(boot_file)])
    files = {str(path.relative_to(place)): path.read_text() for path in place.rglob("*") if path.is_file()}
    assert files == {"sshd_config": SAVED, "below/lost": SAVED, "beside": "beside"}
    assert (configuration.file.stat().st_mode, (place / "below").stat().st_mode & 0o777) == (0o100640, 0o751)
    assert os.readlink(place / "link") == "target"
    assert (scene.outside / "other").read_text() == "other"
    assert not boot_file.exists()
    kept = Path(f"{scene.guard}_restored")
    assert (scene.guard.exists(), (kept / restoring.STATE).exists(), (kept / restoring.COPIES).exists()) == (
        False,
        True,
        False,
    )


def test_a_file_as_before_is_not_written_again(configuration: Configuration) -> None:
    """Root sees that: in a directory of an account, a file is always replaced."""
    configuration.file.write_text(SAVED)
    configuration.file.chmod(0o640)
    before = configuration.file.stat().st_ino
    configuration.restore()
    assert (configuration.file.stat().st_ino == before) == (os.geteuid() == 0)
    assert configuration.file.read_text() == SAVED


@pytest.mark.parametrize("armed", [True, False])
def test_nothing_is_done_by_a_trial_and_after_a_confirmation(configuration: Configuration, *, armed: bool) -> None:
    configuration.file.write_text("Port 2222\n")
    if not armed:
        (configuration.scene.guard / restoring.ARMED).unlink()
    configuration.restore(word="try" if armed else "")
    assert configuration.file.read_text() == "Port 2222\n"
    assert configuration.scene.guard.exists()
    assert configuration.programs.calls == []


def test_a_trial_reads_the_state(configuration: Configuration) -> None:
    with pytest.raises(TypeError):
        configuration.restore(word="try", whole=None)


@pytest.mark.parametrize("broken", ["file", "link"])
def test_a_failure_keeps_the_copies_and_is_reported(
    configuration: Configuration, broken: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A directory has the name of the file. All other steps are taken."""
    place = configuration.place
    (place / "broken").mkdir()
    mode, content = (stat.S_IFLNK, "target") if broken == "link" else (stat.S_IFREG | 0o600, "1")
    failing = configuration.saved._replace(name="broken", mode=mode, content=content)
    with pytest.raises(SystemExit, match="is not restored"):
        configuration.restore(failing, configuration.saved)
    assert f"not restored: {place}/broken: " in capfd.readouterr().err
    assert configuration.file.read_text() == SAVED
    assert (configuration.scene.guard / restoring.ARMED).exists()
    assert configuration.programs.calls[-1] == "systemctl restart sshd-of-this-test.service"
    (place / "broken").rmdir()
    configuration.restore(failing, configuration.saved)
    assert os.path.lexists(place / "broken")


def test_a_new_file_that_cannot_be_removed_is_a_failure(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An immutable file cannot be made without root."""
    stuck = configuration.place / "drop-ins/stuck"
    stuck.touch()
    unlink = os.unlink

    def refuse(path: str, **options: int) -> None:
        if path == str(stuck):
            raise PermissionError(errno.EPERM, "Operation not permitted", path)
        unlink(path, **options)

    monkeypatch.setattr(restoring.os, "unlink", refuse)
    with pytest.raises(SystemExit, match="is not restored"):
        configuration.restore()


def test_the_copy_takes_the_place_of_a_file_on_a_full_disk(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk needs root: the error comes from `fsync`."""
    configuration.file.write_text("Port 2222\n")
    copy = configuration.scene.guard / restoring.COPIES / "1"
    inode = copy.stat().st_ino
    monkeypatch.setattr(restoring.os, "fsync", Failing(errno.ENOSPC))
    configuration.restore()
    found = configuration.file.stat()
    assert (found.st_ino, found.st_mode, configuration.file.read_text()) == (inode, 0o100640, SAVED)
    assert [path.name for path in configuration.place.iterdir() if "restored" in path.name] == []


def test_another_error_of_the_disk_is_a_failure(configuration: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration.file.write_text("Port 2222\n")
    monkeypatch.setattr(restoring.os, "fsync", Failing(errno.EIO))
    with pytest.raises(SystemExit):
        configuration.restore()
    assert not (configuration.place / "sshd_config.restored").exists()


class Failing:
    """A system call that fails."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __call__(self, *_given: object) -> None:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize(
    ("before", "present", "after"),
    [
        (b"a\n", b"SSHKRL\n\0new", b"SSHKRL\n\0new"),
        (b"SSHKRL\n\0old", b"b\n", b"b\n"),
        (b"SSHKRL\n\0old", None, b"SSHKRL\n\0old"),
        (b"a\n", b"b\n", b"a\nb\n"),
    ],
)
def test_lists_of_revoked_keys_in_their_own_format_are_not_mixed(
    configuration: Configuration, before: bytes, present: bytes | None, after: bytes
) -> None:
    (configuration.scene.guard / restoring.COPIES / "1").write_bytes(before)
    if present is not None:
        configuration.file.write_bytes(present)
    configuration.restore(configuration.saved._replace(grows=True), places=[])
    assert configuration.file.read_bytes() == after


def test_a_run_that_hangs_holds_another_up_only_for_a_time(configuration: Configuration) -> None:
    with Path(f"{configuration.scene.guard}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        configuration.restore(patience=0.5)
    assert 0.5 < time.monotonic() - began < 60
    assert configuration.file.read_text() == SAVED


def test_another_run_that_is_faster_leaves_nothing_to_do(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends while this run waits for the lock."""
    flock = fcntl.flock

    def late(lock: int, how: int) -> None:
        (configuration.scene.guard / restoring.ARMED).unlink()
        flock(lock, how)

    monkeypatch.setattr(restoring.fcntl, "flock", late)
    configuration.restore()
    assert not configuration.file.exists()
    assert configuration.programs.calls == []


@pytest.mark.parametrize("same", [True, False])
def test_rules_are_loaded_if_they_differ(configuration: Configuration, tmp_path: Path, *, same: bool) -> None:
    rules = "table inet filter {\n}"
    (configuration.scene.guard / restoring.RULES).write_text(rules + "\n")
    listed = rules if same else "table inet other {\n}"
    script = f'if [ "$1" = list ]; then echo "{listed}"; else cat >{tmp_path}/loaded; fi'
    configuration.programs.put("nft", script)
    configuration.restore()
    loaded = tmp_path / "loaded"
    assert (loaded.read_text() if loaded.exists() else None) == (None if same else f"flush ruleset\n{rules}\n")


@pytest.mark.parametrize(
    ("unit", "calls"),
    [
        ("ssh.service", ["reset-failed ssh.service", "restart ssh.service"]),
        ("ssh.socket", ["daemon-reload", "reset-failed ssh.socket ssh", "restart ssh.socket"]),
    ],
)
def test_the_unit_of_sshd_starts_again(configuration: Configuration, unit: str, calls: list[str]) -> None:
    configuration.restore(unit=unit)
    assert configuration.programs.calls == [
        "systemctl is-active sysinit.target",
        *(f"systemctl {each}" for each in calls),
    ]


def test_a_host_without_systemd(configuration: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(configuration.place))
    configuration.restore()
    assert configuration.file.read_text() == SAVED
