# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcome, SyncReport: the findings and changes of one run; ProgressState: how far it has come, at one moment, which
the module writes and the controller reads."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Iterator, Mapping, NamedTuple, Optional, Tuple

from ..errors import SyncError
from .endpoint import PeerIdentity
from .plan import Action, Plan

if TYPE_CHECKING:
    from .on_demand import OrderedOutcomes

VERSION = 1
"""Of the file: a JSON object of the fields below and `v`. A reader ignores other fields."""

LOGGING_IN = "logging in"
WAITING = "waiting for another run"
COMPARING = "comparing"
HASHING = "hashing"
MOVING = "moving"
PROVING = "proving"
REMOVING = "removing"
PHASES = (LOGGING_IN, WAITING, COMPARING, HASHING, MOVING, PROVING, REMOVING)

PROVEN_BY_SERVER_HASH = "server_hash"
PROVEN_BY_READ_BACK = "read_back"
PROVEN_BY_RECORD = "recorded"
UNPROVEN = "none"
PROOFS = (PROVEN_BY_SERVER_HASH, PROVEN_BY_READ_BACK, PROVEN_BY_RECORD, UNPROVEN)
PROVEN_BY_SIGNATURE = "signed"
"""On a pull with `verify` alone."""
PROVEN_BY_DELTA = "delta"
"""Where `delta` is always, and the server cannot hash: the blocks that were sent were read back."""
PROVEN = (PROVEN_BY_SERVER_HASH, PROVEN_BY_READ_BACK, PROVEN_BY_RECORD, PROVEN_BY_SIGNATURE)
"""The proofs of a whole file. With `delta`, a part of the content was not read."""


class Outcome(NamedTuple):
    """The outcome of one action. proof: how the stored content was proven, for a successful STORE, else None."""

    action: Action
    proof: Optional[str] = None
    error: Optional[SyncError] = None


class SignedSet(NamedTuple):
    """The signed set of a run: published on a push, verified on a pull.

    path: of the newest manifest, below the root
    tree, sequence, issued, expires: see ManifestHeader
    digest: SHA-256 of the manifest, 64 hexadecimal digits
    key_fingerprint: of the key that signed; principal: whose key that is, on a pull
    receipt: SHA-256 of the sender's newest receipt before the manifest, 64 hexadecimal digits, on a pull
    """

    path: bytes
    tree: str
    sequence: int
    digest: str
    key_fingerprint: str
    issued: int
    expires: int
    principal: Optional[str] = None
    receipt: Optional[str] = None


class SetSize(NamedTuple):
    """Files and bytes of a whole signed set, also if a sample of it was pulled."""

    files: int
    size: int


class WrittenReceipt(NamedTuple):
    """The receipt of a run. path: of its file. digest: SHA-256 of the file, 64 hexadecimal digits."""

    path: bytes
    sequence: int
    digest: str


class TreesAfter(NamedTuple):
    """The two trees after a run, each as the SHA-256 of its kinds, sizes, digests and targets, in hexadecimal
    digits."""

    local: str
    remote: str


class Fallback(str):
    """A note about another way to the same end. It is no warning."""


class Headline(str):
    """A note that is also in the sentence about the run."""


class SyncReport(NamedTuple):
    """The report of one run.

    outcomes: one for each action that was carried out or failed; empty in check mode
    problems: errors of single items outside actions (a directory that could not be listed, a source file that could not
    be read for comparing)
    error: the error that ended the run early, or None
    stats: counts by name (files, bytes sent and received, ...)
    seconds: duration of the run; transfer_seconds: the part in which files were moved, proven and renamed
    signed_set: None without `sign` or `verify`, and where none is known
    set_size: on a pull with `verify`
    content_check: scanner, time of its signatures, and counts of files, with this option
    after, receipt: with `receipts` alone
    uncertain: whether the server may have made changes that are not among the outcomes
    proofs: count by kind of proof over all source files that are now known to be equal at the destination
    """

    plan: Plan
    outcomes: Tuple[Outcome, ...] | OrderedOutcomes = ()
    problems: Tuple[SyncError, ...] = ()
    error: Optional[SyncError] = None
    peer: Optional[PeerIdentity] = None
    stats: Mapping[str, int] = MappingProxyType({})
    proofs: Mapping[str, int] = MappingProxyType({})
    notes: Tuple[str, ...] = ()
    """Fall-backs that were taken, in words: no atomic rename, a server that admitted fewer connections, ..."""
    seconds: float = 0.0
    transfer_seconds: float = 0.0
    signed_set: Optional[SignedSet] = None
    set_size: Optional[SetSize] = None
    after: Optional[TreesAfter] = None
    receipt: Optional[WrittenReceipt] = None
    uncertain: bool = False
    content_check: Optional[Mapping[str, Any]] = None

    @property
    def failures(self) -> Tuple[SyncError, ...]:
        """Return the errors of single items."""
        return tuple(self._failures())

    @property
    def cause(self) -> Optional[SyncError]:
        """Return the first cause of a failure; None if the run did all."""
        return self.error or next(self._failures(), None)

    def _failures(self) -> Iterator[SyncError]:
        if isinstance(self.outcomes, tuple):
            yield from (done.error for done in self.outcomes if done.error is not None)
        else:
            yield from self.outcomes.errors()
        yield from self.problems


class ProgressState(NamedTuple):
    """The counters of a run.

    at: seconds on a monotonic clock
    phase: one of PHASES
    files, files_total: hashed files while hashing, else staged files
    bytes, bytes_total: content of the staged files, and of the files under way
    entries: listed on both sides
    proof, proof_total: bytes that are read back over the session
    """

    at: float
    phase: str
    files: int = 0
    files_total: int = 0
    bytes: int = 0
    bytes_total: int = 0
    entries: int = 0
    proof: int = 0
    proof_total: int = 0
