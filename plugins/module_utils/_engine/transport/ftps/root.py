# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of a tree on an FTPS server: its kind, its creation, its real path (RFC 959, RFC 3659)."""

from __future__ import annotations

from typing import Optional

from ...errors import AlreadyExists, ItemError, NotFound
from ...ftps.replies import access_error, item_error
from ...model.relpath import ROOT, RelPath
from ...model.tree import DIRECTORY, FILE, Entry
from .bulk import unsendable
from .lane import Lane
from .server import Server, joined, split, working_directory


class Root:
    """The methods of Transport that are about its root, each for one lane."""

    def entry(self, lane: Lane) -> Optional[Entry]:
        """Implement Transport.root_entry; size, mode and mtime are not asked for."""
        root = lane.server.root
        altered = unsendable(root, lane.server.alterations(lane.session if lane.server.unsettled([root]) else None))
        if altered is not None:
            raise altered
        refusal = lane.session.call(b"CWD", root)
        if refusal.good:
            return Entry(DIRECTORY, 0, 0, 0o755)
        if lane.session.call(b"SIZE", root).good:
            return Entry(FILE, 0, 0, 0o644)
        return self._unenterable(lane, item_error(refusal, ROOT))

    def _unenterable(self, lane: Lane, refusal: ItemError) -> Optional[Entry]:
        """Return the entry of a root that is neither a file nor an accessible directory."""
        parent, name = split(lane.server.root)
        if not name:
            raise refusal
        above = Server(parent)
        above.root, above.features = parent, lane.server.features
        found = Lane(lane.session, above).look([RelPath(name)])[0]
        if found.error is not None:
            raise found.error
        if found.entry is not None and found.entry.kind is DIRECTORY:
            raise refusal
        return found.entry

    def create(self, lane: Lane) -> None:
        """As Transport.create_root."""
        root = lane.server.root
        reply = lane.session.call(b"MKD", root)
        if not reply.good:
            if lane.session.call(b"CWD", root).good or lane.session.call(b"SIZE", root).good:
                raise AlreadyExists("something is there already", path=ROOT)
            if not lane.session.call(b"CWD", split(root)[0]).good:
                raise NotFound("its parent directory is missing", path=ROOT)
            raise access_error(reply, ROOT)
        mode = lane.session.call(*lane.server.chmod(ROOT, 0o755))
        if not mode.good and not lane.server.modes_refused(mode):
            raise item_error(mode, ROOT)

    def real_path(self, lane: Lane) -> bytes:
        """Implement Transport.real_root."""
        if lane.session.call(b"CWD", lane.server.root).good:
            return working_directory(lane.session)
        parent, name = split(lane.server.root)
        if not lane.session.call(b"CWD", parent).good:
            raise NotFound("its parent directory is missing", path=ROOT)
        return joined(working_directory(lane.session), name)
