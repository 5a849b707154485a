# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that refuse single requests, by a list of sshd or by the limits of an FTPS server: a refusal costs no more
than the effect of the request."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from support.running.case_blind_disk import EXFAT, MODELESS, case_blind_disk, mounted
from support.running.child import NOBODY, in_child
from support.running.scratch import scratch
from support.running.small_disk import small_disk
from support.running.tasks import run_task
from support.scenes.module_tasks import remote
from support.scenes.sealed_pair import age_key
from support.scripted.scripted_sftp import scripted
from support.servers.accounts import Account
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

OLD = time.time() - 3600
LARGE = b"\0\1" * (2 << 20)


class Refusing:
    """Tasks between a directory on this host and the directory `far` of a server."""

    def __init__(self, server: Sshd | FtpsServer, directory: Path) -> None:
        self.server, self.near, self.far = server, directory / "near", server.root / "far"
        self.near.mkdir(exist_ok=True)
        self.far.mkdir(exist_ok=True)
        server.give(self.far)
        self._options = {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "state_dir": str(directory / "state"),
            **_login(server),
        }

    def task(self, *, push: bool = True, check: bool = False, **options: Any) -> dict[str, Any]:
        near, far = str(self.near), remote(self.server, self.far)
        ends = {"src": near, "dest": far} if push else {"direction": "pull", "src": far, "dest": near}
        return run_task(secure_sync, check=check, **{**self._options, **ends, **options})

    def without_root(self, **options: Any) -> dict[str, Any]:
        """The result of a task of an account that has a copy of the login."""
        own = self.near.parent / "login"
        if not own.exists():
            own.mkdir()
            for name, path in self._options.items():
                if name in ("private_key_file", "known_hosts_file", "ca_file"):
                    self._options[name] = shutil.copy(path, own / name)
            self._options["state_dir"] = str(own / "state")
            subprocess.run(["chown", "-R", str(NOBODY), str(own)], check=True)
        return in_child(lambda: _plain(self.task(**options)), unprivileged=True)

    def good(self, **options: Any) -> dict[str, Any]:
        result = self.task(**options)
        assert result.get("failed") is None, (result["msg"], result.get("failed_items"))
        return result

    def fill(self, directory: Path, content: dict[str, bytes]) -> None:
        for name, data in content.items():
            path = directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (OLD, OLD))
            for each in (path.parent, path) if directory == self.far else ():
                self.server.give(each)


def _login(server: Sshd | FtpsServer) -> dict[str, Any]:
    if isinstance(server, FtpsServer):
        return {"protocol": "ftps", "password": server.password, "ca_file": str(server.authority.file)}
    login = {"private_key_file": str(server.key.path), "known_hosts_file": str(server.known_hosts)}
    return {**login, "ssh_config_file": "none", "ssh_agent": False}


@contextmanager
def refusing(directory: Path, arguments: str, **options: Any) -> Iterator[Refusing]:
    """Yield tasks with an account that gets internal-sftp with these arguments alone."""
    with Sshd(config=(f"ForceCommand internal-sftp {arguments}",), **options) as server:
        yield Refusing(server, directory)


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


class TestInPlace:
    """Files under their final names: a failure never takes away a file that was there."""

    def test_content_that_arrived_stays_where_attributes_are_refused(self, tmp_path: Path) -> None:
        content = {"small": b"new", "large": LARGE}
        with refusing(tmp_path, "-P fsetstat,setstat,lsetstat") as scene:
            scene.fill(scene.near, {**content, "first": b"1"})
            scene.fill(scene.far, dict.fromkeys(content, b"old"))
            result = scene.good(in_place=True, proof="none")
            assert files(scene.far) == {**content, "first": b"1"}
        assert len([note for note in result["notes"] if "SSH_FXP_FSETSTAT" in note]) == 1, result["notes"]

    @pytest.mark.parametrize("kind", [Sshd, ProftpdFtps, Vsftpd])
    def test_an_upload_that_breaks_off_removes_no_file_that_was_there(self, kind: Any, tmp_path: Path) -> None:
        with small_disk("size=1m") as disk, kind(disk) as server:
            scene = Refusing(server, tmp_path)
            scene.fill(scene.near, {"there": LARGE, "new": LARGE})
            scene.fill(scene.far, {"there": b"old"})
            result = scene.task(in_place=True, proof="none")
            assert {item["code"] for item in result["failed_items"]} == {"no_space"}, result["msg"]
            assert list(files(scene.far)) == ["there"], "an incomplete file that this run made is removed"

    @pytest.mark.parametrize("kind", [Sshd, ProftpdFtps, Vsftpd])
    def test_a_file_of_another_account_costs_no_mode_of_others(self, kind: Any, tmp_path: Path) -> None:
        with kind() as server:
            scene = Refusing(server, tmp_path)
            scene.fill(scene.near, {"a": b"new", "b": b"secret"})
            (scene.near / "b").chmod(0o600)
            scene.fill(scene.far, {"a": b"old"})
            (scene.far / "a").chmod(0o666)
            os.chown(scene.far / "a", 0, 0)
            result = scene.good(in_place=True, proof="none", parallel=1)
            assert files(scene.far) == {"a": b"new", "b": b"secret"}
            assert (scene.far / "b").stat().st_mode & 0o777 == 0o600, result["notes"]


def test_a_link_that_the_server_does_not_make_removes_no_file(tmp_path: Path) -> None:
    with refusing(tmp_path, "-P symlink") as scene:
        scene.fill(scene.near, {"file": b"1"})
        (scene.near / "link").symlink_to("file")
        scene.fill(scene.far, {"file": b"1", "link": b"old"})
        result = scene.task(links="copy")
        assert [(item["path"], item["code"]) for item in result["failed_items"]] == [("link", "permission_denied")]
        assert "SSH_FXP_SYMLINK" in result["failed_items"][0]["message"]
        assert files(scene.far) == {"file": b"1", "link": b"old"}
        scene.good(links="skip")


def test_old_algorithms_are_not_tried_again(tmp_path: Path) -> None:
    old = "KexAlgorithms diffie-hellman-group14-sha1"
    with Sshd(config=(old,)) as server:
        scene = Refusing(server, tmp_path)
        result = scene.task(retries=5)
        assert result["error"]["code"] == "algorithms_refused"
        assert server.log().count("no matching key exchange method found") == 1
    assert "curve25519-sha256" in result["error"]["cure"]
    with Sshd(config=(f"{old},curve25519-sha256",)) as server:
        Refusing(server, tmp_path).good()


CONTENT = {"a": b"1", "sub/b": b"2", "large": LARGE}


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("refused", ["-P fstat", "-P realpath", "-P stat", "-P stat,realpath"])
def test_a_refusal_that_costs_nothing(tmp_path: Path, refused: str, push: bool) -> None:
    with refusing(tmp_path, refused) as scene:
        source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
        scene.fill(source, CONTENT)
        scene.fill(destination, {"a": b"old", "extra": b"0"})
        result = scene.good(push=push, delete=True, max_delete="100%")
        assert (files(destination), result["proofs"]["read_back"]) == (CONTENT, len(CONTENT))
        assert scene.good(push=push, delete=True)["changed"] is False
        scene.fill(source, {"large": LARGE + b"more", "sub/b": b"33"})
        assert scene.good(push=push, delete=True)["totals"]["store"] == 2
        assert files(destination) == files(source)


@pytest.mark.parametrize("refused", ["-P realpath", "-P stat", "-P stat,realpath"])
def test_a_missing_destination_where_paths_are_not_resolved(tmp_path: Path, refused: str) -> None:
    with refusing(tmp_path, refused) as scene:
        scene.fill(scene.near, {"a": b"1"})
        there = remote(scene.server, scene.far)
        assert scene.task(dest=f"{there}/none/new")["error"]["code"] == "not_found"
        assert scene.good(dest=f"{there}/new/")["changed"] is True
        assert scene.good(dest=f"{there}/new")["changed"] is False
        assert files(scene.far) == {"new/a": b"1"}


def test_a_single_file_where_stat_is_refused(tmp_path: Path) -> None:
    with refusing(tmp_path, "-P stat") as scene:
        scene.fill(scene.far, {"a": b"1"})
        (scene.far / "to").symlink_to(".")
        there = remote(scene.server, scene.far)
        scene.good(push=False, src=f"{there}/a")
        assert files(scene.near) == {"a": b"1"}
        assert scene.task(push=False, src=f"{there}/none")["error"]["code"] == "source_missing"
        scene.good(push=False, src=f"{there}/to")


class TestAttributes:
    """Requests that set modes and times."""

    @pytest.mark.parametrize("options", [{}, {"lock": False}, {"in_place": True, "proof": "none"}], ids=str)
    @pytest.mark.parametrize("compare", ["recorded", "size_mtime", "checksum"])
    def test_no_attribute_can_be_set(self, tmp_path: Path, compare: str, options: dict[str, Any]) -> None:
        with refusing(tmp_path, "-P fsetstat,setstat,lsetstat") as scene:
            scene.fill(scene.near, CONTENT)
            (scene.near / "a").chmod(0o640)
            scene.fill(scene.far, {"sub/b": b"2", "a": b"other"})
            result = scene.good(compare=compare, **options)
            assert files(scene.far) == CONTENT
            notes = [note for note in result["notes"] if "the server refuses to set modes and times" in note]
            assert len(notes) == 1, result["notes"]
            assert "(SSH_FXP_FSETSTAT, SSH_FXP_SETSTAT)" in notes[0]
            foreseen = scene.good(compare=compare, check=True, **options)
            again = scene.good(compare=compare, **options)
            assert [one["changed"] for one in (foreseen, again)] == [False, False], (foreseen["changes"], again)
            scene.fill(scene.near, {"large": LARGE + b"1", "new": b"3"})
            assert scene.good(compare=compare, **options)["totals"]["store"] == 2
            assert files(scene.far) == files(scene.near)
            assert scene.good(compare=compare, **options)["changed"] is False
            mode = (scene.far / "new").stat().st_mode & 0o777
            assert mode & ~((scene.near / "new").stat().st_mode) == 0, "never wider than its wanted mode"

    @pytest.mark.parametrize(
        ("arguments", "unkept"),
        [("-P fsetstat", ""), ("-P setstat,lsetstat", "directories do not keep theirs"), ("-P setstat", "")],
    )
    def test_one_way_to_set_attributes_is_enough(self, tmp_path: Path, arguments: str, unkept: str) -> None:
        with refusing(tmp_path, arguments) as scene:
            scene.fill(scene.near, CONTENT)
            scene.fill(scene.far, {"sub/b": b"2"})
            os.utime(scene.far / "sub" / "b", (1, 1))
            for name in CONTENT:
                (scene.near / name).chmod(0o640)
            result = scene.good(preserve_mode=None if unkept else True)
            assert [bool(unkept and unkept in note) for note in result["notes"]] == [True] * bool(unkept)
            for name in CONTENT:
                near, far = (scene.near / name).stat(), (scene.far / name).stat()
                assert int(far.st_mtime) == int(near.st_mtime), name
                assert far.st_mode == near.st_mode or name == "sub/b", name
            assert scene.good()["changed"] is False

    def test_modes_that_the_task_demands(self, tmp_path: Path) -> None:
        with refusing(tmp_path, "-P fsetstat,setstat,lsetstat") as scene:
            scene.fill(scene.near, CONTENT)
            for check in (False, True):
                result = scene.task(preserve_mode=True, check=check)
                assert (result["error"]["code"], files(scene.far)) == ("not_supported", {})
                assert "Leave preserve_mode out" in result["error"]["cure"]
            scene.good()
            assert files(scene.far) == CONTENT


LOCK = ".secure_sync.lock"


class TestRemove:
    """Accounts that may not remove files."""

    @pytest.mark.parametrize("refused", ["-P remove", "-P remove,fsetstat,setstat,lsetstat", "-P remove,posix-rename"])
    def test_the_lock_of_an_ended_run_is_taken_over(self, tmp_path: Path, refused: str) -> None:
        with refusing(tmp_path, refused) as scene:
            scene.fill(scene.near, CONTENT)
            result = scene.good()
            assert "the next run takes it over" in "".join(result["notes"])
            assert "(SSH_FXP_REMOVE)" in "".join(result["notes"])
            assert scene.good()["changed"] is False
            scene.fill(scene.near, {"a": b"changed"})
            assert scene.good()["totals"]["store"] == 1
            left = files(scene.far)
            assert {name: left.pop(name) for name in CONTENT} == files(scene.near)
            names = {name for name in left if "posix" not in refused or not name.endswith(".old")}
            assert names == {LOCK}

    def test_the_lock_of_another_host(self, tmp_path: Path) -> None:
        with refusing(tmp_path, "-P remove") as scene:
            scene.fill(scene.near, CONTENT)
            scene.good()
            lock, mine = scene.far / LOCK, (scene.far / LOCK).read_bytes()
            ended = lock.stat().st_mtime
            other = re.sub(rb"host=[0-9a-f]+", b"host=0123456789abcdef", mine)
            lock.write_bytes(other)
            result = scene.task()
            assert result["error"]["code"] == "locked"
            (note,) = [note for note in result["notes"] if "temporary files" in note]
            (left,) = [name for name in files(scene.far) if name.endswith(".tmp")]
            assert left in note
            lock.write_bytes(other)
            os.utime(lock, (ended, ended))
            assert "stay at the destination" in "".join(scene.good()["notes"])
            assert lock.read_bytes() not in (mine, other)

    def test_a_file_to_delete_fails_alone(self, tmp_path: Path) -> None:
        with refusing(tmp_path, "-P remove") as scene:
            scene.fill(scene.near, CONTENT)
            scene.fill(scene.far, {"extra": b"0"})
            result = scene.task(delete=True, max_delete="100%")
            (failed,) = result["failed_items"]
            assert (failed["path"], failed["code"]) == ("extra", "permission_denied")
            assert "refuses to remove the file (SSH_FXP_REMOVE)" in failed["message"]
            assert result["totals"]["store"] == len(CONTENT)


class TestRename:
    """Servers that refuse to rename."""

    @pytest.mark.parametrize("options", [{}, {"lock": False}], ids=str)
    def test_no_file_can_be_renamed(self, tmp_path: Path, options: dict[str, Any]) -> None:
        with refusing(tmp_path, "-P rename,posix-rename") as scene:
            scene.fill(scene.near, CONTENT)
            scene.fill(scene.far, {"a": b"old"})
            result = scene.task(**options)
            assert result["error"]["code"] == "permission_denied"
            assert "refuses to rename the file (SSH_FXP_RENAME)" in result["error"]["message"]
            assert "in_place" in result["error"]["cure"]
            assert files(scene.far) == {"a": b"old"}, "nothing stays"
            scene.good(in_place=True, proof="none")
            assert files(scene.far) == CONTENT
            assert scene.good(in_place=True, proof="none")["changed"] is False

    def test_the_lock_needs_no_rename(self, tmp_path: Path) -> None:
        with refusing(tmp_path, "-P rename") as scene:
            scene.fill(scene.near, CONTENT)
            scene.fill(scene.far, {"a": b"old", "extra": b"0"})
            scene.good(delete=True, max_delete="100%")
            assert files(scene.far) == CONTENT
            assert scene.good(delete=True)["changed"] is False


def limited(*commands: str) -> tuple[Any, tuple[str, ...]]:
    return ProftpdFtps, (f"<Limit {' '.join(commands)}>", "DenyAll", "</Limit>")


class TestFtps:
    """Commands that a server refuses."""

    @pytest.mark.parametrize(
        ("server", "words"),
        [
            (limited("SITE_CHMOD"), "the server refuses to set modes (SITE CHMOD: 550"),
            ((Vsftpd, ("chmod_enable=NO",)), "the server refuses to set modes (SITE CHMOD: 5"),
            ((Vsftpd, ("cmds_denied=SITE",)), "the server refuses to set modes (SITE CHMOD: 550 Permission denied."),
            ((Vsftpd, ("mdtm_write=NO",)), "the server does not set mtimes"),
            (limited("SIZE"), ""),
            (limited("DELE"), "the next run takes it over: the server refuses DELE: 550"),
            ((PureFtpd, ("--nochmod",)), "the server refuses to set modes (SITE CHMOD: 550 Could not change perms on"),
            ((PureFtpd, ("--keepallfiles",)), "the next run takes it over: the server refuses DELE: 550"),
        ],
        ids=[
            "ProFTPD SITE_CHMOD",
            "vsftpd chmod",
            "vsftpd SITE",
            "vsftpd MDTM",
            "ProFTPD SIZE",
            "ProFTPD DELE",
            "pure-ftpd chmod",
            "pure-ftpd DELE",
        ],
    )
    def test_a_refused_command_costs_no_file(self, tmp_path: Path, server: Any, words: str) -> None:
        kind, config = server
        with kind(config=config) as running:
            scene = Refusing(running, tmp_path)
            scene.fill(scene.near, CONTENT)
            (scene.near / "a").chmod(0o600)
            scene.fill(scene.far, {"a": b"old"})
            result = scene.good()
            assert [words in note for note in result["notes"]].count(True) == 1 or not words, result["notes"]
            assert scene.good()["changed"] is False
            scene.fill(scene.near, {"a": b"changed"})
            assert scene.good()["totals"]["store"] == 1
            assert {name: data for name, data in files(scene.far).items() if name != LOCK} == files(scene.near)
            if "set modes" in words:
                refused = scene.task(preserve_mode=True)
                assert refused["error"]["code"] == "not_supported"

    @pytest.mark.parametrize(
        "server", [limited("SITE_CHMOD"), (PureFtpd, ("--nochmod",))], ids=["ProFTPD SITE_CHMOD", "pure-ftpd chmod"]
    )
    def test_a_new_destination_where_no_mode_can_be_set(self, tmp_path: Path, server: Any) -> None:
        kind, config = server
        with kind(config=config) as running:
            scene = Refusing(running, tmp_path)
            scene.fill(scene.near, CONTENT)
            there = f"{remote(running, scene.far)}/new"
            scene.good(dest=there)
            assert files(scene.far / "new") == CONTENT
            assert scene.good(dest=there)["changed"] is False

    @pytest.mark.parametrize("options", [{}, {"lock": False}], ids=str)
    @pytest.mark.parametrize(
        "server", [limited("RNFR", "RNTO"), (PureFtpd, ("--norename",))], ids=["ProFTPD", "pure-ftpd"]
    )
    def test_no_file_can_be_renamed(self, tmp_path: Path, server: Any, options: dict[str, Any]) -> None:
        kind, config = server
        with kind(config=config) as running:
            scene = Refusing(running, tmp_path)
            scene.fill(scene.near, CONTENT)
            scene.fill(scene.far, {"a": b"old"})
            result = scene.task(**options)
            assert result["error"]["code"] in ("permission_denied", "operation_failed")
            assert "the server refuses RNFR: 550" in result["error"]["message"]
            assert "in_place" in result["error"]["cure"]
            assert files(scene.far) == {"a": b"old"}
            scene.good(in_place=True, proof="none")
            assert files(scene.far) == CONTENT


def test_a_server_that_refuses_names_with_a_dot(tmp_path: Path) -> None:
    with PureFtpd(config=("--prohibitdotfileswrite",)) as running:
        scene = Refusing(running, tmp_path)
        scene.fill(scene.near, CONTENT)
        assert "553 Prohibited" in scene.task()["error"]["message"]
        options = {"lock": False, "in_place": True, "proof": "none"}
        scene.good(**options)
        assert files(scene.far) == CONTENT
        assert scene.good(**options)["changed"] is False


def test_a_server_that_hides_names_with_a_dot(tmp_path: Path) -> None:
    """The lock of another run is not listed, and counts."""
    with ProftpdFtps(config=("<Directory />", "HideFiles ^\\.", "</Directory>")) as running:
        scene = Refusing(running, tmp_path)
        scene.fill(scene.near, {**CONTENT, ".hidden": b"1"})
        scene.good(delete=True)
        assert files(scene.far) == {**CONTENT, ".hidden": b"1"}
        scene.fill(scene.far, {LOCK: b"of another run"})
        os.utime(scene.far / LOCK)
        scene.fill(scene.near, {"new": b"1"})
        assert scene.task()["error"]["code"] == "locked"
        assert (scene.far / LOCK).read_bytes() == b"of another run"
        (scene.far / LOCK).unlink()
        scene.good()
        assert files(scene.far) == files(scene.near)


class TestLookUp:
    """Servers that refuse LSTAT: the listings are enough."""

    @pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
    @pytest.mark.parametrize("options", [{}, {"delete": True, "max_delete": "100%", "trash": ".trash"}], ids=str)
    def test_entries_are_looked_up_in_listings(self, tmp_path: Path, push: bool, options: dict[str, Any]) -> None:
        with refusing(tmp_path, "-P lstat") as scene:
            source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
            scene.fill(source, CONTENT)
            scene.fill(destination, {"a": b"old"})
            (destination / "a").chmod(0o600)
            scene.good(push=push, **options)
            found = {name: data for name, data in files(destination).items() if not name.startswith(".trash")}
            assert found == CONTENT
            assert scene.good(push=push, **options)["changed"] is False
            (source / "a").chmod(0o640)
            assert scene.good(push=push, **options)["totals"]["set_attributes"] == 1
            assert (destination / "a").stat().st_mode & 0o777 == 0o640

    def test_neither_entries_nor_listings_can_be_seen(self, tmp_path: Path) -> None:
        with refusing(tmp_path, "-P lstat,opendir") as scene:
            scene.fill(scene.near, CONTENT)
            result = scene.task()
            assert result["failed"] is True
            assert "(SSH_FXP_" in result["error"]["message"]
            assert files(scene.far).keys() <= {LOCK}


ALLOWED = "open,close,read,write,opendir,readdir,stat,lstat,mkdir,remove,rename,realpath"


def test_a_short_list_of_allowed_requests(tmp_path: Path) -> None:
    with refusing(tmp_path, f"-p {ALLOWED}") as scene:
        scene.fill(scene.near, CONTENT)
        scene.fill(scene.far, {"a": b"old", "extra": b"0"})
        scene.good(delete=True, max_delete="100%")
        assert files(scene.far) == CONTENT
        assert scene.good(delete=True)["changed"] is False


CLOUDS = {
    "Azure Blob": "symlink,readlink,hardlink,fsync,limits,lsetstat,statvfs,fstatvfs,copy-data",
    "AWS Transfer": "setstat,fsetstat,lsetstat,symlink,readlink,hardlink,posix-rename,fsync,copy-data",
}
"""Requests that the services refuse, by their documents."""


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_options_for_a_cloud(tmp_path: Path, cloud: str) -> None:
    """docs/servers.md names them."""
    with refusing(tmp_path, f"-P {CLOUDS[cloud]}") as scene:
        scene.fill(scene.near, CONTENT)
        (scene.near / "link").symlink_to("a")
        scene.fill(scene.far, {"a": b"old", "extra": b"0"})
        options = {"links": "skip", "parallel": 1, "delete": True, "max_delete": "100%"}
        scene.good(**options)
        assert files(scene.far) == CONTENT
        assert scene.good(**options)["changed"] is False
        scene.fill(scene.near, {"a": b"changed"})
        assert scene.good(**options)["totals"]["store"] == 1
        (scene.near / "link").unlink()
        scene.fill(scene.near, {"sub/b": b"changed"})
        scene.good(in_place=True, proof="none", links="skip", parallel=1)
        back = scene.good(push=False, **options)
        assert (files(scene.near), back["totals"]["store"]) == (files(scene.far), 0)


@pytest.mark.parametrize("preserve_mode", [None, True])
def test_modes_that_are_set_by_path_alone(tmp_path: Path, preserve_mode: bool | None) -> None:
    """Windows OpenSSH with a ChrootDirectory."""
    with Sshd(subsystem=scripted("no_modes_by_handle")) as server:
        scene = Refusing(server, tmp_path)
        scene.fill(scene.near, CONTENT)
        (scene.near / "a").chmod(0o640)
        result = scene.good(preserve_mode=preserve_mode)
        assert not [note for note in result["notes"] if "modes" in note]
        assert (scene.far / "a").stat().st_mode & 0o777 == 0o640
        assert scene.good(preserve_mode=preserve_mode)["changed"] is False


def test_a_read_only_account(tmp_path: Path) -> None:
    with refusing(tmp_path, "-R") as scene:
        scene.fill(scene.far, CONTENT)
        scene.good(push=False)
        assert files(scene.near) == CONTENT
        scene.fill(scene.near, {"new": b"1"})
        result = scene.task()
        assert result["error"]["code"] == "permission_denied"
        assert "(SSH_FXP_OPEN)" in result["error"]["message"]
        assert files(scene.far) == CONTENT


def protected(*commands: str) -> tuple[Any, tuple[str, ...]]:
    return Vsftpd, (f"cmds_denied={','.join(commands)}",)


@pytest.mark.parametrize("kind", [partial(Sshd, config=("ForceCommand internal-sftp",)), Vsftpd], ids=["sftp", "ftps"])
def test_a_server_that_cannot_hash(tmp_path: Path, kind: Any) -> None:
    with kind() as server:
        scene = Refusing(server, tmp_path)
        scene.fill(scene.near, CONTENT)
        result = scene.task(proof="server_hash")
        assert (result["error"]["code"], files(scene.far)) == ("not_supported", {})
        assert "read_back" in result["error"]["cure"]
        for proof in ("read_back", "auto"):
            scene.good(proof=proof)
        assert files(scene.far) == CONTENT


def test_links_over_ftps(tmp_path: Path) -> None:
    with Vsftpd() as server:
        scene = Refusing(server, tmp_path)
        scene.fill(scene.near, CONTENT)
        (scene.near / "link").symlink_to("a")
        (failed,) = scene.task(links="copy")["failed_items"]
        assert (failed["path"], failed["code"]) == ("link", "not_supported")
        assert "Set links to skip" in failed["cure"]
        scene.good(links="skip")
        assert files(scene.far) == CONTENT


class TestCures:
    """Cures of docs/errors.md for refusals that no other test of this file tries, each at a server that refuses."""

    @pytest.mark.parametrize("cure", ["owner", "mode", "exclude"])
    @pytest.mark.parametrize("kind", [Sshd, ProftpdFtps, Vsftpd])
    def test_permission_denied(self, tmp_path: Path, kind: Any, cure: str) -> None:
        with kind() as server:
            scene = Refusing(server, tmp_path)
            scene.fill(scene.near, {"open/a": b"1", "closed/b": b"2"})
            scene.fill(scene.far, {"closed/there": b"0"})
            os.chown(scene.far / "closed", 0, 0)
            (scene.far / "closed").chmod(0o755)
            result = scene.task()
            codes = {item["path"]: item["code"] for item in result["failed_items"]}
            assert codes == {"closed/b": "permission_denied"}, result["msg"]
            if cure == "exclude":
                scene.good(exclude=["/closed/b"])
            else:
                server.give(scene.far / "closed") if cure == "owner" else (scene.far / "closed").chmod(0o777)
                scene.good()
            arrived = {} if cure == "exclude" else {"closed/b": b"2"}
            assert files(scene.far) == {"closed/there": b"0", "open/a": b"1", **arrived}

    @pytest.mark.parametrize("cure", ["delete", "move away"])
    @pytest.mark.parametrize("kind", [Sshd, Vsftpd])
    def test_kind_conflict(self, tmp_path: Path, kind: Any, cure: str) -> None:
        with kind() as server:
            scene = Refusing(server, tmp_path)
            scene.fill(scene.near, {"a": b"1", "b": b"2"})
            scene.fill(scene.far, {"a/old": b"0"})
            (failed,) = scene.task()["failed_items"]
            assert (failed["path"], failed["code"]) == ("a", "kind_conflict")
            assert files(scene.far) == {"a/old": b"0", "b": b"2"}
            if cure == "delete":
                scene.good(delete=True, max_delete="100%")
            else:
                (scene.far / "a").rename(scene.far / "aside")
                scene.good()
            assert files(scene.far) == {"a": b"1", "b": b"2", **({} if cure == "delete" else {"aside/old": b"0"})}

    @pytest.mark.parametrize("kind", [Sshd, ProftpdFtps, Vsftpd])
    def test_no_space(self, tmp_path: Path, kind: Any) -> None:
        with small_disk("size=6m") as disk, kind(disk) as server:
            scene = Refusing(server, tmp_path)
            scene.fill(scene.near, {"large": LARGE})
            scene.fill(scene.far, {"ballast": LARGE})
            code = "operation_failed" if kind is ProftpdFtps else "no_space"  # ProFTPD does not name the cause.
            assert scene.task()["failed_items"][0]["code"] == code
            (scene.far / "ballast").unlink()
            scene.good()
            assert files(scene.far) == {"large": LARGE}

    @pytest.mark.parametrize("cure", ["wait", "raise the limit"])
    def test_too_many_connections(self, tmp_path: Path, cure: str) -> None:
        with Vsftpd(config=("max_clients=1",)) as server:
            scene = Refusing(server, tmp_path)
            scene.fill(scene.near, {"a": b"1"})
            with socket.create_connection((server.host, server.port)) as other:
                assert other.recv(3) == b"220"
                assert scene.task(retries=0)["error"]["code"] == "too_many_connections"
            if cure == "wait":
                scene.good(parallel=1)
                assert files(scene.far) == {"a": b"1"}
        if cure != "wait":
            with Vsftpd(config=("max_clients=9",)) as server:
                scene = Refusing(server, tmp_path)
                with socket.create_connection((server.host, server.port)) as other:
                    assert other.recv(3) == b"220"
                    scene.good()
                    assert files(scene.far) == {"a": b"1"}


class TestNothingIsRemoved:
    """Accounts that may remove nothing: no entry stays that the run did not name, and no run fails or waits."""

    @pytest.mark.parametrize("options", [{}, {"lock": False}], ids=str)
    @pytest.mark.parametrize(
        "server",
        [
            limited("RMD", "XRMD"),
            limited("RMD", "XRMD", "DELE"),
            protected("RMD"),
            protected("RMD", "DELE"),
            (PureFtpd, ("--keepallfiles",)),
        ],
        ids=["ProFTPD RMD", "ProFTPD both", "vsftpd RMD", "vsftpd both", "pure-ftpd"],
    )
    def test_over_ftps(self, tmp_path: Path, server: Any, options: dict[str, Any]) -> None:
        kind, config = server
        with kind(config=config) as running:
            scene = Refusing(running, tmp_path)
            self.check(scene, options)
            near, far = ((directory / "sub").stat().st_mtime for directory in (scene.near, scene.far))
            assert int(near) == int(far) or kind is Vsftpd, "times of directories are kept without a guard too"

    @pytest.mark.parametrize("options", [{}, {"lock": False}], ids=str)
    @pytest.mark.parametrize("refused", ["-P rmdir", "-P remove,rmdir", "-P remove,rmdir,fsetstat,setstat,lsetstat"])
    def test_over_sftp(self, tmp_path: Path, refused: str, options: dict[str, Any]) -> None:
        with refusing(tmp_path, refused) as scene:
            self.check(scene, options)

    def check(self, scene: Refusing, options: dict[str, Any]) -> None:
        scene.fill(scene.near, {**CONTENT, "new/readme": b"1"})
        began = time.monotonic()
        seen: set[str] = set()
        for step in range(4):
            if step == 1:
                scene.fill(scene.near, {"a": b"changed"})
            elif step == 3:
                (scene.near / "new" / "readme").rename(scene.near / "new" / "README")
            result = scene.good(**options)
            assert result["changed"] is (step != 2)
            left = {str(path.relative_to(scene.far)) for path in scene.far.rglob("*")}
            left -= {str(path.relative_to(scene.near)) for path in scene.near.rglob("*")} | {"new/readme", LOCK}
            notes = "".join(result["notes"])
            assert not [name for name in left - seen if name not in notes], (left, result["notes"])
            seen |= left
        assert time.monotonic() - began < 40, "no run waits for a guard"


SERVERS = [Sshd, ProftpdFtps, Vsftpd]
UNKEPT = "the destination does not keep modes or times of "


KEY = age_key()


def _with_receipts(place: Path, _push: bool) -> dict[str, Any]:
    return {"receipts": {"path": str(place / "receipts"), "job": "job", "private_key_file": str(key("receipts").path)}}


def _sealed(_place: Path, push: bool) -> dict[str, Any]:
    return {"encrypt": {"recipients": [KEY.recipient]}} if push else {"decrypt": {"identities": [KEY.identity]}}


REFUSED_WAYS: dict[str, Callable[[Path, bool], dict[str, Any]]] = {
    "plain": lambda _place, _push: {},
    "sealed": _sealed,
    "blocks": lambda _place, _push: {"delta": "always", "compare": "checksum"},
    "delivered once": lambda _place, _push: {"deliver_once": True},
    "with receipts": _with_receipts,
}


class TestOneDirectory:
    """Attributes that are refused, or acknowledged and dropped, in one directory of a destination that keeps others."""

    @pytest.mark.parametrize("compare", ["recorded", "size_mtime"])
    @pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
    @pytest.mark.parametrize("kind", SERVERS)
    def test_entries_of_another_account(self, kind: Any, push: bool, compare: str) -> None:
        with own_scratch() as place, kind() as server:
            scene = Refusing(server, place)
            source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
            user = server.account.uid if push else NOBODY
            scene.fill(source, {"theirs/new": b"1", "theirs/same": b"2", "mine/a": b"3"})
            scene.fill(destination, {"theirs/same": b"2"})
            os.chown(destination, user, user)
            (destination / "theirs").chmod(0o777)
            for path in (destination / "theirs", destination / "theirs" / "same"):
                os.chown(path, 0, 0)
                os.utime(path, (OLD - 9, OLD - 9))
            (source / "theirs" / "same").chmod(0o640)
            theirs = ["theirs", "theirs/same"][: 2 if compare == "recorded" else 1]  # else that file is stored again
            run = partial(scene.task if push else scene.without_root, push=push, compare=compare, delete=True)
            first = run()
            assert files(destination) == files(source), first.get("msg")
            assert noted(first) == [len(theirs)], first["notes"]
            assert "the first is 'theirs': " in "".join(first["notes"])
            later = [run(check=check) for check in (True, False, True)]
            assert [result["changed"] for result in later] == [False] * 3, later[0]["changes"]
            assert [noted(result) for result in later] == [[len(theirs)]] * 3, later[0]["notes"]
            foreseen = run(check=True, preserve_mode=True)
            demanded = run(preserve_mode=True)
            for result in (foreseen, demanded):
                assert [item["path"] for item in result["failed_items"]] == theirs, result["msg"]
                assert "preserve_mode" in result["failed_items"][0]["cure"]
            scene.fill(source, {"theirs/new": b"changed"})
            again = run()
            assert (files(destination), again["totals"]["store"]) == (files(source), 1)
            for path in theirs:
                os.chown(destination / path, user, user)
            healed = run()
            assert (healed["changed"], noted(healed)) == (True, [])
            assert (destination / "theirs" / "same").stat().st_mode == (source / "theirs" / "same").stat().st_mode
            assert run(check=True)["changed"] is run()["changed"] is False

    @pytest.mark.parametrize("compare", ["recorded", "size_mtime"])
    @pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
    @pytest.mark.parametrize("kind", SERVERS)
    def test_a_mount_without_modes(self, kind: Any, push: bool, compare: str) -> None:
        """exFAT by FUSE acknowledges modes and drops them."""
        with own_scratch() as place, case_blind_disk(EXFAT, owner=Account().uid if push else 0) as disk:
            (place / "served").mkdir()
            with mounted(disk, place / ("served/far" if push else "near") / "fat"), kind(place / "served") as server:
                scene = Refusing(server, place)
                source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
                scene.fill(source, {"fat/a": b"1", "fat/b": b"2", "fat/sub/c": b"3", "mine/a": b"4"})
                for name in files(source):
                    (source / name).chmod(0o640)
                run = partial(scene.good, push=push, compare=compare, delete=True)
                first = run()
                assert files(destination) == files(source)
                assert (destination / "mine/a").stat().st_mode & 0o777 == 0o640
                later = [run(check=check) for check in (True, False, True)]
                assert [result["changed"] for result in later] == [False] * 3, [one["changes"] for one in later]
                assert [noted(result) for result in (first, *later)] == [[5]] * 4, (first["notes"], later[0]["notes"])
                demanded = scene.task(push=push, compare=compare, preserve_mode=True)
                assert {item["code"] for item in demanded["failed_items"]} == {"not_supported"}
                scene.fill(source, {"fat/a": b"changed"})
                assert run()["totals"]["store"] == 1
                assert files(destination) == files(source)
                last = run()
                assert last["changed"] is False, last["changes"]

    @pytest.mark.parametrize("way", REFUSED_WAYS)
    @pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
    @pytest.mark.parametrize("kind", [Sshd, Vsftpd])
    def test_every_way_to_a_mount_that_refuses_modes(self, kind: Any, push: bool, way: str) -> None:
        with own_scratch() as place, case_blind_disk(MODELESS, owner=Account().uid if push else 0) as disk:
            (place / "served").mkdir()
            with mounted(disk, place / ("served/far" if push else "near") / "fat"), kind(place / "served") as server:
                scene = Refusing(server, place)
                options = REFUSED_WAYS[way](place, push)
                source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
                sealed = way == "sealed"
                if sealed and not push:
                    source = place / "plain"
                    source.mkdir()
                content = {"fat/a": b"1", "fat/large": LARGE, "fat/sub/c": b"3", "mine/a": b"4"}
                scene.fill(source, content)

                def send() -> None:
                    """Let the source of a pull have the sealed files."""
                    for name in files(source):
                        (source / name).chmod(0o640)
                    if sealed and not push:
                        scene.good(src=str(source), encrypt={"recipients": [KEY.recipient]})

                send()
                run = partial(scene.task, push=push, **options)
                first = run()
                assert first.get("failed") is None, (first["msg"], first["failed_items"])
                here = files(destination)
                assert (sealed and push) or here == files(source)
                assert len(here) == len(content)
                assert (destination / ("mine/a.age" if sealed and push else "mine/a")).stat().st_mode & 0o777 == 0o640
                assert first["totals"]["store"] == len(content)
                directories = 1 if way == "delivered once" else 2  # It leaves directories alone that are there.
                assert noted(first) == [3 + directories], first["notes"]
                again = run()
                assert again["changed"] is False, again["changes"]
                scene.fill(source, {"fat/a": b"changed", "fat/large": LARGE + b"more"})
                send()
                demanded = run(preserve_mode=True)
                wrong = {item["path"]: item for item in demanded["failed_items"]}
                names = {"fat/a", "fat/large"}
                assert {name.removesuffix(".age") for name in wrong} >= names, demanded["failed_items"]
                assert all(name.startswith("fat") for name in wrong)
                assert all("preserve_mode" in item["cure"] for item in wrong.values())
                last = run()
                assert last.get("failed") is None, (last["msg"], last["failed_items"])
                assert (sealed and push) or files(destination) == files(source)

    @pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
    @pytest.mark.parametrize("kind", [Sshd, ProftpdFtps])
    def test_a_file_of_another_account_that_moves(self, kind: Any, push: bool) -> None:
        """It has its new name, and keeps its mode."""
        with own_scratch() as place, kind() as server:
            scene = Refusing(server, place)
            source, destination = (scene.near, scene.far) if push else (scene.far, scene.near)
            user = server.account.uid if push else NOBODY
            scene.fill(source, {"theirs/a": LARGE, "mine/a": b"4"})
            (source / "theirs" / "a").chmod(0o604)
            os.chown(destination, user, user)
            run = partial(scene.task if push else scene.without_root, push=push, delete=True, max_delete="100%")
            assert run()["changed"] is True
            os.chown(destination / "theirs" / "a", 0, 0)
            (source / "theirs" / "a").chmod(0o644)
            (source / "theirs" / "a").rename(source / "theirs" / "b")
            result = run()
            assert result.get("failed") is None, (result["msg"], result["failed_items"])
            assert noted(result) == [1], result["notes"]
            assert files(destination) == {"theirs/b": LARGE, "mine/a": b"4"}
            assert [change["action"] for change in result["changes"] if change["path"] == "theirs/b"] == ["move"]
            assert run()["changed"] is False
            (source / "theirs" / "b").rename(source / "theirs" / "c")
            demanded = run(preserve_mode=True)
            assert [item["path"] for item in demanded["failed_items"]] == ["theirs/c"], demanded["msg"]
            assert files(destination) == {"theirs/c": LARGE, "mine/a": b"4"}
            assert run().get("failed") is None
            assert run()["changed"] is False


def _plain(result: dict[str, Any]) -> Any:
    return json.loads(json.dumps(result))


def noted(result: dict[str, Any]) -> list[int]:
    """The numbers of entries in the notes about unkept attributes."""
    return [int(note.removeprefix(UNKEPT).split()[0]) for note in result["notes"] if note.startswith(UNKEPT)]


@contextmanager
def own_scratch() -> Iterator[Path]:
    place = scratch("refused")
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)
