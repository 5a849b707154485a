# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed lists on a server, with its files in memory: order of the writes, old and foreign lists, local keys.

The disk is a stand-in, because files of sshd must belong to root; tests/hosts has real hosts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    KrlDamaged,
    KrlEmpty,
    KrlIncomplete,
    KrlRollback,
    NotSupported,
    SignatureInvalid,
    SignerUnknown,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import (
    Revoked,
    by_fingerprint,
    by_key,
    by_serial,
    key_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import read_header
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import KrlFile, Spec, spec_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    with_revoked,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.signed_list import (
    Installed,
    NewList,
    SignedList,
    local_change,
    planned,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import REVOCATIONS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import SshKey, key

NAME = "revoked_keys"
LOST, MORE, OLD, GOOD = key("lost"), key("more"), key("old"), key("good")


def public(*keys: SshKey) -> tuple[PublicKey, ...]:
    return tuple(key_of(each.public, "keys") for each in keys)


class Disk(dict[str, bytes]):
    """The directory of a server, as KeyDirectory shows it. room: number of writes until it is full."""

    def __init__(self, *args: Any, room: int = 100) -> None:
        super().__init__(*args)
        self.room = room

    def read(self, name: str) -> bytes | None:
        return self.get(name)

    def keep(self, name: str, content: bytes, *, words: Callable[[bytes], str] = repr) -> None:
        assert words(content)
        if self.room == 0:
            raise OSError("full")
        self.room -= 1
        self[name] = content

    @property
    def installed(self) -> Installed:
        return Installed.of(self, NAME)

    def refuses(self, *keys: SshKey) -> list[bool]:
        """Ask ssh-keygen, which reads the file as sshd does."""
        desk = RevocationDesk(self.scratch)
        desk.list.write_bytes(self[NAME])
        return desk.refuses(*keys)

    scratch: Path


@pytest.fixture
def desk(tmp_path: Path) -> RevocationDesk:
    return RevocationDesk(tmp_path / "desk")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk()
    disk.scratch = tmp_path / "disk"
    return disk


def given(desk: RevocationDesk) -> SignedList:
    policy = SignaturePolicy(PRINCIPAL, parse_signers([desk.allowed], "verify"), None, REVOCATIONS)
    history = desk.history.read_bytes() if desk.history.exists() else b""
    return SignedList(desk.list.read_bytes(), desk.signature.read_bytes(), policy, history)


def install(desk: RevocationDesk, disk: Disk, *keys: SshKey) -> NewList:
    plan = planned(given(desk), disk.installed, public(*keys))
    plan.write(disk, NAME)
    return plan


def test_a_list_is_installed_as_it_was_signed(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public])
    plan = install(desk, disk, LOST)
    assert plan.header.version == 1
    assert plan.listing.covers(LOST.fingerprint)
    assert list(disk) == [NAME, f"{NAME}.signed", f"{NAME}.signed.sig"], "no file for local keys"
    assert disk[NAME] == disk[f"{NAME}.signed"] == desk.list.read_bytes()
    before = dict(disk)
    install(desk, disk)
    assert disk == before


def test_lines_become_local_keys(desk: RevocationDesk, disk: Disk) -> None:
    lines = b"# by hand\n" + with_revoked(b"", public(OLD, LOST))
    disk[NAME] = lines
    desk.good(keys=[LOST.public])
    plan = install(desk, disk)
    assert plan.local_keys == 2
    assert disk[f"{NAME}.local"] == lines
    assert disk.refuses(OLD, LOST, GOOD) == [True, True, False]
    assert read_header(disk[NAME], "") == read_header(desk.list.read_bytes(), "")
    desk.good(keys=[MORE.public])
    install(desk, disk)
    assert disk.refuses(OLD, LOST, MORE, GOOD) == [True, True, True, False]


def test_a_key_of_one_server(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public])
    install(desk, disk)
    local_change(disk.installed, public(MORE)).write(disk, NAME)
    assert disk.refuses(LOST, MORE, GOOD) == [True, True, False]
    desk.good(keys=[OLD.public])
    install(desk, disk)
    assert disk.refuses(LOST, MORE, OLD, GOOD) == [True, True, True, False]
    local_change(disk.installed, public(MORE), absent=True).write(disk, NAME)
    assert disk.refuses(LOST, MORE, OLD) == [True, False, True]
    install(desk, disk)
    assert disk.refuses(MORE) == [False]


def test_no_key_of_one_server(desk: RevocationDesk, disk: Disk) -> None:
    """A task without keys only makes the file."""
    desk.good(keys=[LOST.public])
    install(desk, disk)
    before = dict(disk)
    local_change(disk.installed, ()).write(disk, NAME)
    assert disk == before


def test_old_lists(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public])
    old = given(desk)
    desk.good(keys=[MORE.public])
    install(desk, disk)
    before = dict(disk)
    with pytest.raises(KrlRollback, match="the list has the version 1, and version 2 is installed") as caught:
        planned(old, disk.installed, ())
    assert "min_version: 3." in caught.value.cure
    content = KrlFile(str(disk.scratch.parent)).make(spec_of([by_fingerprint(OLD.fingerprint)]), 2)
    desk.put(content)
    with pytest.raises(KrlRollback, match="another list with the version 2 is installed"):
        planned(given(desk), disk.installed, ())
    assert disk == before


@pytest.mark.parametrize("namespace", ["manifest@ftp-synchronize", "file", "krl@secure.ftp_synchronize2"])
def test_a_signature_for_another_purpose(desk: RevocationDesk, disk: Disk, namespace: str) -> None:
    desk.good(keys=[LOST.public])
    desk.put(desk.list.read_bytes(), namespace=namespace)
    with pytest.raises(SignatureInvalid):
        install(desk, disk)
    assert disk == {}


def test_the_signature_of_someone_else(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public])
    desk.signer = key("incident-2")
    with pytest.raises(SignerUnknown):
        install(desk, disk)


def test_a_list_that_was_cut(desk: RevocationDesk, disk: Disk) -> None:
    """Between two sections, a cut list is whole for ssh-keygen; its signature is not."""
    desk.good(fingerprints=[LOST.fingerprint], keys=[MORE.public])
    whole = given(desk)
    for length in [0, 7, 8, 43, 44, 50, len(whole.content) - 1]:
        with pytest.raises((KrlDamaged, SignatureInvalid)):
            planned(whole._replace(content=whole.content[:length]), disk.installed, ())


def test_an_empty_list_with_a_valid_signature(desk: RevocationDesk, disk: Disk) -> None:
    desk.put(KrlFile(str(disk.scratch.parent)).make(Spec("", ()), 9))
    with pytest.raises(KrlEmpty):
        install(desk, disk)
    desk.put(b"")
    with pytest.raises(KrlDamaged, match="list: is empty"):
        install(desk, disk)


def test_a_list_without_a_key_of_the_task(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public])
    with pytest.raises(KrlIncomplete, match=re.escape(MORE.fingerprint)):
        install(desk, disk, LOST, MORE)


def foreign(disk: Disk, *revoked: Revoked, version: int = 0) -> bytes:
    return KrlFile(str(disk.scratch.parent)).make(spec_of(revoked), version)


def test_a_list_from_elsewhere(desk: RevocationDesk, disk: Disk) -> None:
    """Its entries stay: the new list has them, or is refused."""
    serial = by_serial(key("ca").public, "7-12")
    disk[NAME] = foreign(disk, by_fingerprint(LOST.fingerprint), serial)
    with pytest.raises(NotSupported):
        local_change(disk.installed, ())
    desk.good(keys=[LOST.public])
    with pytest.raises(KrlIncomplete, match="revoked_keys, which sshd reads, has 1 more entry, such as serial 7-12 of"):
        install(desk, disk)
    desk.good(certificates=[{"ca": key("ca").public, "serials": ["1-20"]}])
    assert install(desk, disk).header.version == 2


def test_a_list_of_another_directory(desk: RevocationDesk, disk: Disk, tmp_path: Path) -> None:
    """It is signed by the same key and has a higher version; a key would become good unasked."""
    desk.good(keys=[LOST.public])
    install(desk, disk)
    before, other = dict(disk), RevocationDesk(tmp_path / "other")
    other.good(keys=[MORE.public], min_version=7)
    lacks = f"version 1, is not in the history of this list, and has 1 more entry, such as {LOST.fingerprint}"
    with pytest.raises(KrlIncomplete, match=re.escape(lacks)):
        install(other, disk)
    assert disk == before
    other.good(keys=[LOST.public])
    install(other, disk)
    other.good(state="absent", keys=[LOST.public])
    install(other, disk)
    assert disk.refuses(LOST, MORE) == [False, True], "removed from the list that the server has"


def test_two_copies_of_a_directory(desk: RevocationDesk, disk: Disk, tmp_path: Path) -> None:
    """Both have the same history, up to the version in which they part."""
    desk.good(keys=[OLD.public])
    copy = desk.copied(tmp_path / "copy")
    desk.good(keys=[LOST.public])
    install(desk, disk)
    copy.good(keys=[MORE.public])
    copy.good(state="absent", keys=[OLD.public])
    with pytest.raises(KrlIncomplete, match="version 2, is not in the history of this list, and has 2 more entries"):
        install(copy, disk)
    copy.good(keys=[OLD.public, LOST.public])
    install(copy, disk)


@pytest.mark.parametrize(
    "lost", [(".local",), (".local", ".signed", ".signed.sig"), (".local", ".signed.sig"), ()], ids=" ".join
)
def test_a_key_of_the_list_that_sshd_reads_alone(desk: RevocationDesk, disk: Disk, lost: tuple[str, ...]) -> None:
    """Files next to the list were lost, or someone used ssh-keygen. The history has the list, and not the key."""
    if lost:
        disk[NAME] = with_revoked(b"", public(OLD))
    desk.good(keys=[LOST.public])
    install(desk, disk)
    for end in lost:
        del disk[NAME + end]
    if not lost:
        disk[NAME] = KrlFile(str(disk.scratch.parent), disk[NAME]).extend(public(OLD))
    before = dict(disk)
    desk.good(keys=[MORE.public])
    lacks = f"revoked_keys, which sshd reads, has 1 more entry, such as {OLD.fingerprint}"
    with pytest.raises(KrlIncomplete, match=re.escape(lacks)):
        install(desk, disk)
    assert disk == before
    desk.good(fingerprints=[OLD.fingerprint])
    install(desk, disk)
    assert disk.refuses(OLD, LOST, MORE, GOOD) == [True, True, True, False]
    desk.good(state="absent", fingerprints=[OLD.fingerprint])
    install(desk, disk)
    assert disk.refuses(OLD, LOST, MORE, GOOD) == [False, True, True, False]


def test_a_change_of_local_keys_makes_no_other_key_good(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public])
    install(desk, disk)
    disk[NAME] = KrlFile(str(disk.scratch.parent), disk[NAME]).extend(public(OLD))
    local_change(disk.installed, public(MORE)).write(disk, NAME)
    assert disk.refuses(OLD, MORE) == [True, True]
    before = dict(disk)
    with pytest.raises(KrlIncomplete, match=re.escape(OLD.fingerprint)):
        local_change(disk.installed, public(MORE), absent=True)
    assert disk == before
    local_change(disk.installed, public(MORE, OLD), absent=True).write(disk, NAME)
    assert disk.refuses(OLD, MORE, LOST) == [False, False, True]
    desk.good()
    install(desk, disk)


def test_certificates_of_the_list_that_sshd_reads_alone(desk: RevocationDesk, disk: Disk) -> None:
    """The history explains the serial numbers of the signed list, and no others next to them."""
    ca = key("ca").public
    desk.good(certificates=[{"ca": ca, "serials": ["7-9"]}])
    install(desk, disk)
    signed = disk[NAME]
    comment = read_header(signed, "").comment
    disk[NAME] = KrlFile(str(disk.scratch.parent)).make(spec_of([by_serial(ca, "7-10")]), 1, comment)
    desk.good(state="absent", certificates=[{"ca": ca, "serials": ["7-9"]}])
    with pytest.raises(KrlIncomplete, match="has 1 more entry, such as serial 7-10"):
        install(desk, disk)
    disk[NAME] = signed
    install(desk, disk)


def test_a_sha1_hash(desk: RevocationDesk, disk: Disk) -> None:
    """sshd refuses its key, and no signed list can."""
    disk[NAME] = KrlFile(str(disk.scratch.parent)).make(Spec(f"sha1: {OLD.public}\n", ()), 1)
    desk.good(keys=[LOST.public])
    with pytest.raises(KrlIncomplete, match="has 1 more entry, such as SHA1:"):
        install(desk, disk)


@pytest.mark.parametrize("content", [None, b"", b"# nothing\n"])
def test_a_list_that_was_replaced_by_lines(desk: RevocationDesk, disk: Disk, content: bytes | None) -> None:
    """The next list brings the keys of the files next to it back."""
    disk[NAME] = with_revoked(b"", public(OLD))
    desk.good(keys=[LOST.public, MORE.public])
    install(desk, disk)
    if content is None:
        del disk[NAME]
    else:
        disk[NAME] = content + with_revoked(b"", public(key("x")))
    desk.good(state="absent", keys=[MORE.public])
    install(desk, disk)
    assert disk.refuses(OLD, LOST, MORE, key("x")) == [True, True, False, content is not None]


def test_a_list_of_an_earlier_version(desk: RevocationDesk, disk: Disk) -> None:
    """Its comment has no history, and it is in the history of the lists that follow."""
    spec = spec_of([by_key(each.public) for each in (LOST, MORE)])
    desk.good(keys=[LOST.public, MORE.public])
    desk.put(KrlFile(str(disk.scratch.parent)).make(spec, 1))
    desk.history.unlink()
    install(desk, disk)
    local_change(disk.installed, public(OLD)).write(disk, NAME)
    desk.good(state="absent", keys=[LOST.public])
    install(desk, disk)
    assert disk.refuses(LOST, MORE, OLD) == [False, True, True]


def test_a_removal_that_was_killed(desk: RevocationDesk, disk: Disk) -> None:
    """The next list refuses to make the key good, until the removal comes to its end."""
    disk[NAME] = with_revoked(b"", public(OLD))
    desk.good(keys=[LOST.public])
    install(desk, disk)
    disk.room = 1
    with pytest.raises(OSError, match="full"):
        local_change(disk.installed, public(OLD), absent=True).write(disk, NAME)
    disk.room = 100
    desk.good()
    with pytest.raises(KrlIncomplete):
        install(desk, disk)
    local_change(disk.installed, public(OLD), absent=True).write(disk, NAME)
    install(desk, disk)
    assert disk.refuses(OLD, LOST) == [False, True]


def test_a_list_that_ssh_keygen_cannot_read_is_replaced(desk: RevocationDesk, disk: Disk) -> None:
    """Its frame is whole; sshd refuses every key until then."""
    desk.good(keys=[LOST.public])
    install(desk, disk)
    disk[NAME] += b"\x09" + (1).to_bytes(4, "big") + b"x"
    with pytest.raises(KrlDamaged):
        KrlFile(str(disk.scratch.parent), disk[NAME]).listing()
    damaged = disk[NAME]
    local_change(disk.installed, public(OLD)).write(disk, NAME)
    assert disk.refuses(LOST, OLD, GOOD) == [True, True, False]
    disk[NAME] = damaged
    desk.good(keys=[MORE.public])
    install(desk, disk)
    assert disk.refuses(LOST, MORE, OLD, GOOD) == [True, True, True, False]


def test_removals_that_a_server_missed(desk: RevocationDesk, disk: Disk) -> None:
    desk.good(keys=[LOST.public, MORE.public])
    install(desk, disk)
    local_change(disk.installed, public(OLD)).write(disk, NAME)
    desk.good(state="absent", keys=[LOST.public])
    desk.good(state="absent", keys=[MORE.public])
    install(desk, disk)
    assert disk.refuses(LOST, MORE, OLD) == [False, False, True]


@pytest.mark.parametrize("forged", ["none", "more", "other"])
def test_a_history_that_the_signer_did_not_make(desk: RevocationDesk, disk: Disk, forged: str, tmp_path: Path) -> None:
    """The signed list has its digest: who offers a list of another directory cannot add the server's list to it."""
    desk.good(keys=[LOST.public])
    install(desk, disk)
    other = RevocationDesk(tmp_path / "other")
    other.good(keys=[MORE.public], min_version=7)
    other.good(min_version=8)
    desk.good(min_version=2)
    real = other.history.read_bytes()
    history = {"none": b"", "more": real + desk.history.read_bytes(), "other": desk.history.read_bytes()}[forged]
    with pytest.raises(KrlIncomplete):
        planned(given(other)._replace(history=history), disk.installed, ())


def test_a_damaged_list_is_replaced(desk: RevocationDesk, disk: Disk) -> None:
    """sshd refuses every key until then. The signed list still shows the least version."""
    desk.good(keys=[LOST.public])
    old = given(desk)
    desk.good()
    desk.good(keys=[MORE.public])
    install(desk, disk)
    disk[NAME] = disk[NAME][:-1]
    with pytest.raises(KrlRollback):
        planned(old, disk.installed, ())
    install(desk, disk)
    assert disk.refuses(LOST, MORE, GOOD) == [True, True, False]


@pytest.mark.parametrize("room", range(5))
def test_a_run_that_ends_between_two_files(desk: RevocationDesk, disk: Disk, room: int) -> None:
    """Keys stay refused, and the next run finishes; so does a rotation that revokes a key before that."""
    disk[NAME] = with_revoked(b"", public(OLD))
    desk.good(keys=[LOST.public])
    install(desk, disk)
    desk.good(keys=[MORE.public])
    local_change(disk.installed, public(key("x"))).write(disk, NAME)
    disk.room = room
    try:
        install(desk, disk)
    except OSError:
        assert room < 4
    disk.room = 100
    more = disk.refuses(MORE)[0]
    assert disk.refuses(OLD, LOST, key("x"), GOOD) == [True, True, True, False]
    local_change(disk.installed, public(key("y"))).write(disk, NAME)
    assert disk.refuses(OLD, LOST, key("x"), key("y"), MORE) == [True, True, True, True, more]
    install(desk, disk)
    assert disk.refuses(OLD, LOST, key("x"), key("y"), MORE, GOOD) == [True, True, True, True, True, False]
    assert disk[f"{NAME}.signed"] == desk.list.read_bytes()
    assert disk[f"{NAME}.signed.sig"] == desk.signature.read_bytes()


@pytest.mark.parametrize("room", range(4))
def test_a_migration_that_ends_between_two_files(desk: RevocationDesk, disk: Disk, room: int) -> None:
    disk[NAME] = with_revoked(b"", public(OLD))
    desk.good(keys=[LOST.public])
    disk.room = room
    with pytest.raises(OSError, match="full"):
        install(desk, disk)
    if disk.installed.is_list:
        assert disk.refuses(OLD, LOST, GOOD) == [True, True, False]
    disk.room = 100
    install(desk, disk)
    assert disk.refuses(OLD, LOST, GOOD) == [True, True, False]
    assert sorted(disk) == [NAME, f"{NAME}.local", f"{NAME}.signed", f"{NAME}.signed.sig"]
