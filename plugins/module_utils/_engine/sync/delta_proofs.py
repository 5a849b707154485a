# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delta proofs: recorded digests of the peer's files that rest on blocks which the server copied, unread.

They are kept with the record, in a text: one line a file, with its digest and its path, and the SHA-256 of all lines.
Only a push with `delta` always believes them, and counts such a file as `delta` again. For every other run the file has
no recorded digest, so that its content is compared. The text is written before the record: a digest that is in the
record alone was proven whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, Mapping, Set

from ..integrity.digest import UnusableManifest
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA
from ..model.request import ALWAYS, PUSH, SyncRequest
from ..model.tree import Digests
from .record import DELTA, Record

if TYPE_CHECKING:
    from .contents import Contents
    from .proof import Proven


def settle(record: Record, request: SyncRequest, known: Digests) -> Set[RelPath]:
    """Return the files whose digests this run believes; for all other runs, remove those digests.

    known: the recorded digests of the peer's files
    """
    try:
        proofs = load(record)
    except UnusableManifest:
        _drop(known, list(known))  # Each of them may be such a digest.
        return set()
    mine = {path for path, digest in proofs.items() if known.get(path) == digest}
    if _believes(request):
        return mine
    _drop(known, mine)
    return set()


def _drop(known: Digests, paths: Iterable[bytes]) -> None:
    for path in paths:
        del known[path]


def _believes(request: SyncRequest) -> bool:
    """Return whether a run may leave the content of such files unread: it deletes and attests nothing for it."""
    attests = (request.sign, request.receipts, request.drop_box)
    return request.direction == PUSH and request.delta == ALWAYS and attests == (None, None, None)


def proofs_after(
    record: Record, known: Digests, contents: Contents, stored: Mapping[RelPath, Proven]
) -> Dict[RelPath, bytes]:
    """Return the digests that rest on copies after a run.

    known: the peer's digests after it. If the text is unusable, those that this run did not learn are removed.
    """
    try:
        before = load(record)
    except UnusableManifest:
        before = {}
        _drop(known, [path for path in known if path not in contents.compared and path not in stored])
    after = {
        path: digest
        for path, digest in before.items()
        if path not in contents.proofs and path not in stored and known.get(path) == digest
    }
    for path, proven in stored.items():
        if proven.proof == PROVEN_BY_DELTA and proven.destination is not None and path in known:
            after[path] = proven.destination
    return after


def load(record: Record) -> Dict[RelPath, bytes]:
    """Return the digests by path. Raises UnusableManifest."""
    lines = (line.split(b" ") for line in record.load_lines(DELTA))
    return {RelPath(bytes.fromhex(path.decode())): bytes.fromhex(digest.decode()) for digest, path in lines}


def save(record: Record, proofs: Mapping[RelPath, bytes]) -> None:
    """Replace the digests. Raises OSError, UnusableManifest."""
    lines = (b"%s %s" % (digest.hex().encode(), path.hex().encode()) for path, digest in sorted(proofs.items()))
    record.save_lines(DELTA, lines)
