# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of runs that move files: values, and combinations that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DropBoxRequest,
    FileLimits,
    SyncRequest,
)
from support.running.tasks import params_of

LEAST = {"host": "h", "src": "/s", "dest": "/d"}
SIGN = {"public_key": "ssh-ed25519 AAAA"}


def asked(**options: Any) -> SyncRequest:
    return secure_sync.request(Task(params_of(secure_sync, {**LEAST, **options})))


def test_without_the_options_nothing_is_asked() -> None:
    assert (asked().drop_box, asked().limits) == (None, None)


def test_limits_in_the_units_of_people() -> None:
    found = asked(min_age="5s", max_age="2w", min_size="1", max_size="1.5M").limits
    assert found == FileLimits(5, 14 * 86400, 1, 1_572_864)


def test_in_place_makes_no_lock() -> None:
    found = asked(in_place=True, proof="none")
    assert (found.lock, found.drop_box) == (False, DropBoxRequest(in_place=True))


def test_an_archive_below_the_source() -> None:
    found = asked(after_transfer="archive", archive_dir="sent/2026/").drop_box
    assert found == DropBoxRequest(after_transfer="archive", archive=b"sent/2026")


def test_markers_of_files_and_of_directories() -> None:
    for text in ("{name}.done", "_{name}", ".done-{name}"):
        assert asked(marker=text).drop_box == DropBoxRequest(marker=text.encode())
    found = asked(marker="READY", marker_for="directory", direction="pull", proof="none", compare="size_mtime").drop_box
    assert found == DropBoxRequest(marker=b"READY", marker_for="directory")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "ages": ({"min_age": "2h", "max_age": "1h"}, "min_age: 2h is more than max_age: 1h"),
    "sizes": ({"min_size": "2K", "max_size": "1K"}, "min_size: 2K is more than max_size: 1K"),
    "age": ({"min_age": "soon"}, "min_age: 'soon' is not a valid duration"),
    "size": ({"max_size": "-1"}, "max_size: '-1' is not a size"),
    "limits of a signed set": ({"min_age": "1h", "sign": SIGN}, "min_age: takes files out of the set"),
    "pull": ({"in_place": True, "direction": "pull"}, "in_place: needs a push"),
    "proof": ({"in_place": True}, "in_place: the server may take a file at once"),
    "delete in place": ({"in_place": True, "proof": "none", "delete": True}, "delete is set"),
    "trash in place": ({"in_place": True, "proof": "none", "trash": ".t"}, "trash is set"),
    "waiting in place": ({"in_place": True, "proof": "none", "lock_wait": 1}, "lock_wait is set"),
    "links in place": ({"in_place": True, "proof": "none", "links": "copy"}, "links is copy"),
    "signed, once": ({"deliver_once": True, "sign": SIGN}, "deliver_once: takes files out of the set"),
    "signed, moved": ({"after_transfer": "delete", "sign": SIGN}, "after_transfer: takes files out of the set"),
    "unproven": ({"after_transfer": "delete", "proof": "none"}, "after_transfer: delete needs proven files"),
    "mirrored": ({"after_transfer": "delete", "delete": True}, "after_transfer: delete empties the source"),
    "no archive": ({"after_transfer": "archive"}, "archive_dir: is required"),
    "unused archive": ({"archive_dir": "a"}, "archive_dir: has no meaning with after_transfer: keep"),
    "archive outside": ({"after_transfer": "archive", "archive_dir": "../a"}, "is not a path below the source"),
    "marker without a name": ({"marker": "done"}, "marker: 'done' is not a name for each file"),
    "marker with two names": ({"marker": "{name}{name}"}, "is not a name for each file"),
    "marker of a run": ({"marker": "{name}.done", "marker_for": "run"}, "is not a name for each run"),
    "marker that is the file": ({"marker": "{name}"}, "marker: '{name}' is not a name that can be used"),
    "marker in a directory": ({"marker": "done/{name}"}, "is not a name that can be used"),
    "marker outside": ({"marker": "..", "marker_for": "run"}, "marker: '..' is not a path below the destination"),
    "marker with a line break": ({"marker": "{name}\n"}, "is not a name that can be used"),
    "marker of the engine": ({"marker": ".secure_sync-{name}"}, "is not a name that can be used"),
    "marker that could be a lock": ({"marker": ".{name}"}, "is not a name that can be used"),
    "marker that could be another lock": ({"marker": ".s{name}"}, "is not a name that can be used"),
    "no marker": ({"marker_for": "run"}, "marker_for: run needs the name of the marker"),
    "unproven marker": ({"marker": "{name}.ok", "proof": "none"}, "announces proven files only, and proof is none"),
    "compared by time": ({"marker": "{name}.ok", "compare": "size_mtime"}, "compare is size_mtime"),
    "marker in place": ({"marker": "{name}.ok", "proof": "none", "in_place": True}, "proof is none"),
    "marker of a signed set": ({"marker": "{name}.ok", "sign": SIGN}, "marker: takes files out of the set"),
    "absolute archive": ({"after_transfer": "archive", "archive_dir": "/a"}, "is not a path below the source"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_options_that_do_not_fit_together(case: str) -> None:
    options, text = REFUSED[case]
    with pytest.raises(InvalidRequest) as caught:
        asked(**options)
    assert text in caught.value.message
    assert caught.value.cure
