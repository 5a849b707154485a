# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection: the evidence of one host comes to the controller, whole or not at all.

1. The directory of the case, the key that signs and the recipients are tried before the host is asked for anything.
2. The host makes its archive and announces size and SHA-256. Both limit the bytes that are read: a host that goes on
   sending, or sends another archive than it announced, is refused.
3. The archive is stored, encrypted if there are recipients. It is never unpacked here, and no name in it is used.
4. SHA256SUMS lists the archive and the facts about it, and is signed.
5. The bundle becomes a part of the case as a whole, and the chain of custody gets its line (`case_directory`).
"""

from __future__ import annotations

import json
import os
import time
from contextlib import closing
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Protocol

from ..errors import EvidenceChanged, EvidenceTooLarge, NoSpace, SyncError
from ..integrity.digest import sha256
from ..model.display import display
from ..model.request import Recipients, Signing
from ..model.utc import utc
from ..sealing.provider import Sealer, open_sealer
from ..signing.purpose import EVIDENCE
from ..signing.signer import Signer
from ..system.os_errors import from_os_error, room_words, with_room
from .case_directory import COLLECTED, CaseDirectory, Placed, write_once
from .scope import PART

_ARCHIVE, _FACTS, _SUMS = b"evidence.tar.gz", b"capture.json", b"SHA256SUMS"


class Announced(NamedTuple):
    """The announcement of a host, as data.

    moment: by its clock
    left_out: files that are not in the archive
    cut: logs and outputs of which only the first and the newest part are in it
    """

    size: int
    digest: str
    members: int
    left_out: List[Dict[str, str]]
    moment: float
    cut: List[Dict[str, Any]]


class Source(Protocol):
    """A host."""

    def capture(self) -> Announced: ...

    def read(self, offset: int, size: int) -> bytes: ...


class Collection(NamedTuple):
    """One collection.

    path, case: see CaseDirectory
    host: name of the host in the inventory
    label: of the bundle, from stage and host
    most: bytes of an archive
    """

    path: bytes
    case: str
    stage: str
    host: str
    label: str
    reason: str
    who: str
    most: int
    signing: Signing
    recipients: Optional[Recipients] = None


class Collected(NamedTuple):
    """A bundle. clock_offset: seconds that the host's clock is ahead, and the doubt about it."""

    path: bytes
    placed: Placed
    archive: str
    size: int
    digest: str
    announced: Announced
    clock_offset: float
    clock_doubt: float


def collect(wanted: Collection, source: Source) -> Collected:
    """Collect the evidence of a host. Raises SyncError."""
    case = CaseDirectory(wanted.path, wanted.case)
    try:
        case.prepare()
        with closing(Signer(wanted.signing)) as signer, case.stage() as stage:
            signer.open()
            return _Run(wanted, case, signer, stage).run(source)
    except OSError as error:
        raise with_room(from_os_error(error, path=wanted.path), wanted.path) from None


class _Run:
    def __init__(self, wanted: Collection, case: CaseDirectory, signer: Signer, stage: bytes) -> None:
        self._wanted, self._case, self._signer, self._stage = wanted, case, signer, stage

    def run(self, source: Source) -> Collected:
        sealer = None if self._wanted.recipients is None else open_sealer(self._wanted.recipients)
        try:
            before = time.time()
            announced = source.capture()
            after = time.time()
            self._require_room(announced.size)
            archive = _ARCHIVE + (self._wanted.recipients.extension if self._wanted.recipients else b"")
            size, digest = self._store(archive, source, announced, sealer)
        finally:
            if sealer is not None:
                sealer.close()
        offset, doubt = announced.moment - (before + after) / 2, (after - before) / 2
        found = Collected(b"", Placed("", 0), archive.decode(), size, digest, announced, offset, doubt)
        placed = self._place(found)
        return found._replace(placed=placed, path=os.path.join(self._case.path, placed.name.encode()))

    def _require_room(self, size: int) -> None:
        if size > self._wanted.most:
            raise EvidenceTooLarge(
                f"max_size: {self._wanted.host} announces an archive of {size} bytes",
                cure="Treat the host as compromised: evidence_capture never makes a larger archive.",
            )
        place = os.statvfs(self._stage)
        free = place.f_bavail * place.f_frsize
        if size > free:
            raise NoSpace(
                f"path: {display(self._wanted.path)} has no room for {size} bytes: "
                f"{room_words(free, place.f_blocks * place.f_frsize)}",
                cure="Free space on this host, or set path to another file system.",
            )

    def _store(self, name: bytes, source: Source, announced: Announced, sealer: Optional[Sealer]) -> tuple[int, str]:
        """Store the archive; return size and SHA-256 of the stored file."""
        received = _Received(source, announced)
        stored = sha256()
        descriptor = os.open(os.path.join(self._stage, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:

            def write(data: bytes) -> None:
                stored.update(data)
                file.write(data)

            if sealer is None:
                for data in received.parts():
                    write(data)
            else:
                sealer.seal(received.reader(), write)
            received.require_whole()
            file.flush()
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size, stored.hexdigest()

    def _place(self, found: Collected) -> Placed:
        facts = json.dumps(self._facts(found), sort_keys=True, indent=1).encode("ascii") + b"\n"
        lines = ((found.digest, found.archive), (sha256(facts).hexdigest(), _FACTS.decode()))
        sums = "".join("%s  %s\n" % line for line in lines).encode("ascii")
        for name, content in ((_FACTS, facts), (_SUMS, sums), (_SUMS + b".sig", self._sign(sums))):
            write_once(os.path.join(self._stage, name), content)
        return self._case.place(self._stage, self._wanted.label, self._step(sha256(sums).hexdigest()), self._sign)

    def _sign(self, content: bytes) -> bytes:
        return self._signer.sign(content, EVIDENCE)

    def _step(self, digest: str) -> Dict[str, str]:
        wanted = self._wanted
        return {
            "action": COLLECTED,
            "when": utc(time.time()),
            "who": wanted.who,
            "why": wanted.reason,
            "from": wanted.host,
            "to": os.fsdecode(self._case.path),
            "sha256": digest,
        }

    def _facts(self, found: Collected) -> Dict[str, Any]:
        wanted, announced = self._wanted, found.announced
        return {
            "format": 1,
            "host": wanted.host,
            "stage": wanted.stage,
            "who": wanted.who,
            "why": wanted.reason,
            "collected": utc(time.time()),
            "archive": {"name": found.archive, "size": found.size, "sha256": found.digest},
            "sent": {"size": announced.size, "sha256": announced.digest},
            "clock_offset": round(found.clock_offset, 3),
            "clock_doubt": round(found.clock_doubt, 3),
            "left_out": announced.left_out,
            "cut": announced.cut,
        }


class _Received:
    """The bytes of an archive as they come, held to the announcement of the host."""

    def __init__(self, source: Source, announced: Announced) -> None:
        self._source, self._announced = source, announced
        self._digest = sha256()
        self._offset = 0

    def parts(self) -> Iterator[bytes]:
        while self._offset < self._announced.size:
            wanted = min(PART, self._announced.size - self._offset)
            data = self._source.read(self._offset, wanted)
            if len(data) != wanted:  # also fewer: a host could send single bytes for ever
                raise self._changed(f"{len(data)} bytes at {self._offset}")
            self._offset += len(data)
            self._digest.update(data)
            yield data

    def reader(self) -> Callable[[int], bytes]:
        """Return a function that reads at most so many bytes."""
        parts, kept = self.parts(), [b""]

        def read(count: int) -> bytes:
            if not kept[0]:
                kept[0] = next(parts, b"")
            data, kept[0] = kept[0][:count], kept[0][count:]
            return data

        return read

    def require_whole(self) -> None:
        """Raise EvidenceChanged if these are not the bytes that the host announced."""
        if self._offset != self._announced.size or self._digest.hexdigest() != self._announced.digest:
            raise self._changed("another SHA-256")

    def _changed(self, fact: str) -> SyncError:
        return EvidenceChanged(
            f"the host announced {self._announced.size} bytes, and sent {fact}",
            cure="Treat the host as compromised, and look for a second run of this task on it.",
        )
