# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of receipts: numbers, two writers at once, kills, directories that cannot be used, broken chains."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    OperationFailed,
    ReceiptBroken,
    Refused,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing import receipt_directory
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import RECEIPTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_directory import (
    ReceiptDirectory,
    format_receipt,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signer import Signer
from support.running.examples import ROOT
from support.servers.ssh_keys import key
from support.trees.receipt_chain import ReceiptChain

AT = "2026-11-26T22:40:00Z"


def text(seq: int, prev: str) -> bytes:
    least = {"format": 1, "type": "sync", "job": "sync", "started": AT, "ended": AT}
    return format_receipt({**least, "seq": seq, "prev": prev})


def made(seq: int, prev: str) -> tuple[bytes, bytes]:
    return text(seq, prev), b"a signature"


def directory(path: Path) -> ReceiptDirectory:
    return ReceiptDirectory(os.fsencode(path), seconds=20)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "receipts"


def test_receipts_are_numbered_and_chained(place: Path) -> None:
    receipts = directory(place)
    assert receipts.head() is None
    receipts.prepare("sync")
    assert receipts.head() is None
    heads = [receipts.append(made) for _each in range(3)]
    chain = ReceiptChain(place)
    assert [each.seq for each in heads] == chain.numbers == [1, 2, 3]
    assert [each.digest for each in heads] == [chain.digest(number) for number in (1, 2, 3)]
    assert [chain.fields(number)["prev"] for number in (1, 2, 3)] == ["0" * 64, chain.digest(1), chain.digest(2)]
    assert receipts.head() == heads[-1]
    assert receipts.path_of(3) == os.fsencode(chain.path(3))
    assert place.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in place.iterdir() if not path.name.startswith("0")} == {".lock"}


def test_many_writers_at_once_make_one_chain(place: Path) -> None:
    directory(place).prepare("sync")
    writers = [threading.Thread(target=lambda: directory(place).append(made)) for _each in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    chain = ReceiptChain(place)
    assert chain.numbers == list(range(1, 9))
    assert [chain.fields(number)["prev"] for number in range(2, 9)] == [chain.digest(number) for number in range(1, 8)]


def test_a_lock_that_stays_is_named(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")

    def second(seq: int, prev: str) -> tuple[bytes, bytes]:
        with pytest.raises(OperationFailed, match=r"another run holds the lock of .* for more than 0.1 s"):
            ReceiptDirectory(os.fsencode(place), seconds=0.1).append(made)
        return made(seq, prev)

    assert receipts.append(second).seq == 1


KILLED = """
import os, sys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing import receipt_directory
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import durable_files
left = int(sys.argv[2])
def counted(name, plain):
    def call(*words, **options):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return plain(*words, **options)
    setattr(os, name, call)
for name in ("open", "rename", "fsync", "unlink"):
    counted(name, getattr(os, name))
receipts = receipt_directory.ReceiptDirectory(os.fsencode(sys.argv[1]))
def made(seq, prev):
    return sys.argv[3].replace("PREV", prev).replace('"seq":0', '"seq":%d' % seq).encode(), b"a signature"
receipts.append(made)
"""


def test_a_writer_that_is_killed_anywhere_leaves_a_whole_chain(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    receipts.append(made)
    template = text(0, "PREV").decode()
    for step in range(60):
        before = receipts.head()
        words = [sys.executable, "-c", KILLED, str(place), str(step), template]
        done = subprocess.run(words, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        assert done.returncode in (0, 9)
        after = directory(place).head()
        assert before is not None
        assert after is not None
        assert after.seq in (before.seq, before.seq + 1)
        if done.returncode == 0:
            break
        directory(place).prepare("sync")
    assert done.returncode == 0
    assert receipts.append(made).seq == ReceiptChain(place).numbers[-1]
    assert {path.name for path in place.iterdir() if not path.name.startswith("0")} == {".lock"}


def test_a_signature_without_a_receipt_is_replaced(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    ReceiptChain(place).signature(1).write_bytes(b"of a killed run")
    receipts.prepare("sync")
    receipts.append(made)
    assert ReceiptChain(place).signature(1).read_bytes() == b"a signature"


def test_a_disk_that_takes_no_more_leaves_the_chain_as_it_was(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    head = receipts.append(made)
    _soft, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (4, 40):  # bytes of a file: not even the signature, or the signature alone
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(OperationFailed, match=r"receipts.path: .*File too large"):
                receipts.append(made)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert receipts.head() == head
    assert receipts.append(made).seq == 2
    assert {path.name for path in place.iterdir() if not path.name.startswith("0")} == {".lock"}


def test_a_disk_without_room_for_a_receipt_is_found_before_the_run(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    _soft, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OperationFailed, match=r"receipts.path: .*File too large"):
            receipts.prepare("sync")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    receipts.prepare("sync")
    assert {path.name for path in place.iterdir()} == {".lock"}


def test_a_number_taken_without_the_lock_is_never_written_again(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")

    def overtaken(seq: int, prev: str) -> tuple[bytes, bytes]:
        ReceiptChain(place).path(seq).write_bytes(b"of another")
        return made(seq, prev)

    with pytest.raises(Refused, match="took the number 1"):
        receipts.append(overtaken)
    assert ReceiptChain(place).path(1).read_bytes() == b"of another"


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_directory_where_others_can_write_is_refused(place: Path, mode: int) -> None:
    place.mkdir(parents=True)
    place.chmod(mode)
    with pytest.raises(Refused, match=f"receipts.path: others can write to .*mode {mode:04o}") as caught:
        directory(place).prepare("sync")
    assert caught.value.cure


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/self/receipts"), Path("/proc/self")):
        with pytest.raises(OperationFailed, match=r"^receipts.path: ") as caught:
            directory(path).prepare("sync")
        assert caught.value.cure == "Set receipts.path to a directory that the user of the task can write to."


def test_a_read_only_directory() -> None:
    """As an account that is not root, which no mode of a directory stops."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        with pytest.raises(OperationFailed, match=r"receipts.path: /usr/share: Permission denied"):
            ReceiptDirectory(b"/usr/share").prepare("sync")
    finally:
        os.seteuid(user)


def test_a_chain_belongs_to_one_job(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    receipts.append(made)
    with pytest.raises(InvalidRequest, match=r"receipts.job: is other, and the receipts in .* are of sync"):
        receipts.prepare("other")


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda chain: chain.path(3).write_bytes(b"{}\n"), "receipt 3: its format is not 1"),
        (lambda chain: chain.move(3, 4), "receipt 4: its text has number 3"),
        (lambda chain: chain.signature(3).unlink(), "receipt 3: it has no signature"),
        (lambda chain: chain.remove(2), "receipt 3: it does not follow the receipt before"),
        (lambda chain: chain.put(2, {**chain.fields(2), "changed": True}), "receipt 3: it does not follow"),
        (lambda chain: chain.path(3).write_bytes(b"x" * (receipt_directory.LARGEST + 1)), "receipt 3: it is not JSON"),
    ],
)
def test_nothing_is_added_to_a_broken_chain(place: Path, change: Any, fact: str) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    chain = ReceiptChain(place)
    chain.write(3)
    assert receipts.head() is not None
    change(chain)
    numbers = chain.numbers
    for act in (lambda: receipts.prepare("sync"), lambda: receipts.append(made), receipts.head):
        with pytest.raises(ReceiptBroken, match=fact) as caught:
            act()
        assert "receipt_verify" in caught.value.cure
    assert chain.numbers == numbers
    reset = receipts.append(made, follows=False)
    assert reset.seq == numbers[-1] + 1


def test_the_newest_may_be_a_reset_after_a_gap(place: Path) -> None:
    receipts = directory(place)
    receipts.prepare("sync")
    chain = ReceiptChain(place)
    chain.write(3)
    chain.put(4, {**chain.least(4, "ab" * 32), "type": "reset", "good": None, "lost": None})
    assert receipts.append(made).seq == 5


def test_a_receipt_is_numbered_linked_and_signed_in_one_step(tmp_path: Path) -> None:
    chain = ReceiptChain(tmp_path / "receipts")
    chain.write(2)
    with closing(Signer(Signing(private_key_file=str(key("receipts").path)))) as signer:
        head = directory(chain.directory).write({**chain.least(9, "x"), "type": "drill"}, signer)
        assert head == (3, chain.digest(3))
        fields = chain.fields(3)
        assert (fields["seq"], fields["prev"], fields["format"]) == (3, chain.digest(2), 1)
        assert signer.is_made_by(
            key("receipts").fingerprint, chain.path(3).read_bytes(), chain.signature(3).read_bytes(), RECEIPTS
        )
        chain.remove(2)
        with pytest.raises(ReceiptBroken):
            directory(chain.directory).write(chain.least(9, "x"), signer)
        closed = directory(chain.directory).write({**chain.least(9, "x"), "type": "reset"}, signer, follows=False)
    assert closed.seq == 4
