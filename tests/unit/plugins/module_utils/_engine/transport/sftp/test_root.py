# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root on an SFTP server: its names, its kind, its creation and its real path, by a table of replies."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NotFound,
    ProtocolViolation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import Root
from support.scripted.sftp_table import sftp_table
from support.scripted.sftp_wire import (
    FAILURE,
    LSTAT,
    MKDIR,
    NO_SUCH_FILE,
    PERMISSION_DENIED,
    REALPATH,
    STAT,
    Attributes,
    Reply,
    attributes,
    names,
    status,
)

MISSING, REFUSED, FAILED = status(NO_SUCH_FILE), status(PERMISSION_DENIED), status(FAILURE)
FOUND = attributes(Attributes(size=4096, mode=stat.S_IFDIR | 0o750, times=(1, 1)))
PATH = names([(b"/home/partner/inbox", Attributes())])


@contextmanager
def root(path: bytes, replies: dict[int, Reply]) -> Iterator[Root]:
    """Yield the root below a session with these replies."""
    with sftp_table(replies) as session:
        yield Root(path, lambda: session.pool)


@pytest.mark.parametrize(("path", "below"), [(b"/srv/in", b"/srv/in/a/b"), (b"/", b"/a/b"), (b"inbox", b"inbox/a/b")])
def test_names_below_the_root(path: bytes, below: bytes) -> None:
    with root(path, {}) as found:
        assert (found.full(ROOT), found.full(RelPath(b"a/b"))) == (path, below)
        found.move(b"/other")
        assert found.full(RelPath(b"a")) == b"/other/a"


def test_the_entry_of_the_root() -> None:
    with root(b"/srv", {STAT: FOUND}) as found:
        entry = found.entry()
    assert entry is not None
    assert (entry.kind, entry.mode) == (DIRECTORY, 0o750)


def test_a_missing_root_has_no_entry_and_a_refused_root_is_an_error() -> None:
    with root(b"/srv", {STAT: MISSING}) as found:
        assert found.entry() is None
    with root(b"/srv", {STAT: REFUSED}) as found, pytest.raises(ItemError):
        found.entry()


def test_a_failure_of_mkdir_means_taken_only_if_the_name_exists() -> None:
    with root(b"/srv", {MKDIR: FAILED, LSTAT: FOUND}) as found, pytest.raises(AlreadyExists):
        found.create()
    with root(b"/srv", {MKDIR: FAILED, LSTAT: MISSING}) as found, pytest.raises(ItemError) as caught:
        found.create()
    assert not isinstance(caught.value, AlreadyExists)


def test_the_real_path_of_a_root_that_exists() -> None:
    with root(b"inbox", {REALPATH: PATH}) as found:
        assert found.real() == b"/home/partner/inbox"


@pytest.mark.parametrize(
    ("path", "real"), [(b"/srv/new/", b"/home/partner/inbox/new"), (b"new", b"/home/partner/inbox/new")]
)
def test_the_real_path_of_a_missing_root_is_below_its_parent(path: bytes, real: bytes) -> None:
    with sftp_table({STAT: MISSING, REALPATH: PATH}) as session:
        found = Root(path, lambda: session.pool)
        assert found.entry() is None
        session.replies[STAT] = FOUND
        assert found.real() == real


def test_a_root_without_a_parent_is_not_found() -> None:
    with root(b"/no/such", {REALPATH: MISSING}) as found, pytest.raises(NotFound):
        found.real()


@pytest.mark.parametrize("reply", [names([]), names([(b"relative", Attributes())])], ids=["none", "relative"])
def test_a_malformed_real_path_is_refused(reply: Reply) -> None:
    with root(b"/srv", {REALPATH: reply}) as found, pytest.raises(ProtocolViolation):
        found.real()
