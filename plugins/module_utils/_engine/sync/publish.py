# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publication of a signed set, on a push with `sign`.

1. `planned`, after both listings: which manifest was published before (`past_manifests`), and whether this run has to
   publish: the set differs from the published set, or half of the validity is over. If so, the key is made ready before
   any file is transferred.
2. The run stores the files of the set. Old entries that the set does not have stay.
3. `before_removals`, if nothing failed: SHA256SUMS, the index of sealed files, the signature, and last the manifest. A
   manifest counts only with its signature, so its name is the moment of publication: readers see the old set before it,
   the new set after it.
4. The state of this host is written. Then the run removes extra entries, and old manifests (`finish`).

A run that is killed publishes nothing or all: an orphaned signature is removed by the next publication, which takes
the next free number. No published name is ever written twice.
"""

from __future__ import annotations

import secrets
import time
from typing import List, Optional, Set, Tuple

from ..errors import AlreadyExists, InvalidRequest, KindConflict, Refused, SigningFailed, SyncError
from ..integrity.digest import sha256
from ..integrity.header import NO_PREVIOUS, IndexFile, ManifestHeader
from ..integrity.published_manifest import (
    SUMS,
    index_name,
    manifest_name,
    parse_published,
    signature_name,
    write_published,
)
from ..model import plan
from ..model.display import display
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.report import SignedSet
from ..model.request import CHECKSUM, Signing, SyncRequest, spelled
from ..model.tree import DIRECTORY, FILE, Digests, Entry, Tree
from ..signing.purpose import MANIFESTS
from ..signing.set_state import CLOCKS_APART, PUBLISHED, SetState, StateFile
from ..signing.signer import Signer
from .contents import PlainForm
from .feature import Feature, RunParts
from .past_manifests import Past, PastManifests
from .prepare import Prepared
from .remember import look_up_mtimes, tree_after
from .roots import Opened
from .set_files import SetContent, SetFiles, sums_text

_CONTENT_ACTIONS = (plan.STORE, *plan.RELOCATIONS, plan.LINK, plan.CREATE_DIRECTORY)
_SECOND = 1_000_000_000
_UNKNOWN = bytes(32)
"""Stands for a digest in check mode: the manifest has the same length."""


class Publication(Feature):
    """The publication of one run. The set keeps all its names until the next is published. Raises InvalidRequest."""

    acts_alone = True
    relocates = False

    def __init__(self, parts: RunParts, signing: Signing, form: PlainForm) -> None:
        super().__init__()
        request, opened = parts.request, parts.opened
        if opened.file:
            raise InvalidRequest("sign: src is a file", cure="Set src to a directory, or leave out sign.")
        self._request = request
        self._signing = signing
        self._opened = opened
        self._outcomes = parts.outcomes
        self._form = form
        self._peer_hash = parts.peer_hash
        self._directory = RelPath(signing.path)
        self._signer = Signer(signing)
        self._state = _state_file(request, signing, opened)
        self._adopted_former = False
        self._past = Past(None, 1, [], [])
        self._prepared: Optional[Prepared] = None
        self._published = 0

    def close(self) -> None:
        """Forget the key."""
        self._signer.close()

    def planned(self, prepared: Prepared) -> None:
        """Look at the past, and make the key ready if there is something to sign. Raises SigningFailed, Refused and
        errors of the peer."""
        _refuse_conflicts(prepared, self._directory, self._signing)
        if not prepared.destination.complete:
            return  # The run fails, and entries that the server did not list may be there.
        self._prepared = prepared
        past = self._look_back(prepared)
        if past.newest is not None:
            self.signed_set = self._published_set(past.newest)
            if not self._request.check_mode:
                self._save(past.newest)
                if self._adopted_former:
                    self._state.forget_former()
        content = self._content_before(prepared)
        reason = self._reason("" if content is None else content.digest())
        if reason:
            self._require_attributes()
            self._signer.open()
            self._announce(reason, content, int(time.time()))

    def _look_back(self, prepared: Prepared) -> Past:
        known = self._state.load()
        if self._state.note:
            self._outcomes.note(self._state.note)
        if known is None:
            known = self._former_state()
            self._adopted_former = known is not None
        past = self._past = PastManifests(
            self._opened.sides.peer,
            self._directory,
            prepared.destination.apart,
            known,
            self._signer,
            signing=self._signing,
            always_read=self._request.compare == CHECKSUM,
        ).look()
        if known is None and past.newest is not None:
            self._outcomes.note("state_dir has no state of the signed set: sign.adopt continues the set")
        return past

    def _former_state(self) -> Optional[SetState]:
        """Return the state that a former version kept. The server decided its name: so that it cannot choose the state
        of another set, the set must have the key of this task too."""
        found = self._state.load_former()
        return found if found is not None and found.key == self._signer.open().fingerprint else None

    def _reason(self, content: str) -> str:
        """Return the reason to publish; "" if there is none. content: the digest of the set, "" if it will change.

        A manifest is also renewed if it is valid for longer than a new manifest would be: after `valid_for` was
        shortened, and after the clock of this host was ahead, when readers refuse the manifest as issued in the future.
        """
        newest = self._past.newest
        if newest is None or not content or content != newest.content:
            actions = () if self._prepared is None else self._prepared.plan.actions
            return plan.RECIPIENTS if any(each.reason == plan.RECIPIENTS for each in actions) else plan.CHANGED
        left, longest = newest.expires - time.time(), self._signing.valid_for
        return "" if longest / 2 < left <= longest + CLOCKS_APART else plan.RENEWAL

    def _content_before(self, prepared: Prepared) -> Optional[SetContent]:
        """Return the set, if the plan's actions do not change it."""
        kinds = (*_CONTENT_ACTIONS, plan.SET_ATTRIBUTES) if self._signing.attributes else _CONTENT_ACTIONS
        if any(action.action in kinds for action in prepared.plan.actions):
            return None
        tree = prepared.source.tree
        if self._signing.attributes:
            present = prepared.destination.tree
            tree = {path: present[path] for path in tree if path in present}
        return self._indexed(tree, prepared.contents.source)

    def _content(self, tree: Tree, digests: Digests) -> SetContent:
        return SetContent.of(tree, digests, self._signing, without=self._left_out())

    def _indexed(self, tree: Tree, digests: Digests) -> SetContent:
        """Return the set with the index of its sealed files."""
        return self._form.indexed(self._content(tree, digests), self._looked_at.source.tree)

    def _left_out(self) -> Set[bytes]:
        """Return the paths that this run skipped."""
        prepared, outcomes = self._looked_at, self._outcomes
        return {skipped.path for skipped in (*prepared.plan.skipped, *outcomes.vanished)}

    @property
    def _looked_at(self) -> Prepared:
        if self._prepared is None:
            raise AssertionError("nothing was listed")
        return self._prepared

    def _require_attributes(self) -> None:
        able = self._opened.sides.peer.capabilities
        if self._signing.attributes and not (able.stores_mode and able.stores_mtime):
            raise SigningFailed(
                "sign: attributes: the server keeps no modes or no times", cure="Set attributes in sign to false."
            )

    def _announce(self, reason: str, content: Optional[SetContent], now: int) -> None:
        """Add the action to the plan. In check mode it has the size of the manifest that a real run would write."""
        size = 0
        if self._request.check_mode:
            prepared = self._looked_at
            expected = content or self._content(prepared.source.tree, prepared.contents.source)
            files: Digests = {path: _UNKNOWN for path, entry in expected.tree.items() if entry.kind == FILE}
            size = len(self._manifest(expected._replace(digests={**files, **expected.digests}), now)[0])
        self.actions = (self._action(reason, size, now),)

    def _action(self, reason: str, size: int, now: int) -> Write:
        path = self._directory.child(manifest_name(self._past.number))
        return Write(path, plan.PUBLISH, reason, Entry(FILE, size, now * _SECOND, 0o644), None)

    def _manifest(
        self, content: SetContent, now: int, index_file: Optional[IndexFile] = None
    ) -> Tuple[bytes, ManifestHeader]:
        newest = self._past.newest
        header = ManifestHeader(
            tree=secrets.token_hex(16) if newest is None else newest.tree,
            sequence=self._past.number,
            issued=now,
            expires=now + self._signing.valid_for,
            previous=NO_PREVIOUS if newest is None else bytes.fromhex(newest.digest),
            recipients=content.recipients or None,
            index_file=index_file,
            receipt=self._newest_receipt(),
        )
        text = write_published(
            header, content.tree, content.digests, directory=self._directory, attributes=content.attributes
        )
        return text, header

    def _newest_receipt(self) -> Optional[bytes]:
        """Return the digest of the newest receipt before this run: the receivers of the set become its witnesses."""
        if self._request.receipts is None:
            return None
        from ..signing.receipt_directory import ReceiptDirectory  # pylint: disable=import-outside-toplevel

        head = ReceiptDirectory(self._request.receipts.path).head()
        return None if head is None else bytes.fromhex(head.digest)

    def before_removals(self) -> None:
        """Publish the set that is at the destination now, if this run has to. An error leaves the old set published,
        and becomes a problem of the run; errors that end the session are raised."""
        outcomes = self._outcomes
        planned, self.actions = self.actions, ()
        if not planned:
            return
        if not outcomes.clean:
            outcomes.note("no manifest was published, because this run had failures: the old set stays published")
            return
        content = self._content_after()
        digest = content.digest()
        reason = self._reason(digest)
        if not reason:
            return
        try:
            self._commit(content, digest, reason)
        except SyncError as error:
            if error.retryable:
                raise
            outcomes.problems.append(error)

    def _content_after(self) -> SetContent:
        """Return the set as it is after the actions of the run."""
        prepared, outcomes = self._looked_at, self._outcomes
        after = tree_after(prepared.destination.tree, outcomes)
        if self._signing.attributes:
            look_up_mtimes(self._opened.sides.destination, after, outcomes)
        digests = dict(prepared.contents.source)
        digests.update((path, proven.source) for path, proven in outcomes.stored.items() if proven.source is not None)
        tree = {path: after[path] for path in prepared.source.tree if path in after}
        return self._indexed(tree, digests)

    def _commit(self, content: SetContent, digest: str, reason: str) -> None:
        files, now = self._files(), int(time.time())
        if self._directory not in self._looked_at.destination.apart:
            files.make_directory(self._directory)
        self._require_name(self._directory, cure="Set path in sign to a name in the form that the destination keeps.")
        if self._signing.sums:
            text = sums_text(content.digests)
            files.replace(SUMS, text)
            self._require_name(SUMS, cure="Set sums in sign to false.")
            content = content.with_sums(text, now * _SECOND)
        sealed_index, index_file = self._form.index_file(content)
        text, header = self._manifest(content, now, index_file)
        signature = self._signer.sign(text, MANIFESTS)
        action = self._action(reason, len(text), now)
        if self._past.newest is None:  # If the run is killed before it has a state of the set, the set is its own.
            self._state.save(SetState(header.tree, 0, "", now, now, key=self._signer.open().fingerprint))
        try:
            if index_file is not None:
                files.create(self._directory.child(index_name(header.sequence, self._request.extension)), sealed_index)
            files.create(self._directory.child(signature_name(header.sequence)), signature)
            files.create(action.path, text)
        except AlreadyExists as error:
            raise error.at(action.path, cure="Look for another sender with the same dest, then run again.") from error
        self.actions = (action,)
        self._outcomes.succeed(action)
        self._published = header.sequence
        self._learn(digest, header, text, action.path)

    def _require_name(self, path: RelPath, *, cure: str) -> None:
        """Refuse an entry that readers would not find, and remove it if it is new. Raises NotSupported."""
        if path in self._looked_at.destination.apart:
            return
        from .folding import changed_names, kept_as  # pylint: disable=import-outside-toplevel

        peer, present = self._opened.sides.peer, self._looked_at.destination.tree
        kept = changed_names(peer, [path], ()).get(path)
        if kept is not None and kept not in present:
            list(peer.remove_files([path]) if path == SUMS else peer.remove_directories([path]))
        if kept is not None:
            raise kept_as(display(kept), cure).at(path)

    def _files(self) -> SetFiles:
        stats = self._outcomes.stats

        def count(size: int) -> None:
            stats["bytes_sent"] += size

        return SetFiles(
            self._opened.sides.peer,
            self._opened.names,
            self._peer_hash,
            self._request.proof,
            count,
        )

    def _learn(self, content: str, header: ManifestHeader, text: bytes, path: RelPath) -> None:
        stored = self._opened.sides.peer.entry_at(path)
        state = SetState(
            tree=header.tree,
            sequence=header.sequence,
            digest=sha256(text).hexdigest(),
            issued=header.issued,
            first_seen=header.issued,
            expires=header.expires,
            content=content,
            key=self._signer.open().fingerprint,
            size=-1 if stored is None else stored.size,
            mtime=0 if stored is None else stored.mtime,
        )
        self.signed_set = self._published_set(state)
        self._save(state)

    def _save(self, state: SetState) -> None:
        if state != self._state.load():
            self._state.save(state)

    def _published_set(self, state: SetState) -> SignedSet:
        path = self._directory.child(manifest_name(state.sequence))
        return SignedSet(path, state.tree, state.sequence, state.digest, state.key, state.issued, state.expires)

    def finish(self) -> None:
        """Remove manifests beyond the number to keep, and orphans, after a run without failures. A file that stays is
        removed by the next run."""
        if not self._outcomes.clean:
            return
        pairs = [self._published, *self._past.pairs] if self._published else self._past.pairs
        old = pairs[self._signing.keep :]
        names = [name(each) for each in old for name in (manifest_name, signature_name)]
        paths = [*self._past.orphans, *map(self._directory.child, names), *self._indexes_of(old)]
        for done in self._opened.sides.peer.remove_files(paths):
            if done.error is not None:
                self._outcomes.note(f"an old manifest could not be removed: {done.error.message}")

    def _indexes_of(self, sequences: List[int]) -> List[RelPath]:
        """Return the sealed indexes of old manifests."""
        found = []
        for path in self._looked_at.destination.apart:
            published = parse_published(path.name)
            if published is not None and published.is_index and published.sequence in sequences:
                found.append(path)
        return found


def _state_file(request: SyncRequest, signing: Signing, opened: Opened) -> StateFile:
    """Return the state of the set. A former version put the server's answer into its name. It counts if the task has
    the same absolute path: for a relative path, a server could answer any."""
    root, former = opened.destination_root, None
    if root == spelled(request.remote_root) and root.startswith(b"/"):
        former = (*request.endpoint.former_account, root, signing.path)
    return StateFile(request.state_dir, PUBLISHED, *request.place, signing.path, former=former)


def _refuse_conflicts(prepared: Prepared, directory: RelPath, signing: Signing) -> None:
    """Refuse names that a publication needs and that are taken by other things."""
    found = prepared.destination.apart.get(directory)
    if found is not None and found.kind != DIRECTORY:
        raise KindConflict(
            f"the directory of manifests is a {found.kind} at the destination",
            path=directory,
            cure="Move it away, or set another path in sign.",
        )
    if signing.sums and SUMS in prepared.source.apart:
        raise Refused(
            "the source has a file of the name that sums publishes",
            path=SUMS,
            cure="Remove the file from src, or set sums in sign to false.",
        )
