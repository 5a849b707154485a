# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handle link targets of a server that resolves them: ProFTPD's mod_sftp answers READLINK with an absolute path."""

from __future__ import annotations

import posixpath

from ..model.endpoint import PeerIdentity
from ..model.tree import LINK, Tree

__all__ = ["restate_links", "states_resolved_links"]


def states_resolved_links(identity: PeerIdentity) -> bool:
    """Return whether the server is of that kind, by its name: a read-only run cannot try it out."""
    return "mod_sftp" in identity.software


def restate_links(peer: Tree, local: Tree, root: bytes) -> None:
    """Replace the targets in `peer`, whose canonical root is `root`, by comparable targets: the target of the local
    link if both lead to the same place, else the relative path if it is below the root."""
    for path, entry in peer.items():
        target = entry.target
        if entry.kind != LINK or target is None or not target.startswith(b"/"):
            continue
        place = posixpath.join(root, path.parent)
        twin = local.get(path)
        if twin is not None and twin.target is not None and _resolved(place, twin.target) == target:
            peer[path] = entry._replace(target=twin.target)
        elif _below(target, root):
            peer[path] = entry._replace(target=posixpath.relpath(target, place))


def _resolved(place: bytes, target: bytes) -> bytes:
    return posixpath.normpath(posixpath.join(place, target))


def _below(path: bytes, root: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")
