# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore drill: restore a signed set into a scratch directory, prove it, measure it, record it, and clean up.

1. Prepare: the key and the directory of the records are tried; the scratch directory is checked, made and locked; the
   marker is written. If a drill was killed there before, its record is written first.
2. Connect, manifest, transfer: an ordinary pull with `verify`, timed by the monotonic clock.
3. Checks: with `waits` the restored tree stays, and the operator checks it in other tasks. `end_drill` ends the drill.
4. Record: the receipt is written, also after an error. Then everything in the scratch directory is removed, the marker
   last.

A cold drill uses only the options of the task, as on a host that has nothing but the runbook: no record of earlier
runs, no ssh-agent, no known_hosts, keys or configuration of the user. A drill may restore a sample of the files.

A drill must not touch live data, also if an option is wrong. The path of the scratch directory is resolved first, so
links on the way hide nothing. Directories are compared by device and inode too, so a live directory that is mounted at
a second place is found.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import ExitStack, closing, suppress
from random import SystemRandom
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..errors import InvalidRequest, Locked, NotFound, Refused, RunEnded, SetIncomplete, SyncError, UnsafePath
from ..model.display import display, display_text
from ..model.endpoint import FTPS
from ..model.human import counted
from ..model.relpath import RelPath
from ..model.report import SyncReport, WrittenReceipt
from ..model.request import SyncRequest
from ..model.tree import FILE, Tree
from ..model.tree_check import Sample
from ..model.utc import utc
from ..planning.rotating_sample import sample_paths
from ..signing.receipt_directory import ReceiptDirectory
from ..signing.signer import Signer
from ..sync.engine import sync
from ..sync.lock_holder import LockHolder
from ..sync.receipts import Defect
from .record import Records, aborted, begun, cleaned, finished, restored
from .request import ChecksRequest, DrillReport, DrillRequest
from .scratch import Marker, Scratch, Waiting, opened, require_usable
from .verdict import CHECKS, CONNECT, PREPARE, Phases, PhasesOfPull

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

CHECKS_WITHIN = 4 * 3600
"""Seconds after which the next drill takes a tree that waits for its checks as left by a killed drill."""

Pull = Callable[..., SyncReport]


def restore_drill(request: DrillRequest, *, pull: Pull = sync) -> DrillReport:
    """Carry out one drill. In check mode nothing is written. pull: carries out a SyncRequest.

    An error before the drill can be recorded, or of the record itself, is raised: SyncError.
    """
    if request.cold:
        request = request._replace(pull=cold(request.pull))
    directory = ReceiptDirectory(request.receipts.path)
    if request.pull.check_mode:
        directory.head()
        return _foresee(request, pull)
    with closing(Signer(request.receipts.key, option="receipts")) as signer:
        signer.open()
        directory.prepare(request.receipts.job)
        return _Drill(request, Records(directory, signer), pull).run()


def _foresee(request: DrillRequest, pull: Pull) -> DrillReport:
    path = _place(request)
    require_usable(path, request.receipts.path)
    free = os.path.join(path, b"tree") if os.path.isdir(path) else path
    report = pull(_pull(request, tree=free, state=os.path.join(path, b"state"), number=1))
    return DrillReport(restored(begun(request, time.time()), request, report), sync=report, error=report.cause)


def _place(request: DrillRequest) -> bytes:
    """Return the resolved path of the scratch directory. Raises UnsafePath, NotFound."""
    path = resolved(request.scratch)
    own = {"receipts.path": [request.receipts.path]}
    if not request.cold:
        own["state_dir"] = [request.pull.state_dir]
    require_apart(path, {"live": request.live, **own})
    return path


def _pull(request: DrillRequest, *, tree: bytes, state: bytes, number: int) -> SyncRequest:
    """Return the pull. number: of the record, by which a rotating sample takes another part each time."""
    asked = request.pull._replace(local_root=tree)
    if request.cold:
        asked = asked._replace(state_dir=state)
    if asked.verify is None or request.sample is None:
        return asked
    return asked._replace(verify=asked.verify._replace(choose=chooser(request.sample._replace(run=number - 1))))


class _Drill:
    def __init__(self, request: DrillRequest, records: Records, pull: Pull) -> None:
        self._request = request
        self._records = records
        self._pull = pull
        self._fields = begun(request, time.time())
        self._phases = Phases(entered=self._note)
        self._scratch: Optional[Scratch] = None
        self._report: Optional[SyncReport] = None
        self._aborted: Optional[WrittenReceipt] = None

    def run(self) -> DrillReport:
        self._phases.begin(PREPARE)
        with ExitStack() as stack:
            try:
                scratch = self._prepare(stack)
            except SyncError as error:
                return self._end(error)
            return self._use(scratch)

    def _prepare(self, stack: ExitStack) -> Scratch:
        scratch = stack.enter_context(opened(_place(self._request), self._request.receipts.path))
        self._aborted = self._settle(scratch)
        self._scratch = scratch
        self._note(PREPARE)
        return scratch

    def _settle(self, scratch: Scratch) -> Optional[WrittenReceipt]:
        """Write the record of a drill that was killed here, and remove its leftovers."""
        marker, written = scratch.leftover, None
        if marker is not None:
            _require_over(marker, scratch.path, self._request.receipts.job)
            if not self._records.has(marker.fields.get("run_id")):
                written = self._records.write(aborted(marker.fields, marker.phase))
        scratch.empty()
        return written

    def _note(self, phase: str) -> None:
        """Write the marker with the phase that begins."""
        if self._scratch is not None:
            self._scratch.note(Marker(self._fields, phase, self._scratch.made))

    def _use(self, scratch: Scratch) -> DrillReport:
        error = self._restore(scratch)
        if error is None and self._request.waits:
            return self._wait(scratch)
        try:
            report = self._end(error)
        except BaseException:
            scratch.empty()  # The marker stays: the next drill writes the record.
            raise
        return cleaned(scratch, report)

    def _restore(self, scratch: Scratch) -> Optional[SyncError]:
        """Restore, and return the error that failed it."""
        try:
            return self._restored(scratch)
        except SyncError as error:
            return error
        except KeyboardInterrupt as interruption:
            return RunEnded.by(interruption)
        except Exception:
            cleaned(scratch, self._end(Defect("a defect of the collection")))
            raise

    def _restored(self, scratch: Scratch) -> Optional[SyncError]:
        number = self._records.next_number
        asked = _pull(self._request, tree=scratch.tree, state=scratch.state, number=number)
        self._phases.begin(CONNECT)
        progress = PhasesOfPull(self._phases, before_transfer=scratch.require_room)
        report = self._report = self._pull(asked, progress=progress)
        self._phases.end()
        self._fields = restored(self._fields, self._request, report)
        return report.cause or _incomplete(scratch.tree, report)

    def _wait(self, scratch: Scratch) -> DrillReport:
        """Keep the restored tree for the checks of the operator."""
        self._fields = {**self._fields, "phases": self._phases.milliseconds}
        waiting = Waiting(LockHolder.here("").host, time.monotonic(), int(time.time()))
        scratch.note(Marker(self._fields, CHECKS, scratch.made, waiting))
        return DrillReport(self._fields, tree=scratch.tree, aborted=self._aborted, sync=self._report)

    def _end(self, error: Optional[SyncError]) -> DrillReport:
        self._phases.end()
        fields = finished({**self._fields, "phases": self._phases.milliseconds}, error)
        receipt = self._records.write(fields)
        return DrillReport(fields, receipt=receipt, aborted=self._aborted, sync=self._report, error=error)


def _require_over(marker: Marker, path: bytes, job: str) -> None:
    """Refuse to take over the directory of another job, or a tree that is being checked."""
    other = marker.fields["job"]
    if other != job:
        raise Refused(
            f"scratch: {display(path)} has a drill of the job {display_text(other)}",
            cure="Set another scratch for each job.",
        )
    waiting = marker.waiting
    if waiting is None or waiting.host != LockHolder.here("").host or time.time() - waiting.since > CHECKS_WITHIN:
        return
    raise Locked(
        f"scratch: a restored tree waits in {display(path)} for its checks since {utc(waiting.since)}",
        cure=f"End that drill with state: checked; the next drill removes it {CHECKS_WITHIN // 3600} hours later.",
    )


def _incomplete(tree: bytes, report: SyncReport) -> Optional[SyncError]:
    """Return an error if the tree on the disk has not the number of entries that was wanted, by another count."""
    found, wanted = _entries(tree), report.stats.get("source_entries", 0)
    if found == wanted:
        return None
    return SetIncomplete(
        f"the restored tree has {counted(found, 'entry', 'entries')}, not {wanted:,}",
        cure="See skipped_items of a pull with verify: the set has entries that this host cannot restore.",
    )


def _entries(directory: bytes) -> int:
    if not os.path.isdir(directory):
        return 0
    return sum(len(directories) + len(files) for _place, directories, files in os.walk(directory))


def cold(pull: SyncRequest) -> SyncRequest:
    """Return the request without all that earlier runs or the user's account could add. Raises InvalidRequest."""
    credentials, endpoint, trust = pull.credentials, pull.endpoint, pull.trust
    if endpoint.protocol == FTPS:
        return pull
    if trust.known_hosts_file is None and not trust.host_keys:
        raise InvalidRequest(
            "cold: the user's known_hosts is not used, and the task names no host key",
            cure="Set host_keys or known_hosts_file as your runbook does, or set cold to false.",
        )
    if credentials.password is None and credentials.private_key is None and credentials.private_key_file is None:
        raise InvalidRequest(
            "cold: the user's keys and ssh-agent are not used, and the task has no key and no password",
            cure="Set private_key_file, private_key or password as your runbook does, or set cold to false.",
        )
    return pull._replace(
        credentials=credentials._replace(ssh_agent=False),
        endpoint=endpoint._replace(ssh_config_file=endpoint.ssh_config_file or "none"),
    )


def chooser(sample: Sample) -> Callable[[str, Tree], List[RelPath]]:
    """Return a function that chooses files of a set, by the id of its tree."""

    def choose(tree_id: str, tree: Tree) -> List[RelPath]:
        files = [path for path, entry in tree.items() if entry.kind == FILE]
        return sample_paths(sample, tree_id, tree, files, SystemRandom())

    return choose


def end_drill(request: ChecksRequest) -> DrillReport:
    """Write the record of a drill that waits for its checks, and remove the restored tree. Raises NotFound if there is
    none, and the errors of the record."""
    directory, path = ReceiptDirectory(request.receipts.path), resolved(request.scratch)
    _waiting(require_usable(path, request.receipts.path), request)
    if request.check_mode:
        directory.head()
        return DrillReport(_ended(require_usable(path, request.receipts.path), request)[0])
    with closing(Signer(request.receipts.key, option="receipts")) as signer:
        signer.open()
        directory.prepare(request.receipts.job)
        with opened(path, request.receipts.path, make=False) as scratch:
            fields, error = _ended(scratch.leftover, request)
            receipt = Records(directory, signer).write(fields)
            return cleaned(scratch, DrillReport(fields, receipt=receipt, error=error))


def _waiting(marker: Optional[Marker], request: ChecksRequest) -> Marker:
    """Return the marker of the drill that waits. Raises NotFound."""
    if marker is None or marker.waiting is None or marker.fields["job"] != request.receipts.job:
        raise NotFound(
            f"scratch: no drill of the job {request.receipts.job} waits for its checks in {display(request.scratch)}",
            cure="Run the drill with state: restored first, with the same scratch and receipts.",
        )
    return marker


def _ended(found: Optional[Marker], request: ChecksRequest) -> Tuple[Dict[str, Any], Optional[SyncError]]:
    """Return the record, and the error if the time of the checks is unknown."""
    marker = _waiting(found, request)
    waiting, error = marker.waiting, None
    if waiting is None:
        raise AssertionError("the marker waits for no checks")
    passed = round((time.monotonic() - waiting.at) * 1000)
    if waiting.host != LockHolder.here("").host or passed < 0:
        error, passed = RunEnded("the host was started again before the checks ended"), 0
    phases = {**marker.fields["phases"], CHECKS: passed}
    return finished({**marker.fields, "phases": phases}, error, request.checks), error


def resolved(path: bytes) -> bytes:
    """Return the path of the scratch directory without links. Its parent exists, and others cannot replace a part.

    Raises UnsafePath, NotFound.
    """
    if os.path.islink(path):
        raise UnsafePath(f"scratch: {display(path)} is a symbolic link", cure="Set scratch to the real directory.")
    parent = os.path.realpath(os.path.dirname(path))
    if not os.path.isdir(parent):
        raise NotFound(f"scratch: {display(parent)} does not exist", cure="Make it, or correct scratch.")
    for place in _upwards(parent):
        _require_firm(place)
    return os.path.join(parent, os.path.basename(path))


def _require_firm(place: bytes) -> None:
    status = os.stat(place)
    mine = status.st_uid in (0, os.geteuid())
    if not mine or (status.st_mode & _OTHERS_WRITE and not status.st_mode & stat.S_ISVTX):
        raise UnsafePath(
            f"scratch: others can replace entries of {display(place)} (uid {status.st_uid}, "
            f"mode {stat.S_IMODE(status.st_mode):04o})",
            cure="Set scratch to a directory that only root and the user of the task can replace.",
        )


def require_apart(scratch: bytes, others: Mapping[str, Sequence[bytes]]) -> None:
    """Refuse a resolved scratch directory inside, above or equal to another path. others: by the name of the option.

    Raises UnsafePath.
    """
    own = _identities(scratch)
    for option, paths in others.items():
        for path in paths:
            real = os.path.realpath(path)
            if _is_within(scratch, real) or _is_within(real, scratch) or _identity(real) & own:
                raise UnsafePath(
                    f"scratch: {display(scratch)} is inside, above or equal to {display(path)} of {option}",
                    cure="Set scratch to a directory apart from it.",
                )


def _is_within(path: bytes, root: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")


def _identities(path: bytes) -> Set[Tuple[int, int]]:
    """Return device and inode of a directory and of all above it, but the root of the file system."""
    found: Set[Tuple[int, int]] = set()
    for place in _upwards(path):
        found |= _identity(place)
    return found - _identity(b"/")


def _identity(path: bytes) -> Set[Tuple[int, int]]:
    with suppress(OSError):
        status = os.stat(path)
        return {(status.st_dev, status.st_ino)}
    return set()


def _upwards(path: bytes) -> Iterator[bytes]:
    while True:
        yield path
        if path == b"/":
            return
        path = os.path.dirname(path)
