# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that every reader of bags (BagIt, RFC 8493) takes for the same file.

Manifests of bags are lines of text. RFC 8493 escapes %, CR and LF; bagit.py does not decode an escaped %, removes
blanks at the end of a name, and ends a line at any separator of Unicode. Names for which that matters are refused.
"""

from __future__ import annotations

from ..errors import NotSupported
from ..model.relpath import RelPath
from ..model.tree import LINK, Entry


def require_bag_name(path: RelPath, entry: Entry) -> None:
    """Raise NotSupported if a bag cannot hold the entry."""
    reason = _why_not(path, entry)
    if reason:
        raise NotSupported(
            "layout: a bag cannot hold %s" % reason, path=path, cure="Rename or remove it, or set layout to plain."
        )


def _why_not(path: RelPath, entry: Entry) -> str:
    if entry.kind == LINK:
        return "a symbolic link"
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return "a name that is not UTF-8"
    if "%" in text or not text.isprintable() or text.endswith(" "):
        return "a name with %, an unprintable character or a blank at the end"
    return ""
