# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of revoked keys is made, and installed, by processes that are killed at each system call that changes a file:
no key becomes good, no part of a list is ever read, and the next run comes to the end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import key_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import read_header
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import (
    LOCK,
    KeyFile,
    locked_directory,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.signed_list import (
    Installed,
    SignedList,
    planned,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import REVOCATIONS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.running.slices import slice_of
from support.scenes.crash_points import KILL, Point, record, tamper
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import key

LOST, MORE, OLD, GOOD = key("lost"), key("more"), key("old"), key("good")


def desk_in(directory: Path) -> RevocationDesk:
    desk = RevocationDesk(directory)
    if not desk.list.exists():
        desk.good(keys=[LOST.public])
    return desk


def near_files(points: list[Point]) -> list[Point]:
    """The calls from the first that makes a file of the directory on; those before change nothing there."""
    first = next(number for number, point in enumerate(points) if ".revoked.yml.new" in point.text)
    return points[first:]


def test_the_list_is_made(tmp_path: Path, long_run: bool) -> None:
    """A short run takes a third of the calls."""
    recorded = desk_in(tmp_path / "recorded")
    points = near_files(record(lambda: recorded.revoke(keys=[MORE.public]), tmp_path / "log").calls)
    assert len(points) > 12
    for point in slice_of(points, 3, long_run=long_run):
        desk = desk_in(tmp_path / "killed")
        ended = tamper(lambda desk=desk: desk.revoke(keys=[MORE.public]), tmp_path / "log", point.injection(KILL))
        assert ended.killed, point
        version = read_header(desk.list.read_bytes(), "list").version
        assert desk.refuses(LOST, MORE, GOOD) == [True, version == 2, False], point
        assert version == 1 or desk.is_signed(), point
        desk.good(keys=[MORE.public])
        assert desk.refuses(LOST, MORE, GOOD) == [True, True, False], point
        assert desk.is_signed(), point
        assert desk.good(keys=[MORE.public])["changed"] is False, point
        left = {path.name for path in desk.directory.iterdir()} - {"allowed", ".revoked.krl.lock"}
        assert left == {"revoked.yml", "revoked.krl", "revoked.krl.sig", "revoked.krl.history"}, point
        assert desk.history.read_text().startswith("1 "), point
        shutil.rmtree(desk.directory)


class Server:
    """The directory of a server's file of revoked keys, with one key in lines."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "etc" / "revoked_keys"
        self.file.parent.mkdir(parents=True)
        self.file.write_text(f"{OLD.public}\n")

    def install(self, desk: RevocationDesk) -> bool:
        attributes = Attributes(os.geteuid(), os.getegid(), 0o644)
        file = KeyFile("/etc/revoked_keys", attributes, Walker(owner=os.geteuid(), start=str(self.directory)))
        policy = SignaturePolicy(PRINCIPAL, parse_signers([desk.allowed], "verify"), None, REVOCATIONS)
        given = SignedList(desk.list.read_bytes(), desk.signature.read_bytes(), policy)
        with locked_directory(file, Changes(check_mode=False)) as directory:
            planned(given, Installed.of(directory, "revoked_keys"), (key_of(LOST.public, "keys"),)).write(
                directory, "revoked_keys"
            )
        return True

    def refuses_all(self, scratch: Path) -> bool:
        """Whether the file is whole and refuses the key of the lines and, if it is a list, the keys of the list."""
        content = self.file.read_bytes()
        if content.startswith(b"ssh-ed25519"):
            return content == f"{OLD.public}\n".encode()
        desk = RevocationDesk(scratch)
        desk.list.write_bytes(content)
        return desk.refuses(OLD, LOST, GOOD) == [True, True, False]


def test_the_list_is_installed(tmp_path: Path, long_run: bool) -> None:
    """A short run takes a half of the calls."""
    desk = desk_in(tmp_path / "desk")
    recorded = Server(tmp_path / "recorded")
    calls = record(lambda: recorded.install(desk), tmp_path / "log").calls
    first = next(number for number, point in enumerate(calls) if "revoked_keys" in point.text)
    points = calls[first:]
    assert len(points) > 12
    for point in slice_of(points, 2, long_run=long_run):
        server = Server(tmp_path / "killed")
        ended = tamper(lambda server=server: server.install(desk), tmp_path / "log", point.injection(KILL))
        assert ended.killed, point
        assert server.refuses_all(tmp_path / "seen"), point
        server.install(desk)
        assert not server.file.read_bytes().startswith(b"ssh-ed25519"), point
        assert server.refuses_all(tmp_path / "seen"), point
        names = {path.name for path in server.file.parent.iterdir()} - {LOCK}
        assert names == {"revoked_keys", *(f"revoked_keys.{end}" for end in ("local", "signed", "signed.sig"))}, point
        shutil.rmtree(server.directory)
