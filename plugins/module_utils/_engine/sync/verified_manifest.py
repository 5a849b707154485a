# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VerifiedManifest: the newest manifest of a tree at the peer, found, fetched, verified and parsed, in this order.

Only the highest number with both files counts. A manifest that fails never makes an older one count. Sizes are checked
before a byte is read; the signature is verified over all bytes before one of them is parsed; the state of the reader
is written after every check of the manifest.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import List, NamedTuple, Optional

from ..errors import (
    DigestMismatch,
    ManifestMissing,
    ManifestTooLarge,
    OperationFailed,
    ProtocolViolation,
    SetIncomplete,
)
from ..integrity.digest import UnusableManifest, sha256
from ..integrity.header import ManifestHeader, UnknownFormat, parse_header
from ..integrity.published_manifest import (
    MANIFEST_LIMIT,
    MOST_FILES,
    SIGNATURE_LIMIT,
    PublishedManifest,
    complete_pairs,
    index_name,
    manifest_name,
    read_published,
    signature_name,
)
from ..model.display import display
from ..model.relpath import RelPath
from ..model.report import SignedSet
from ..model.request import SyncRequest, VerifyRequest
from ..model.tree import FILE, Attributes, Entry, Tree
from ..model.utc import utc
from ..signing.set_state import ACCEPTED, FreshnessPolicy, SetState, StateFile, accept
from ..signing.signature_check import SignaturePolicy, SignatureVerifier
from ..signing.signers import parse_signers, revoked_keys
from ..system.child_processes import ChildProcesses
from ..transport.base import PeerTransport, Transfer
from ..transport.connect import open_local

_ASK = "Run again; if it fails again, ask the sender."


class IndexCopy(NamedTuple):
    """A sealed index. path: its name at the server. file: its verified copy here."""

    path: RelPath
    file: str


class VerifiedManifest(NamedTuple):
    """A manifest that a reader may take."""

    accepted: SignedSet
    manifest: PublishedManifest


def newest_number(published: Tree, directory: bytes) -> Optional[int]:
    """Return the highest number of which both files are there. published: the listed directory of the manifests."""
    parent = RelPath(directory)
    names = [path.name for path, entry in published.items() if path.parent == parent and entry.kind == FILE]
    return next(iter(complete_pairs(names)), None)


class ManifestReader:
    """Reads manifests of one tree. stack: removes private files at the end.

    notes: for people
    first_seen: whether no set of the tree was accepted here before
    """

    def __init__(self, request: SyncRequest, demands: VerifyRequest, peer: PeerTransport, stack: ExitStack) -> None:
        self._request = request
        self._demands = demands
        self._peer = peer
        self._stack = stack
        self._private: Optional[str] = None
        self._verified: Optional[VerifiedManifest] = None
        self.notes: List[str] = []
        self.first_seen = False

    def newest(self, published: Tree, root: bytes) -> VerifiedManifest:
        """Return the newest manifest of the tree. published: the listed directory of the manifests. root: the tree's
        path by the server's answer, by which a former version remembered it."""
        number = self._number(published)
        if self._verified is None or self._verified.accepted.sequence != number:
            self._verified = self._read(number, published, root)
        return self._verified

    def _number(self, published: Tree) -> int:
        directory = self._demands.path
        if len(published) > MOST_FILES:
            raise ManifestTooLarge(
                f"the directory {display(directory)} at the server has {len(published)} "
                f"entries, the limit is {MOST_FILES}",
                cure="Ask the sender to remove old manifests: see sign.keep.",
            )
        number = newest_number(published, directory)
        if number is None:
            raise ManifestMissing(
                f"src: has no manifest with its signature in {display(directory)}",
                cure="Ask the sender to push with sign; check src and verify.path.",
            )
        return number

    def _read(self, number: int, published: Tree, root: bytes) -> VerifiedManifest:
        directory = RelPath(self._demands.path)
        path, signature_path = directory.child(manifest_name(number)), directory.child(signature_name(number))
        signed = self._fetch(path, published[path], MANIFEST_LIMIT)
        signature = self._fetch(signature_path, published[signature_path], SIGNATURE_LIMIT)
        fingerprint = self._verifier().verify(signed, signature)
        with open(signed, "rb") as file:
            data = file.read()
        return self._accept(path, number, data, fingerprint, root)

    def index(self, published: Tree, extension: bytes) -> Optional[IndexCopy]:
        """Return the sealed index that the newest manifest names; None if it names none. Raises SetIncomplete,
        DigestMismatch."""
        found = None if self._verified is None else self._verified.manifest.header
        if found is None or found.index_file is None:
            return None
        wanted, path = found.index_file, RelPath(self._demands.path).child(index_name(found.sequence, extension))
        entry = published.get(path)
        if entry is None or entry.kind != FILE or entry.size != wanted.size:
            raise SetIncomplete("the index of the set is missing or has another size", path=path, cure=_ASK)
        file = self._fetch(path, entry, MANIFEST_LIMIT)
        if _digest_of(file) != wanted.digest:
            raise DigestMismatch("the index that the server sent is not the signed index", path=path, cure=_ASK)
        return IndexCopy(path, file)

    def _fetch(self, path: RelPath, entry: Entry, limit: int) -> str:
        """Return the name of a private copy of a file at the peer."""
        if entry.size > limit:
            raise ManifestTooLarge(
                f"{display(path)} has {entry.size} bytes, the limit is {limit}",
                path=path,
                cure="Ask the sender.",
            )
        directory = os.fsencode(self._directory())
        name = RelPath(path.name)
        side = open_local(self._request._replace(local_root=directory))
        for staged in self._peer.download([Transfer(path, name, name, entry, Attributes())], side):
            if staged.error is not None:
                raise staged.error
            return os.fsdecode(os.path.join(directory, staged.transfer.stage))
        raise OperationFailed("it could not be read", path=path, cure="Run again.")

    def _directory(self) -> str:
        if self._private is None:
            processes = ChildProcesses()
            self._stack.callback(processes.close)
            self._private = processes.directory
        return self._private

    def _verifier(self) -> SignatureVerifier:
        demands = self._demands
        revoked = None if demands.revoked is None else revoked_keys(demands.revoked)
        policy = SignaturePolicy(demands.principal, parse_signers(demands.signers, "allowed_signers"), revoked)
        return SignatureVerifier(policy, self._directory())

    def _accept(self, path: RelPath, number: int, data: bytes, fingerprint: str, root: bytes) -> VerifiedManifest:
        """Check a manifest with a valid signature by all rules, parse it, and note it in the reader's state."""
        demands, digest = self._demands, sha256(data).hexdigest()
        state = self._state(root)
        kept = state.load()
        try:
            header = parse_header(data)
            seen = own = kept or state.load_former()
            if kept is None and (own is None or header.tree in (own.tree, demands.accept_tree)):
                seen = state.newest_former(header.tree) or own
            after = accept(
                header,
                number=number,
                digest=digest,
                seen=seen,
                policy=FreshnessPolicy(demands.max_age, demands.min_sequence, demands.accept_tree),
                now=time.time(),
            )
            manifest = read_published(data, directory=demands.path)
        except UnusableManifest as error:
            raise _unusable(error, path) from error
        if state.load() != kept:  # Another run accepted a set meanwhile.
            return self._accept(path, number, data, fingerprint, root)
        self.first_seen = own is None or not (kept or self._request.is_asked(root))
        self._remember(state, kept, after, header)
        accepted = SignedSet(
            path,
            header.tree,
            number,
            digest,
            fingerprint,
            header.issued,
            header.expires,
            demands.principal,
            None if header.receipt is None else header.receipt.hex(),
        )
        return VerifiedManifest(accepted, manifest)

    def _state(self, root: bytes) -> StateFile:
        request, path = self._request, self._demands.path
        principal = self._demands.principal.encode("utf-8", "surrogateescape")
        former = (principal, *request.endpoint.former_account, root, path)
        return StateFile(request.state_dir, ACCEPTED, principal, *request.place, path, former=former)

    def _remember(self, state: StateFile, kept: Optional[SetState], after: SetState, header: ManifestHeader) -> None:
        """Write the state, and report the protection that a reader has without a state."""
        if state.note:
            self.notes.append(state.note)
        if after != kept and not self._request.check_mode:
            try:
                state.save(after)
            except OperationFailed as error:
                self.notes.append(f"{error.message}: the next run does not notice an older set by it")
        if self.first_seen:
            self.notes.append(
                "verify: first set of this tree accepted on this host. An older, still valid set cannot be recognised "
                f"(valid until {utc(header.expires)}); set max_age or min_sequence to limit this"
            )


def _digest_of(file: str) -> bytes:
    digest = sha256()
    with open(file, "rb") as data:
        for block in iter(lambda: data.read(1 << 20), b""):
            digest.update(block)
    return digest.digest()


def _unusable(error: UnusableManifest, path: RelPath) -> ProtocolViolation:
    cure = "Update this collection." if isinstance(error, UnknownFormat) else "Ask the sender; its signature is valid."
    return ProtocolViolation(f"the signed manifest cannot be used: {error}", path=path, cure=cure)
