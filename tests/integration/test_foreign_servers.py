# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs against third-party servers: push, pull and deletion, and the notes about each server."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.kept_attributes import (
    UNKNOWN_DIRECTORY_TIMES,
)
from support.foreign.asyncssh_sftp import Asyncssh
from support.foreign.conch_sftp import Conch
from support.foreign.copyparty_sftp import Copyparty
from support.foreign.dropbear import GREEN_END, PERL, Dropbear
from support.foreign.ftp_srv_ftps import FtpSrv
from support.foreign.mina_sftp import Mina
from support.foreign.paramiko_sftp import Paramiko
from support.foreign.pyftpdlib_ftps import Pyftpdlib
from support.foreign.rclone_sftp import RcloneSftp
from support.foreign.ssh2_sftp import Ssh2
from support.foreign.tinysshd import Tinysshd
from support.running.case_blind_disk import EXFAT, NTFS, case_blind_disk
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.servers.accounts import Account
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.server import Server
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.real_tree import read_tree, write_tree
from support.trees.tree_spec import MTIME, SECOND, Directory, File, TreeSpec


def limited_sshd(arguments: str) -> Sshd:
    return Sshd(config=(f"ForceCommand internal-sftp {arguments}",))


@contextmanager
def on_disk(kind: str) -> Iterator[Sshd]:
    """Yield an OpenSSH server whose tree is on a file system that ignores case."""
    with case_blind_disk(kind, owner=Account().uid) as disk:
        (disk / "in-use").mkdir()  # The owner of an empty root is changed, and this disk has no owners.
        with Sshd(disk) as running:
            yield running


VSFTPD_ODD = ("use_localtime=YES", "hide_ids=YES", "delete_failed_uploads=YES", "strict_ssl_read_eof=YES")
PROFTPD_ODD = ("FactsAdvertise off", "HiddenStores on", "MultilineRFC2228 on", "TimesGMT off", "ShowSymlinks off")
SERVERS: dict[str, Any] = {
    "asyncssh": Asyncssh,
    "conch": Conch,
    "copyparty": Copyparty,
    "copyparty tp": partial(Copyparty, sets="tp"),
    "dropbear": Dropbear,
    "gesftpserver": partial(Dropbear, serving=GREEN_END),
    "mina": Mina,
    "openssh -P": partial(limited_sshd, "-P setstat,fsetstat,lsetstat,posix-rename,hardlink,fstat,limits"),
    "openssh -p": partial(
        limited_sshd, "-p open,close,read,write,lstat,opendir,readdir,mkdir,rmdir,remove,rename,realpath,stat"
    ),
    "openssh -u": partial(limited_sshd, "-u 077"),
    "openssh exFAT": partial(on_disk, EXFAT),
    "openssh NTFS": partial(on_disk, NTFS),
    "paramiko": Paramiko,
    "perl": partial(Dropbear, serving=PERL),
    "rclone": RcloneSftp,
    "rclone newest": partial(RcloneSftp, newest=True),
    "ssh2": Ssh2,
    "tinysshd": Tinysshd,
    "pyftpdlib": partial(Pyftpdlib, umask="077"),
    "ftp-srv": partial(FtpSrv, umask="077"),
    "proftpd odd": partial(ProftpdFtps, config=PROFTPD_ODD),
    "proftpd limited": partial(
        ProftpdFtps, config=("AllowOverwrite off", "<Limit SITE_CHMOD MFMT MFF>", "DenyAll", "</Limit>")
    ),
    "pure-ftpd autorename": partial(PureFtpd, config=("--autorename",)),
    "pure-ftpd nochmod": partial(PureFtpd, config=("--nochmod",)),
    "vsftpd odd": partial(Vsftpd, config=VSFTPD_ODD),
    "vsftpd limited": partial(Vsftpd, config=("chmod_enable=NO", "mdtm_write=NO", "text_userdb_names=YES")),
}
NO_REPLACING = "the server cannot replace a file in one step (no posix-rename@openssh.com)"
REPLACES = "the server's RENAME replaces files that exist: the lock"
NO_ATTRIBUTES = "the server refuses to set modes and times (SSH_FXP_FSETSTAT, SSH_FXP_SETSTAT)"
NO_MODES = "the destination does not keep modes"
NO_MTIMES_OF_DIRECTORIES = "the destination does not keep the modification times of directories"
BY_LIST = "the server has no MLSD: the tree is read by LIST"
NO_DIRECTORY_TIMES = "the server does not report or set the mtimes of directories"
BY_UTIME = "the server sets mtimes by SITE UTIME, because it has no MFMT"
NOTES: dict[str, tuple[str, ...]] = {
    "asyncssh": (),
    "conch": (NO_REPLACING, REPLACES),
    "copyparty": (NO_MTIMES_OF_DIRECTORIES, "the destination does not keep the modes of directories", NO_REPLACING),
    "copyparty tp": (NO_REPLACING,),
    "dropbear": (),
    "ftp-srv": (
        BY_LIST,
        "the server accepts MKD for existing directories: the lock does not exclude other runs",
        NO_DIRECTORY_TIMES,
        "the server does not set mtimes as requested",
    ),
    "gesftpserver": (),
    "mina": (REPLACES,),
    "openssh -P": (NO_REPLACING, NO_ATTRIBUTES),
    "openssh -p": (NO_REPLACING, NO_ATTRIBUTES),
    "openssh -u": (),
    "openssh NTFS": (NO_MODES,),
    "openssh exFAT": (NO_MODES,),
    "paramiko": (NO_REPLACING,),
    "perl": (NO_REPLACING, NO_ATTRIBUTES, REPLACES),
    "proftpd limited": ("the server refuses to set modes (SITE CHMOD: 550", BY_UTIME, NO_DIRECTORY_TIMES),
    "proftpd odd": (BY_LIST, BY_UTIME, NO_DIRECTORY_TIMES),
    "pure-ftpd autorename": (),
    "pure-ftpd nochmod": ("the server refuses to set modes (SITE CHMOD: 550",),
    "pyftpdlib": (NO_DIRECTORY_TIMES,),
    "rclone": (NO_MODES, REPLACES),
    "rclone newest": (NO_MODES, REPLACES),
    "ssh2": (NO_REPLACING, "the server works on many requests at the same time"),
    "tinysshd": (),
    "vsftpd limited": (
        BY_LIST,
        NO_DIRECTORY_TIMES,
        "the server does not set mtimes as requested",
        "the server refuses to set modes (SITE CHMOD: 500",
    ),
    "vsftpd odd": (BY_LIST, NO_DIRECTORY_TIMES, "the server sets mtimes by MDTM with a time"),
}
"""The beginning of each note of a push; docs/servers.md lists them."""
TREE: TreeSpec = {
    b"a": File(b"a" * 100, 0o640, MTIME),
    b"d/b": File(b"b" * 300_000, 0o600, MTIME + SECOND),
    b"d/e/c": File(b"", 0o644, MTIME + 2 * SECOND),
    b"empty": Directory(0o750, MTIME),
    "two words, \u00fc".encode(): File(b"odd", 0o644, MTIME),
    **{b"many/%d" % number: File(b"%d" % number, 0o644, MTIME + number * SECOND) for number in range(15)},
}
UNSHOWN = {"conch": ("two words, \u00fc".encode(),), "perl": (b"many/0",)}
"""The names that a server does not take, or does not list: others than ASCII, and the name 0."""
LATER: TreeSpec = {b"a": File(b"A" * 100, 0o640, MTIME + 60 * SECOND), b"new/f": File(b"new", 0o644, MTIME)}


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with SERVERS[request.param]() as running:
        yield running


@pytest.fixture
def name(request: pytest.FixtureRequest, server: Server) -> str:
    """The key of the server in the tables above."""
    return request.node.callspec.params["server"]


@pytest.fixture
def runs(server: Server, tmp_path: Path) -> SyncRuns:
    kind = FtpsRuns if isinstance(server, FtpsServer) else SyncRuns
    far = server.root / f"run-{len(list(server.root.iterdir()))}"
    return kind(server, tmp_path / "near", far, push=True, state_dir=tmp_path / "state")


def held(place: Path, *, times: bool) -> dict[bytes, Any]:
    """The content of a tree; only the names of directories. times: whether the mtimes of files count."""
    found = read_tree(os.fsencode(place))
    return {
        path: None if isinstance(one, Directory) else (one.content, one.mtime // SECOND if times else 0)
        for path, one in found.items()
    }


def tree_for(name: str) -> TreeSpec:
    return {path: spec for path, spec in TREE.items() if path not in UNSHOWN.get(name, ())}


MODES, DIRECTORY_MODES, TIMES, DIRECTORY_TIMES = "modes", "modes of directories", "times", "times of directories"
ALL = {MODES, DIRECTORY_MODES, TIMES, DIRECTORY_TIMES}
KEPT: dict[str, set[str]] = {
    "copyparty": {MODES, TIMES},
    "ftp-srv": {MODES, DIRECTORY_MODES},
    "openssh -P": {MODES},
    "openssh -p": {MODES},
    "openssh NTFS": {TIMES, DIRECTORY_TIMES},
    "openssh exFAT": {TIMES, DIRECTORY_TIMES},
    "perl": set(),
    "proftpd limited": {TIMES},
    "proftpd odd": ALL - {DIRECTORY_TIMES},
    "pure-ftpd nochmod": {TIMES, DIRECTORY_TIMES},
    "pyftpdlib": ALL - {DIRECTORY_TIMES},
    "rclone": {TIMES},
    "rclone newest": {TIMES},
    "vsftpd limited": set(),
    "vsftpd odd": ALL - {DIRECTORY_TIMES},
}
"""The attributes on the disk of a server after a push; all others keep ALL."""


def kept(runs: SyncRuns) -> set[str]:
    """Return the attributes that all files, or all directories, have in common with the source."""
    near, far = (read_tree(os.fsencode(place)) for place in (runs.near, runs.far))
    pairs = [(spec, far[path]) for path, spec in near.items() if path]
    return {
        words
        for kind, modes, times in ((File, MODES, TIMES), (Directory, DIRECTORY_MODES, DIRECTORY_TIMES))
        for words, of in ((modes, lambda spec: spec.mode), (times, lambda spec: spec.mtime // SECOND))
        if all(of(ours) == of(theirs) for ours, theirs in pairs if isinstance(ours, kind))
    }


def test_push_pull_and_deletion(runs: SyncRuns, name: str, tmp_path: Path) -> None:
    write_tree(os.fsencode(runs.near), tree_for(name))
    first = runs.good()
    assert kept(runs) == KEPT.get(name, ALL)
    times = TIMES in KEPT.get(name, ALL)
    assert held(runs.far, times=times) == held(runs.near, times=times)
    assert first.report.stats["files_stored"] == len([one for one in tree_for(name).values() if isinstance(one, File)])
    again = runs.good()
    assert again.done == []
    notes = again.report.notes
    assert len(notes) == len(NOTES[name]), notes
    assert all(note.startswith(words) for note, words in zip(sorted(notes), sorted(NOTES[name]), strict=True)), notes
    write_tree(os.fsencode(runs.near), LATER)
    (runs.near / "d/b").unlink()
    (runs.near / "empty").rmdir()
    changed = runs.good(delete=True)
    assert {path for path, _action, _reason in changed.done} >= {b"a", b"d/b", b"empty", b"new", b"new/f"}
    assert held(runs.far, times=times) == held(runs.near, times=times)
    again = runs.good(delete=True)
    assert again.done == []
    assert again.moved == 0 or not times
    back = runs.back(tmp_path / "back")
    write_tree(os.fsencode(back.near), {b"extra/x": b"x", b"a": b"old"})
    back.good(delete=True)
    assert held(back.near, times=times) == held(runs.far, times=times)
    assert back.good(delete=True).done == []


def test_a_check_predicts_the_run(runs: SyncRuns, name: str) -> None:
    """It writes nothing, and uses the abilities that the previous run detected."""
    write_tree(os.fsencode(runs.near), tree_for(name))
    assert runs.good(check_mode=True).report.plan.actions
    assert not runs.far.exists()
    runs.good()
    before = read_tree(os.fsencode(runs.far))
    assert runs.good(check_mode=True).report.plan.actions == ()
    assert read_tree(os.fsencode(runs.far)) == before
    assert runs.good().done == []


def test_a_first_check_against_pyftpdlib_leaves_out_times_of_directories(tmp_path: Path) -> None:
    """Nothing was written there yet, so the abilities are unknown."""
    with Pyftpdlib(umask="077") as server:
        runs = FtpsRuns(server, tmp_path / "near", server.root / "far", push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(runs.near), TREE)
        runs.good()
        first = runs.good(check_mode=True, state_dir=os.fsencode(tmp_path / "another state"))
        assert (first.report.plan.actions, UNKNOWN_DIRECTORY_TIMES in first.report.notes) == ((), True)
        again = runs.good(check_mode=True)
        assert (again.report.plan.actions, UNKNOWN_DIRECTORY_TIMES in again.report.notes) == ((), False)


def test_ftp_srv_alters_no_name_of_ours(tmp_path: Path) -> None:
    """It reads b'a"b' as b'ab': such a name is never sent, and the file that it would reach is not touched."""
    with FtpSrv(umask="077") as server:
        runs = FtpsRuns(server, tmp_path / "near", server.root / "far", push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(runs.far), {b"ab": File(b"theirs"), b"c": File(b"theirs")})
        server.give(runs.far)
        write_tree(os.fsencode(runs.near), {b'a"b': File(b"ours"), b"c -x": File(b"ours"), b"good": File(b"good")})
        ran = runs.run()
        assert {error.path for error in ran.errors} == {b'a"b', b"c -x"}
        assert ran.codes == {"unsafe_name"}
        content = {path: one.content for path, one in read_tree(os.fsencode(runs.far)).items() if isinstance(one, File)}
        assert content == {b"ab": b"theirs", b"c": b"theirs", b"good": b"good"}
        assert any("drops quotation marks" in note for note in ran.report.notes)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (partial(Dropbear, serving=PERL), "0"),
        (partial(ProftpdFtps, config=("<Directory />", "HideFiles ^\\.hidden$", "</Directory>")), ".hidden"),
    ],
    ids=["perl", "proftpd HideFiles"],
)
def test_a_pull_removes_nothing_that_a_listing_leaves_out(
    make: Callable[[], Server], name: str, tmp_path: Path
) -> None:
    with make() as server:
        kind = FtpsRuns if isinstance(server, FtpsServer) else SyncRuns
        runs = kind(server, tmp_path / "near", server.root / "far", push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(runs.near), {b"a": File(b"1"), name.encode(): File(b"2"), b"z": File(b"3")})
        runs.good()
        back = runs.back(tmp_path / "back")
        write_tree(os.fsencode(back.near), {name.encode(): File(b"2"), b"old": File(b"4")})
        ran = back.run(delete=True)
        assert {error.path: error.code for error in ran.errors} == {name.encode(): "source_changed"}
        assert {path.name for path in back.near.iterdir()} == {"a", name, "z", "old"}
        back.good(delete=True, exclude=(name,))
        assert {path.name for path in back.near.iterdir()} == {"a", name, "z"}


def test_ftp_srv_alters_no_destination(tmp_path: Path) -> None:
    """Its name would be another directory, with the files of others."""
    with FtpSrv(umask="077") as server:
        runs = FtpsRuns(server, tmp_path / "near", server.root / 'a"b', push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(server.root / "ab"), {b"file": File(b"theirs")})
        server.give(server.root / "ab")
        write_tree(os.fsencode(runs.near), {b"good": File(b"good")})
        assert runs.run(delete=True).codes == {"unsafe_name"}
        assert [path.name for path in server.root.rglob("*")] == ["ab", "file"]


def test_only_a_tree_with_unusual_names_asks_how_they_are_taken(tmp_path: Path) -> None:
    with Vsftpd() as server:
        runs = FtpsRuns(server, tmp_path / "near", server.root / "far", push=True, state_dir=tmp_path / "state")
        write_tree(os.fsencode(runs.near), TREE)
        runs.good()
        runs.good(delete=True)
        assert server.transcript().count("no-such-name") == 0
        write_tree(os.fsencode(runs.near), {b'a"b': File(b"1"), b"c\\d": File(b"2")})
        runs.good()
        asked = re.findall(r'"(CWD|SIZE) [^\n]*no-such-name', server.transcript())
        assert asked == ["CWD", "SIZE"], server.transcript()[-3000:]
