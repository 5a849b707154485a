# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at single names on a server without MLST: in the listing of their directory, at any depth."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.look import Looked
from support.scripted.scripted_session import Listings, told_lane

ITSELF = b"drwxr-xr-x 2 1 1 4096 Nov 27 01:31 ."
FAILED = Reply(550, (b"Failed to open the directory.",))
GOOD = Reply(250, (b"OK",))
DEEP = RelPath(b"/".join([b"d"] * 1500))


def looked(path: RelPath, listings: Listings) -> Looked:
    (found,) = told_lane({b"CWD /t": GOOD}, listings).look([path])
    return found


def test_a_name_at_any_depth_below_a_missing_directory_names_nothing() -> None:
    assert looked(DEEP, {b"LIST -a /t": [ITSELF]}) == Looked(DEEP, None)


def test_a_directory_that_cannot_be_listed_is_the_reason_for_all_below_it() -> None:
    found = looked(DEEP, {b"LIST -a /t": [ITSELF, ITSELF[:-1] + b"d"], b"LIST -a /t/d": FAILED})
    assert found.entry is None
    assert isinstance(found.error, OperationFailed)
    assert found.error.path == DEEP


def test_a_name_below_a_file_names_nothing() -> None:
    file = b"-rw-r--r-- 1 1 1 5 Nov 27 01:31 d"
    assert looked(RelPath(b"d/e/f"), {b"LIST -a /t": [ITSELF, file]}) == Looked(RelPath(b"d/e/f"), None)
