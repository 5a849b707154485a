# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file of a directory, seen as a tree of its own."""

from __future__ import annotations

import hashlib

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.single_file import SingleFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    LocalSide,
    PeerTransport,
    Transport,
)
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory

REAL, SHOWN, LITTER = RelPath(b"real"), RelPath(b"shown"), RelPath(b"litter")
TREE = {b"real": b"content", b"other": b"x", b"litter": b"y", b"d": Directory(), b"d/litter": b"z"}


BASES = (Transport, LocalSide, PeerTransport)
# Passed on as they are: about the transport or its root; about names that a run makes, or files of the destination,
# whose two names are the same.
OF_THE_TRANSPORT = (
    "advance beat capabilities carried close create_root foresee_server_hash foresee_setting forget_halfway halfway "
    "hashes_blocks identity move_root notes ready real_root reconnect root_entry sends_blocks server_hash stamped "
    "touch_every whole_tree"
)
OF_OTHER_NAMES = (
    "call_meanwhile copy create_file create_stage entry_at make_directories make_links read_file remove_directories "
    "rename rename_new reopen_stage set_attributes sync_directories unset upload"
)


def test_each_operation_is_shown_or_passed_on() -> None:
    """A new operation of a transport that is about the source under the name of the view must be added to it."""
    names = {name for base in BASES for name in (*vars(base), *base.__annotations__) if not name.startswith("_")}
    assert names - set(vars(SingleFile)) == {*OF_THE_TRANSPORT.split(), *OF_OTHER_NAMES.split()}


def seen(view: SingleFile) -> list:
    return [path for page in view.scan() for path, _entry in page.entries]


def test_only_the_file_is_there_under_the_name_that_it_gets() -> None:
    view = SingleFile(MemoryTransport(TREE), shown=SHOWN, real=REAL)
    (page,) = view.scan()
    assert (page.directory, page.problem) == (ROOT, None)
    assert [(path, entry.size) for path, entry in page.entries] == [(b"shown", 7)]
    assert [path for path, _entry, _error in view.look([SHOWN])] == [b"shown"]


def test_a_file_that_is_missing() -> None:
    view = SingleFile(MemoryTransport({}), shown=REAL, real=REAL)
    assert [tuple(page) for page in view.scan()] == [(ROOT, (), None, {})]


def test_a_file_that_cannot_be_looked_at_is_a_problem() -> None:
    inner = MemoryTransport(TREE)
    inner.faults.fail("look", b"real", PermissionDenied("no"))
    (page,) = SingleFile(inner, shown=REAL, real=REAL).scan()
    assert page.problem.code == "permission_denied"


def test_a_directory_in_the_place_of_the_file_is_a_problem() -> None:
    view = SingleFile(MemoryTransport(TREE), shown=SHOWN, real=RelPath(b"d"))
    (page,) = view.scan()
    assert (page.problem.code, page.problem.path, page.entries) == ("source_changed", b"shown", ())


def test_what_killed_runs_left_beside_it_is_shown_too() -> None:
    inner = MemoryTransport(TREE)
    view = SingleFile(inner, shown=REAL, real=REAL, litter=lambda path: path.name == LITTER)
    assert seen(view) == [b"real", b"litter"]
    inner.faults.fail("scan", None, PermissionDenied("the directory is not ours to list"))
    assert seen(view) == [b"real"]
    assert all(page.problem is None for page in view.scan())


def test_content_is_read_under_the_real_name() -> None:
    inner = MemoryTransport(TREE, server_hash="check-file")
    view = SingleFile(inner, shown=SHOWN, real=REAL)
    wanted = hashlib.sha256(b"content").digest()
    for ask in (view.digest, view.digest_by_server):
        assert [(one.path, one.digest) for one in ask({SHOWN: 7})] == [(b"shown", wanted)]
    opened = view.open_source(SHOWN)
    assert opened.read(100) == b"content"
    opened.close()
    assert view.read_file(RelPath(b"other")) == b"x", "all else is the transport's own"
