# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real file systems that ignore case, below real servers and as the destination of a pull: nothing is lost, and nothing
is reported that is not there.

ext4 with casefold, HFS+ and servers that fold half way cannot exist on a test machine: see test_folding.py, in memory.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import folding
from support.running.case_blind_disk import EXFAT, NTFS, case_blind_disk, mounted
from support.running.play import Play
from support.running.scratch import scratch
from support.running.tasks import run_task
from support.scenes.sealed_pair import AgeKey, age_key
from support.scripted.scripted_sftp import scripted
from support.servers.accounts import Account
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

NAMESPACE = "manifest@ftp-synchronize"
OLD = time.time() - 86400


class Ends:
    """A directory with every case at the source, and one on a case-blind disk at the destination."""

    def __init__(self, server: Sshd | FtpsServer, disk: Path, place: Path, name: str, *, push: bool) -> None:
        plain = place / "plain" if push else server.root / name
        blind = disk / name
        plain.mkdir(parents=True)
        blind.mkdir(exist_ok=True)
        if not push:
            server.give(plain)
        self.source, self.destination, self._server, self._push = plain, blind, server, push
        far = f"{server.remote_root}/{(blind if push else plain).relative_to(server.root)}"
        ends = {"src": str(plain), "dest": far} if push else {"direction": "pull", "src": far, "dest": str(blind)}
        self.options = {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "state_dir": str(place / "state"),
            "delete": True,
            "max_delete": "100%",
            **_login(server),
            **ends,
        }

    def run(self, *, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_task(secure_sync, check=check, **{**self.options, **options})

    def good(self, **options: Any) -> dict[str, Any]:
        result = self.run(**options)
        assert result.get("failed") is None, json.dumps(result, indent=1)
        return result

    def fill(self, content: dict[str, bytes]) -> None:
        for name, data in content.items():
            path = self.source / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(data)
            os.utime(path, (OLD, OLD))
        if not self._push:
            self._server.give(self.source)

    def there(self) -> dict[str, bytes]:
        """The files at the destination."""
        found = [path for path in self.destination.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.destination)): path.read_bytes() for path in found}


def _login(running: Sshd | FtpsServer) -> dict[str, Any]:
    if isinstance(running, FtpsServer):
        return {"protocol": "ftps", "password": running.password, "ca_file": str(running.authority.file)}
    login = {"private_key_file": str(running.key.path), "known_hosts_file": str(running.known_hosts)}
    return {**login, "ssh_config_file": "none", "ssh_agent": False}


class Place:
    """A server and a case-blind disk: below the server's root on a push, of this host on a pull."""

    def __init__(self, disk: Path, kind: Any, stack: ExitStack, *, push: bool) -> None:
        self.disk, self.push = disk, push
        (disk / "in-use").mkdir()  # The owner of an empty root is changed, and this disk has no owners.
        self.server = stack.enter_context(kind(disk) if push else kind())

    def ends(self, place: Path, request: pytest.FixtureRequest) -> Ends:
        return Ends(self.server, self.disk, place, request.node.originalname.replace("_", "-"), push=self.push)


WAYS = [(kind, push) for push in (True, False) for kind in (Sshd, Vsftpd, ProftpdFtps)]


def _place(disk: str, kind: Any, *, push: bool) -> Iterator[Place]:
    with case_blind_disk(disk, owner=Account().uid if push else 0) as mounted, ExitStack() as stack:
        yield Place(mounted, kind, stack, push=push)


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: f"{way[0].__name__}-{'push' if way[1] else 'pull'}")
def exfat(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from _place(EXFAT, request.param[0], push=request.param[1])


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: f"{way[0].__name__}-{'push' if way[1] else 'pull'}")
def ntfs(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from _place(NTFS, request.param[0], push=request.param[1])


def failed(result: dict[str, Any]) -> dict[str, str]:
    return {item["path"]: item["code"] for item in result["failed_items"]}


def test_a_rename_by_case_alone_is_a_rename(exfat: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    ends = exfat.ends(tmp_path, request)
    ends.fill({"readme.txt": b"1\n", "Dir/Sub/a": b"2\n", "Dir/b": b"3\n", "caf\u00c9": b"4\n"})
    ends.good()
    (ends.source / "readme.txt").rename(ends.source / "README.TXT")
    (ends.source / "caf\u00c9").rename(ends.source / "caf\u00e9")
    (ends.source / "Dir").rename(ends.source / "dIR")
    (ends.source / "dIR" / "Sub" / "a").rename(ends.source / "dIR" / "Sub" / "A")
    wanted = {"README.TXT": b"1\n", "dIR/Sub/A": b"2\n", "dIR/b": b"3\n", "caf\u00e9": b"4\n"}
    foreseen = ends.good(check=True)
    result = ends.good()
    assert ends.there() == wanted
    moved = {(change["from"], change["path"]) for change in result["changes"] if change["action"] == "move"}
    assert moved == {
        ("readme.txt", "README.TXT"),
        ("caf\u00c9", "caf\u00e9"),
        ("Dir", "dIR"),
        ("dIR/Sub/a", "dIR/Sub/A"),
    }
    assert result["stats"]["files_stored"] == 0
    assert [change["path"] for change in foreseen["changes"]] == [change["path"] for change in result["changes"]]
    again = ends.good()
    assert (again["changed"], ends.there()) == (False, wanted)


def test_new_content_under_another_spelling(exfat: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    ends = exfat.ends(tmp_path, request)
    ends.fill({"readme.txt": b"old\n", "a": b"2\n"})
    ends.good(trash=".trash")
    (ends.source / "readme.txt").unlink()
    ends.fill({"README.TXT": b"new and longer\n"})
    ends.good(trash=".trash")
    assert ends.there() == {"README.TXT": b"new and longer\n", "a": b"2\n", ".trash/README.TXT": b"old\n"}
    assert ends.good(trash=".trash")["changed"] is False


def test_two_names_for_one_place_are_an_error_of_both(
    exfat: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    ends = exfat.ends(tmp_path, request)
    ends.fill({"gone": b"0\n", "other": b"1\n"})
    ends.good()
    (ends.source / "gone").unlink()
    ends.fill({"Readme": b"2\n", "README": b"3\n", "Dir/a": b"4\n", "dIR/b": b"5\n", "new": b"6\n"})
    wrong = dict.fromkeys(("Readme", "README", "Dir", "dIR"), "name_collision")
    for _again in range(2):
        result = ends.run()
        assert failed(result) == wrong
        assert ends.there() == {"gone": b"0\n", "other": b"1\n", "new": b"6\n"}
        assert not [path.name for path in ends.destination.rglob(".secure_sync*")]
        assert failed(ends.run(check=True)) == wrong
    ends.good(exclude=["/README", "/Dir"], delete=False)
    assert ends.there() == {"gone": b"0\n", "other": b"1\n", "new": b"6\n", "Readme": b"2\n", "dIR/b": b"5\n"}
    (ends.source / "README").unlink()
    (ends.source / "Dir" / "a").unlink()
    (ends.source / "Dir").rmdir()
    ends.good()
    assert ends.there() == {"Readme": b"2\n", "dIR/b": b"5\n", "other": b"1\n", "new": b"6\n"}
    assert ends.good()["changed"] is False


def test_characters_that_the_disk_refuses_are_named(
    exfat: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    ends = exfat.ends(tmp_path, request)
    ends.fill({"a:b": b"1\n", "c": b"2\n", "d?*/e": b"3\n", "d?*/f": b"4\n", "\x01": b"5\n"})
    result = ends.run()
    assert failed(result)["a:b"] == failed(result)["d?*"] == failed(result)["\\x01"] == "not_supported", result
    words = {item["path"]: item["message"] for item in result["failed_items"]}
    assert "file system" in words["a:b"]
    assert words["a:b"].endswith(" does not take :")
    assert words["d?*"].endswith(" does not take *, ?")
    assert ends.there() == {"c": b"2\n"}
    ends.good(exclude=["/a:b", "/d[?][*]", "/\x01"])
    assert ends.there() == {"c": b"2\n"}


def test_a_disk_that_changes_every_name_loses_nothing(
    ntfs: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """lowntfs-3g shows each name in lower case."""
    ends = ntfs.ends(tmp_path, request)
    ends.fill({"README.TXT": b"1\n", "Dir/A": b"2\n", "plain": b"3\n"})
    kept = {"readme.txt": b"1\n", "dir/a": b"2\n", "plain": b"3\n"}
    for _time in range(3):
        result = ends.run()
        assert failed(result) == {"README.TXT": "not_supported", "Dir": "not_supported", "Dir/A": "not_supported"}
        assert "readme.txt" in next(i["message"] for i in result["failed_items"] if i["path"] == "README.TXT")
        assert ends.there() == kept
    (ends.source / "README.TXT").rename(ends.source / "readme.txt")
    (ends.source / "Dir" / "A").rename(ends.source / "Dir" / "a")
    (ends.source / "Dir").rename(ends.source / "dir")
    ends.good()
    assert ends.there() == kept
    assert ends.good()["changed"] is False


def test_a_file_whose_name_changes_stays_at_the_source(
    ntfs: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    ends = ntfs.ends(tmp_path, request)
    ends.fill({"Readme": b"1\n", "plain": b"2\n"})
    result = ends.run(after_transfer="delete", delete=False)
    assert failed(result) == {"Readme": "not_supported"}, result["failed_items"]
    assert [path.name for path in ends.source.iterdir()] == ["Readme"]
    assert ends.there() == {"readme": b"1\n", "plain": b"2\n"}


def test_moves_and_the_trash_among_other_spellings(
    exfat: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A moved file, a removed file and a new spelling meet in one directory."""
    ends = exfat.ends(tmp_path, request)
    large = os.urandom(200_000)
    ends.fill({"Old/Data": large, "readme": b"1\n", "notes": b"2\n"})
    ends.good(trash=".Trash")
    (ends.source / "Old").rename(ends.source / "New")
    (ends.source / "New" / "Data").rename(ends.source / "New" / "DATA")
    (ends.source / "readme").rename(ends.source / "Readme")
    (ends.source / "notes").unlink()
    result = ends.good(trash=".Trash")
    # A pull from a server that cannot hash has no digest of a new name.
    no_hash = isinstance(exfat.server, Vsftpd) and not exfat.push
    moved = {(change["from"], change["path"]) for change in result["changes"] if change["action"] == "move"}
    relocated = set() if no_hash else {("Old/Data", "New/DATA")}
    assert moved == {("readme", "Readme"), *relocated}
    replaced = {".Trash/Old/Data": large} if no_hash else {}
    assert ends.there() == {"New/DATA": large, "Readme": b"1\n", ".Trash/notes": b"2\n", **replaced}
    assert ends.good(trash=".Trash")["changed"] is False
    ends.fill({"NOTES": b"3\n"})
    ends.good(trash=".Trash")
    (ends.source / "NOTES").unlink()
    ends.good(trash=".Trash")
    kept = {name: data for name, data in ends.there().items() if name.lower().startswith(".trash/notes")}
    assert sorted(kept.values()) == [b"2\n", b"3\n"]


def test_files_that_are_delivered_once(exfat: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    ends = exfat.ends(tmp_path, request)
    ends.fill({"readme": b"1\n", "other": b"2\n"})
    ends.good(deliver_once=True, delete=False)
    ends.fill({"README": b"3\n", "new": b"4\n"})
    result = ends.run(deliver_once=True, delete=False)
    assert failed(result) == {"README": "name_collision"}
    assert ends.there() == {"readme": b"1\n", "other": b"2\n", "new": b"4\n"}
    (ends.destination / "readme").unlink()
    ends.good(deliver_once=True, delete=False)
    assert ends.there() == {"README": b"3\n", "other": b"2\n", "new": b"4\n"}
    assert ends.good(deliver_once=True, delete=False)["changed"] is False


def test_sealed_files(exfat: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    ends = exfat.ends(tmp_path, request)
    reader = age_key()
    if not exfat.push:
        ends = _sealed_source(ends, exfat, tmp_path, reader)
    sealing = _sealing(reader, push=exfat.push)
    if exfat.push:
        ends.fill({"readme": b"1\n", "Dir/a": b"2\n"})
        ends.good(**sealing)
        (ends.source / "readme").rename(ends.source / "README")
        (ends.source / "Dir").rename(ends.source / "dIR")
        ends.good(**sealing)
        assert sorted(ends.there()) == ["README.age", "dIR/a.age"]
        ends.fill({"Readme": b"3\n"})
        assert set(failed(ends.run(**sealing)).values()) == {"name_collision"}
        assert sorted(ends.there()) == ["README.age", "dIR/a.age"]
    else:
        ends.good(**sealing)
        (ends.source / "readme.age").rename(ends.source / "README.age")
        (ends.source / "Dir").rename(ends.source / "dIR")
        ends.good(**sealing)
        assert ends.there() == {"README": b"1\n", "dIR/a": b"2\n"}
        assert ends.good(**sealing)["changed"] is False


def _sealing(reader: AgeKey, *, push: bool) -> dict[str, Any]:
    return {"encrypt": {"recipients": [reader.recipient]}} if push else {"decrypt": {"identities": [reader.identity]}}


def _sealed_source(ends: Ends, place: Place, scratch: Path, reader: AgeKey) -> Ends:
    """Fill the source of a pull with sealed files."""
    plain = scratch / "to-seal"
    for name, data in {"readme": b"1\n", "Dir/a": b"2\n"}.items():
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).write_bytes(data)
    sent = run_task(
        secure_sync,
        **{
            **ends.options,
            "direction": "push",
            "src": str(plain),
            "dest": ends.options["src"],
            "delete": False,
            **_sealing(reader, push=True),
        },
    )
    assert sent.get("failed") is None, sent
    return ends


class SignedSet:
    """A set that is published from `near` and read into `found`: one of the two destinations is that of `ends`."""

    def __init__(self, ends: Ends, place: Path, *, push: bool) -> None:
        signer = key("signer")
        signers, revoked = place / "signers", place / "revoked"
        signers.write_text(f'sender namespaces="{NAMESPACE}" {signer.public}\n')
        revoked.write_text("# none\n")
        verify = {"principal": "sender", "allowed_signers_file": str(signers), "revoked_keys_file": str(revoked)}
        self.near = place / "published"
        self._push = {
            **ends.options,
            "direction": "push",
            "src": str(self.near),
            "dest": ends.options["dest" if push else "src"],
            "state_dir": str(place / "signed"),
            "sign": {"private_key_file": str(signer.path)},
        }
        self._push_fails = push
        self.at_the_server = ends.destination if push else ends.source
        self.found = place / "reader" if push else ends.destination
        self._pull = {
            **ends.options,
            "direction": "pull",
            "src": self._push["dest"],
            "dest": str(self.found),
            "state_dir": str(place / "read"),
            "verify": verify,
        }

    def fill(self, content: dict[str, bytes]) -> None:
        for name, data in content.items():
            (self.near / name).parent.mkdir(parents=True, exist_ok=True)
            (self.near / name).write_bytes(data)
            os.utime(self.near / name, (OLD, OLD))

    def set_path(self, path: str) -> None:
        self._push["sign"]["path"] = self._pull["verify"]["path"] = path

    def publish(self, *, sums: bool = False) -> dict[str, Any]:
        return run_task(secure_sync, **{**self._push, "sign": {**self._push["sign"], "sums": sums}})

    def read(self) -> dict[str, Any]:
        return run_task(secure_sync, **self._pull)

    def both(self) -> dict[str, Any]:
        sent = self.publish()
        assert sent.get("failed") is None, sent
        got = self.read()
        assert got.get("failed") is None, got
        return got

    def check_failures(self, wrong: dict[str, str], old: dict[str, bytes], new: dict[str, bytes]) -> None:
        """Nothing of a failed push is published, and its readers have the `old` set. A failed pull stores the `new`."""
        for _time in range(2):
            result = self.publish()
            if self._push_fails:
                assert [change for change in result["changes"] if change["action"] == "publish"] == []
                assert self.read().get("failed") is None, "the old set is whole"
            else:
                assert result.get("failed") is None, result
                result = self.read()
            assert failed(result) == wrong, result
            assert self.there() == (old if self._push_fails else new)

    def there(self) -> dict[str, bytes]:
        found = [path for path in self.found.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.found)): path.read_bytes() for path in found}


def test_a_signed_set(exfat: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Published under another spelling, and read by its readers, who may have a disk that ignores case."""
    signed = SignedSet(exfat.ends(tmp_path, request), tmp_path, push=exfat.push)
    signed.fill({"readme": b"1\n", "Dir/a": b"2\n"})
    signed.both()
    (signed.near / "readme").rename(signed.near / "README")
    (signed.near / "Dir").rename(signed.near / "dIR")
    signed.both()
    assert signed.there() == {"README": b"1\n", "dIR/a": b"2\n"}
    assert signed.both()["changed"] is False
    if exfat.push:
        signed.fill({"Readme": b"3\n"})
        refused = signed.publish()
        assert set(failed(refused).values()) == {"name_collision"}
        assert [change for change in refused["changes"] if change["action"] == "publish"] == []
        assert signed.read().get("failed") is None, "the old set is whole"


def test_a_play_renames(exfat: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    ends = exfat.ends(tmp_path, request)
    ends.fill({"readme.txt": b"1\n", "Dir/a": b"2\n"})
    task = {"secure_sync": ends.options}
    rename = {"ansible.builtin.shell": {"cmd": "mv readme.txt README.TXT && mv Dir dIR", "chdir": str(ends.source)}}
    played = Play(tmp_path / "play").run([task, rename, task, task])
    assert played.status == 0, played.output
    changed = [
        [(change["action"], change["path"]) for change in played.results[number]["changes"]] for number in (2, 3)
    ]
    assert changed == [[("move", "README.TXT"), ("move", "dIR")], []]
    assert ends.there() == {"README.TXT": b"1\n", "dIR/a": b"2\n"}


def test_a_server_that_replaces_nothing_in_one_step(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The server is scripted: all SFTP servers of Debian have posix-rename."""
    without = partial(Sshd, subsystem=scripted("no_posix_rename"))
    with case_blind_disk(EXFAT, owner=Account().uid) as disk, ExitStack() as stack:
        ends = Place(disk, without, stack, push=True).ends(tmp_path, request)
        ends.fill({"readme.txt": b"1\n", "Dir/Sub/a": b"2\n"})
        ends.good()
        (ends.source / "readme.txt").unlink()
        ends.fill({"README.TXT": b"new\n"})
        (ends.source / "Dir").rename(ends.source / "dIR")
        ends.good()
        assert ends.there() == {"README.TXT": b"new\n", "dIR/Sub/a": b"2\n"}
        assert ends.good()["changed"] is False


@pytest.mark.parametrize("effect", [True, False], ids=["done", "undone"])
@pytest.mark.parametrize("step", [0, 1])
def test_a_run_that_is_killed_between_two_steps_of_a_rename(
    step: int, effect: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The server has no posix-rename, so a rename by case takes two steps. The next run completes it."""
    without = partial(Sshd, config=("ForceCommand internal-sftp -P posix-rename",))
    with case_blind_disk(EXFAT, owner=Account().uid) as disk, ExitStack() as stack:
        ends = Place(disk, without, stack, push=True).ends(tmp_path, request)
        ends.fill({"Dir/Sub/a": b"1\n", "b": b"2\n"})
        ends.good(delete=False)
        mine = ends.destination / "Dir" / "mine"
        mine.write_bytes(b"3\n")
        (ends.source / "Dir").rename(ends.source / "dIR")
        assert _ended_at(step, partial(ends.run, delete=False), effect=effect) == signal.SIGKILL
        left = ends.there()
        assert sorted(data for name, data in left.items() if not name.startswith(".secure_sync.lock")) == [
            b"1\n",
            b"2\n",
            b"3\n",
        ]
        assert any(".old" in name for name in left) is (step != effect), left
        for _time in range(2):
            result = ends.good(delete=False)
            assert ends.there() == {"dIR/Sub/a": b"1\n", "dIR/mine": b"3\n", "b": b"2\n"}
        assert result["changed"] is False


def _ended_at(step: int, run: Callable[[], object], *, effect: bool) -> int:
    """Run in a child that kills itself at one of the steps, before or after its effect; return its signal."""
    child = os.fork()
    if child == 0:
        real, steps = folding._rename, itertools.count()

        def rename(*arguments: Any) -> Any:
            dies = next(steps) == step
            if dies and not effect:
                os.kill(os.getpid(), signal.SIGKILL)
            while (error := real(*arguments)) and dies:
                time.sleep(0.1)  # FUSE still finds the former name.
            if dies:
                os.kill(os.getpid(), signal.SIGKILL)
            return error

        folding._rename = rename
        try:
            run()
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1]


def test_an_archive_of_the_source_replaces_nothing(
    exfat: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A partner's files of yesterday and today differ by case; the archive at the source is on a case-blind disk."""
    source = exfat.disk / "outbox"
    if exfat.push:
        far = f"{exfat.server.remote_root}/{source.relative_to(exfat.server.root)}"
        options = {"direction": "pull", "src": far, "dest": str(tmp_path / "in")}
    else:
        options = {"direction": "push", "src": str(source), "dest": f"{exfat.server.remote_root}/inbox"}
    source.mkdir()
    ends = exfat.ends(tmp_path, request)
    for name, data in (("readme", b"1\n"), ("README", b"2\n")):
        (source / name).write_bytes(data)
        os.utime(source / name, (OLD, OLD))
        ends.good(after_transfer="archive", archive_dir=".sent", delete=False, **options)
    kept = {path.name: path.read_bytes() for path in (source / ".sent").iterdir()}
    assert sorted(kept.values()) == [b"1\n", b"2\n"], kept
    assert [path.name for path in source.iterdir()] == [".sent"]


REFUSING = {
    "vsftpd-SIZE": (Vsftpd, ("cmds_denied=SIZE",)),
    "vsftpd-SIZE-MDTM": (Vsftpd, ("cmds_denied=SIZE,MDTM",)),
    "vsftpd-RNTO-DELE": (Vsftpd, ("cmds_denied=DELE",)),
    "sshd-LSTAT": (Sshd, ("ForceCommand internal-sftp -P lstat",)),
    "sshd-REMOVE": (Sshd, ("ForceCommand internal-sftp -P remove",)),
    "sshd-SETSTAT": (Sshd, ("ForceCommand internal-sftp -P setstat,fsetstat,lsetstat",)),
    "sshd-RENAME": (Sshd, ("ForceCommand internal-sftp -P posix-rename",)),
}


@pytest.mark.parametrize("way", REFUSING)
def test_a_server_that_refuses_requests_loses_nothing(tmp_path: Path, way: str) -> None:
    kind, config = REFUSING[way]
    with case_blind_disk(EXFAT, owner=Account().uid) as disk, ExitStack() as stack:
        (disk / "in-use").mkdir()
        server = stack.enter_context(kind(disk, config=config))
        ends = Ends(server, disk, tmp_path, "refusing", push=True)
        ends.fill({"readme": b"1\n", "other": b"2\n"})
        ends.run()
        (ends.source / "readme").rename(ends.source / "README")
        for _again in range(2):
            ends.run()
            assert {b"1\n", b"2\n"} <= {*ends.there().values()}
        ends.fill({"two": b"3\n", "TWO": b"4\n"})
        assert failed(ends.run()) == dict.fromkeys(("two", "TWO"), "name_collision")
        assert {b"1\n", b"2\n"} <= {*ends.there().values()}


KEPT = 1.2
"""Seconds. FUSE keeps a name that was found for a second."""
LARGE = bytes(range(250)) * 800
NFC, NFD = "caf\u00e9", "cafe\u0301"
MIXED: dict[str, tuple[dict[str, bytes], dict[str, bytes], set[str], dict[str, Any]]] = {
    "a rename by case": (
        {"readme": b"1", "Dir/a": b"2", "in/readme": b"3", "in/Dir/Sub/a": b"4"},
        {"README": b"1", "dIR/A": b"2", "in/README": b"3", "in/dIR/sub/A": b"4"},
        set(),
        {},
    ),
    "new content under another spelling, with a trash": (
        {"keep": b"1", "in/readme": b"2", "in/gone": b"3"},
        {"keep": b"1", "in/README": b"22"},
        set(),
        {"trash": "in/.trash"},
    ),
    "two names for one place": (
        {"old": b"0", "in/old": b"0"},
        {"Readme": b"1", "README": b"2", "in/Readme": b"3", "in/README": b"4", "in/Dir/a": b"5", "in/dIR/b": b"6"},
        {"blind:Readme", "blind:README", "blind:Dir", "blind:dIR"},
        {},
    ),
    "forms of Unicode": (
        {NFC: b"1", f"in/{NFC}": b"2"},
        {NFD: b"1", NFC: b"33", f"in/{NFD}": b"2", "in/\u212bngstr\u00f6m": b"4", "\u212bngstr\u00f6m": b"5"},
        set(),
        {},
    ),
    "a move between the two": (
        {"Data": LARGE, "in/More": LARGE + b"1"},
        {"in/data": LARGE, "more": LARGE + b"1"},
        set(),
        {},
    ),
    "a move by case and another directory": (
        {"Old/Data": LARGE, "in/Old/Data": LARGE + b"1"},
        {"old/DATA": LARGE, "in/old/DATA": LARGE + b"1", "in/Old2/data": LARGE + b"2"},
        set(),
        {},
    ),
    "a swap of two spellings of directories": (
        {"in/a/x": b"1", "in/B/y": b"2"},
        {"in/A/y": b"2", "in/b/x": b"1"},
        set(),
        {},
    ),
    "several connections": (
        {f"in/Large{number}": LARGE * 20 + b"%d" % number for number in range(4)},
        {f"in/large{number}": LARGE * 20 + b"%d" % (number + number % 2) for number in range(4)},
        set(),
        {"parallel": 4},
    ),
}
"""Trees before and after at the source, the names that fail (of the case-blind file system alone), and options."""


MORE = ("a trash", "files that are delivered once", "a signed set")
WAYS_TO_TWO = [(Sshd, True), (ProftpdFtps, True), (Vsftpd, True), (Sshd, False)]


class Mixed:
    """Directories on a file system that ignores case, with another mounted in each of them at `in`; or the reverse."""

    def __init__(self, file_system: str, where: str, place: Place) -> None:
        self.place = place
        self._lowers, self._below = file_system == NTFS, where == "below"

    def ends(self, case: str, place: Path) -> Ends:
        number = [*MIXED, *MORE].index(case)
        return Ends(self.place.server, self.place.disk, place, f"case{number}", push=self.place.push)

    def is_blind(self, name: str) -> bool:
        return name.startswith("in/") is self._below

    def kept(self, name: str) -> str:
        """The name that the disk shows for this. NTFS has no small letter for the Angstrom sign."""
        lower = "".join(each if each == "\u212b" else each.lower() for each in name)
        return lower if self._lowers and self.is_blind(name) else name


def _mixed(file_system: str, where: str, kind: Any, *, push: bool) -> Iterator[Mixed]:
    plain = scratch("mixed")
    plain.chmod(0o755)
    owner = Account().uid if push else 0
    with case_blind_disk(file_system, owner=owner) as disk, ExitStack() as stack:
        above, below = (disk, plain) if where == "above" else (plain, disk)
        for number in range(len(MIXED) + len(MORE)):
            (below / f"{number}").mkdir()
            os.chown(below / f"{number}", owner, owner)
            stack.enter_context(mounted(below / f"{number}", above / f"case{number}" / "in"))
            os.chown(above / f"case{number}", owner, owner)
        yield Mixed(file_system, where, Place(above, kind, stack, push=push))
    shutil.rmtree(plain)


TWO = [(where, *way) for where in ("below", "above") for way in WAYS_TO_TWO]


def _two_name(each: tuple[str, Any, bool]) -> str:
    return f"blind-{each[0]}-{each[1].__name__}-{'push' if each[2] else 'pull'}"


@pytest.fixture(scope="module", params=TWO, ids=_two_name)
def mixed(request: pytest.FixtureRequest) -> Iterator[Mixed]:
    where, kind, push = request.param
    yield from _mixed(EXFAT, where, kind, push=push)


@pytest.fixture(scope="module", params=TWO, ids=_two_name)
def mixed_ntfs(request: pytest.FixtureRequest) -> Iterator[Mixed]:
    where, kind, push = request.param
    yield from _mixed(NTFS, where, kind, push=push)


def _changes(result: dict[str, Any]) -> set[str]:
    """The paths that get content or a name: a move may turn out to be impossible."""
    return {one["path"] for one in result["changes"] if one["action"] not in ("set_attributes", "remove")}


def _refill(ends: Ends, content: dict[str, bytes]) -> None:
    for each in [*ends.source.iterdir()]:
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    ends.fill(content)


def _is_in(name: str, paths: Collection[str]) -> bool:
    """Whether this is one of these paths, or below one."""
    return any(f"{name}/".startswith(f"{each}/") for each in paths)


def _twins(mixed: Mixed, case: str) -> set[str]:
    """The names of a case that are the same as others for the file system that ignores case."""
    _before, after, twins, _options = MIXED[case]
    both = {each.removeprefix("blind:") for each in twins}
    names = {*both, *(f"in/{each}" for each in both)}
    return {each for each in names if mixed.is_blind(each) and any(_is_in(name, [each]) for name in after)}


@pytest.mark.parametrize("case", MIXED)
def test_a_destination_of_two_file_systems(case: str, mixed: Mixed, tmp_path: Path) -> None:
    before, after, _names, options = MIXED[case]
    ends, wrong = mixed.ends(case, tmp_path), _twins(mixed, case)
    ends.fill(before)
    ends.good(**options)
    assert ends.there() == before
    _refill(ends, after)
    wanted = {name: data for name, data in after.items() if not _is_in(name, wrong)}
    foreseen = ends.run(check=True, **options)
    for time_ in range(3):
        result = ends.run(**options)
        assert set(failed(result)) == wrong, (time_, result["failed_items"])
        there = {name: data for name, data in ends.there().items() if ".trash" not in name}
        kept = {name: before[name] for name in before if wrong and name not in wanted and name in there}
        assert there == {**wanted, **kept}, time_
        if time_ == 0 and not wrong:
            assert _changes(foreseen) == _changes(result)
    assert wrong or result["changed"] is False, result["changes"]
    assert result["changes"] == []
    if "trash" in options:
        assert sorted(data for name, data in ends.there().items() if ".trash" in name) == [b"2", b"3"]


@pytest.mark.parametrize("case", MIXED)
def test_a_destination_of_which_a_part_changes_names(case: str, mixed_ntfs: Mixed, tmp_path: Path) -> None:
    """Each name that its file system changes fails, every other is stored, and nothing is lost."""
    mixed = mixed_ntfs
    before, after, _names, options = MIXED[case]
    ends, twins = mixed.ends(case, tmp_path), _twins(mixed, case)
    ends.fill(before)
    ends.run(**options)
    assert ends.there() == {mixed.kept(name): data for name, data in before.items()}
    _refill(ends, after)
    last = None
    # FUSE still finds a file that was replaced by its old spelling, if the trash has a hard link to it.
    rests_after = 2 if "trash" in options else 1
    for time_ in range(4):
        time.sleep(KEPT)
        result = ends.run(**options)
        wrong = failed(result)
        assert {name for name, code in wrong.items() if code == "name_collision"} == twins, wrong
        there = ends.there()
        for name, data in after.items():
            changed = mixed.kept(name) != name
            assert _is_in(name, wrong) is (changed or _is_in(name, twins)), (name, result["failed_items"])
            # After a failure, no file is moved: its old name may have it still.
            arrived = there.get(name) == data or (wrong and data in before.values() and data in there.values())
            assert changed or _is_in(name, twins) or arrived, (name, there)
        for name, data in before.items():
            assert not wrong or data in there.values() or there[mixed.kept(name)] in after.values(), (name, there)
        assert time_ < rests_after or (there, result["changes"]) == (last, []), result["changes"]
        last = there


def test_a_trash_on_another_file_system(mixed: Mixed, tmp_path: Path) -> None:
    """A file that cannot be kept is neither replaced nor removed, and the error has the cause."""
    place = mixed.place
    ends = mixed.ends("a trash", tmp_path)
    ends.fill({"in/readme": b"1", "in/gone": b"2", "a": b"3"})
    ends.good(trash=".trash")
    (ends.source / "in" / "gone").unlink()
    ends.fill({"in/readme": b"changed", "a": b"changed"})
    copies = place.push and place.server.__class__ is ProftpdFtps  # RNTO of ProFTPD copies to another file system.
    for _time in range(2):
        result = ends.run(trash=".trash")
        assert failed(result).keys() == (set() if copies else {"in/readme"})
        kept = {".trash/in/readme": b"1", ".trash/in/gone": b"2"} if copies else {"in/readme": b"1", "in/gone": b"2"}
        assert ends.there() == {"in/readme": b"changed", "a": b"changed", ".trash/a": b"3", **kept}
    assert copies or "file system" in result["failed_items"][0]["cure"]
    ends.good()
    assert ends.there() == {"in/readme": b"changed", "a": b"changed"}


def test_files_that_are_delivered_once_to_two_file_systems(mixed: Mixed, tmp_path: Path) -> None:
    ends, options = mixed.ends("files that are delivered once", tmp_path), {"deliver_once": True, "delete": False}
    before = {"readme": b"1", "in/readme": b"2", "in/sub/a": b"3"}
    ends.fill(before)
    ends.good(**options)
    assert ends.there() == before
    new = {"README": b"4", "in/README": b"5", "in/sub/b": b"6", "Readme": b"7"}
    ends.fill(new)
    twins = {name for name in new if name.lower().endswith("readme") and mixed.is_blind(name)}
    arrived = {name: data for name, data in new.items() if name not in twins}
    foreseen = ends.run(check=True, **options)
    for time_ in range(2):
        result = ends.run(**options)
        assert failed(result) == dict.fromkeys(twins, "name_collision"), result["failed_items"]
        assert ends.there() == {**before, **arrived}
        assert _changes(result) == (set(arrived) if time_ == 0 else set())
    assert _changes(foreseen) >= set(arrived)
    # The partner takes files away, and the sender withdraws one name of two.
    for name in ("readme", "in/readme"):
        (ends.destination / name).unlink()
    (ends.source / "Readme").unlink()
    last = ends.run(**options)
    assert failed(last) == {}, last["failed_items"]
    assert ends.there() == {
        name: data
        for name, data in {**before, **new}.items()
        if name not in ("readme", "in/readme", *(["Readme"] if "Readme" in twins else []))
    }
    assert ends.good(**options)["changed"] is False


def test_files_that_are_delivered_once_where_a_part_changes_names(mixed_ntfs: Mixed, tmp_path: Path) -> None:
    """The run that sends it fails; the partner does not get it twice."""
    mixed = mixed_ntfs
    ends, options = mixed.ends("files that are delivered once", tmp_path), {"deliver_once": True, "delete": False}
    new = {"Readme": b"1", "in/Readme": b"2", "plain": b"3", "in/plain": b"4"}
    ends.fill(new)
    (wrong,) = (name for name in new if mixed.kept(name) != name)
    taken: list[bytes] = []
    for time_ in range(3):
        result = ends.run(**options)
        assert failed(result) == ({wrong: "not_supported"} if time_ == 0 else {}), result["failed_items"]
        if time_ == 0:
            assert ends.there() == {mixed.kept(name): data for name, data in new.items()}
        for name, data in ends.there().items():
            taken.append(data)
            (ends.destination / name).unlink()
    assert sorted(taken) == sorted(new.values())


def test_a_signed_set_on_two_file_systems(mixed: Mixed, tmp_path: Path) -> None:
    signed = SignedSet(mixed.ends("a signed set", tmp_path), tmp_path, push=mixed.place.push)
    signed.fill({"readme": b"1", "Dir/a": b"2", "in/readme": b"3", "in/Dir/a": b"4"})
    signed.both()
    for above in (signed.near, signed.near / "in"):
        (above / "readme").rename(above / "README")
        (above / "Dir").rename(above / "dIR")
    signed.both()
    wanted = {"README": b"1", "dIR/a": b"2", "in/README": b"3", "in/dIR/a": b"4"}
    assert signed.there() == wanted
    assert signed.both()["changed"] is False
    more = {"Readme": b"5", "in/Readme": b"6", "new": b"7", "in/new": b"8"}
    signed.fill(more)
    twins = {name for name in ("Readme", "README", "in/Readme", "in/README") if mixed.is_blind(name)}
    arrived = {name: data for name, data in more.items() if name not in twins}
    signed.check_failures(dict.fromkeys(twins, "name_collision"), wanted, {**wanted, **arrived})
    for name in ("Readme", "in/Readme"):
        (signed.near / name).unlink()
    signed.both()
    assert signed.there() == {**wanted, "new": b"7", "in/new": b"8"}
    assert signed.both()["changed"] is False


def test_a_signed_set_where_a_part_changes_names(mixed_ntfs: Mixed, tmp_path: Path) -> None:
    """Nothing is published that readers do not find under its name."""
    mixed, push = mixed_ntfs, mixed_ntfs.place.push
    signed = SignedSet(mixed.ends("a signed set", tmp_path), tmp_path, push=push)
    wanted = {"readme": b"1", "in/readme": b"2", "in/dir/a": b"3"}
    signed.fill(wanted)
    if push and mixed.is_blind("MANIFEST"):
        theirs = signed.at_the_server / "manifest"
        for is_theirs in (False, False, True):
            if is_theirs:
                theirs.mkdir()
            result = signed.publish()
            assert (result["error"]["code"], result["error"]["path"]) == ("not_supported", "MANIFEST"), result
            assert "Set path in sign" in result["error"]["cure"]
            assert not [change for change in result["changes"] if change["action"] == "publish"]
            assert theirs.exists() is is_theirs
        theirs.rmdir()
        signed.set_path("manifest")
        result = signed.publish(sums=True)
        assert (result["error"]["code"], result["error"]["path"]) == ("not_supported", "SHA256SUMS"), result
        assert "Set sums in sign" in result["error"]["cure"]
    signed.both()
    assert signed.there() == wanted
    new = {"New": b"4", "in/New": b"5", "more": b"6"}
    signed.fill(new)
    (wrong,) = (name for name in new if mixed.kept(name) != name)
    kept = {**wanted, **{mixed.kept(name): data for name, data in new.items()}}
    signed.check_failures({wrong: "not_supported"}, wanted, kept)
    (signed.near / wrong).rename(signed.near / wrong.lower())
    signed.both()
    assert signed.there() == kept
    assert signed.both()["changed"] is False
