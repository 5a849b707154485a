# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets of symbolic links: where they lead, judged by their text alone, and a form of them for both ends.

ProFTPD's mod_sftp resolves the targets of links (READLINK answers with an absolute path).
"""

from __future__ import annotations

import posixpath

from ..model.endpoint import PeerIdentity
from ..model.relpath import RelPath
from ..model.tree import LINK, Tree


def stays_inside(link: RelPath, target: bytes) -> bool:
    """Return whether a link at `link` (relative to the root) with this target can only lead to places below the root.

    ".." is accepted at the head of the target only, where it climbs real directories of the tree. Behind a name it
    could climb from wherever that name, itself a link, leads to: "up/../.." with up -> ".." leaves a root that its
    text stays in.
    """
    if not target or target.startswith(b"/"):
        return False
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == b"..":
        climbs += 1
    return climbs < link.depth and b".." not in parts[climbs:]


def states_resolved_links(identity: PeerIdentity) -> bool:
    """Return whether the server resolves targets, by its name: a read-only run cannot try it out."""
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
        if (
            twin is not None
            and twin.target is not None
            and posixpath.normpath(posixpath.join(place, twin.target)) == target
        ):
            peer[path] = entry._replace(target=twin.target)
        elif target == root or target.startswith(root.rstrip(b"/") + b"/"):
            peer[path] = entry._replace(target=posixpath.relpath(target, place))
