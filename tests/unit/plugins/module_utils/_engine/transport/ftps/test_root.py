# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of a tree: its kind, its creation, its real path."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    NoSpace,
    NotFound,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, SPECIAL
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.names import Root
from support.scripted.scripted_session import MISSING, OK, list_line, told_lane

SIZE = Reply(213, (b"5",))
DENIED = Reply(550, (b"Permission denied",))
HOME = Reply(257, (b'"/real" is the current directory',))


def root_of(lane: Lane) -> Root:
    return Root()


@pytest.mark.parametrize(
    ("replies", "above", "kind"),
    [
        ({b"CWD /t": OK}, [], DIRECTORY),
        ({b"SIZE /t": SIZE}, [], FILE),
        ({}, [list_line(b"t", kind=b"p")], SPECIAL),
        ({}, [list_line(b"other")], None),
    ],
)
def test_the_kind_of_a_root(replies: dict[bytes, Reply], above: list[bytes], kind: object) -> None:
    lane = told_lane(replies, {b"LIST -a /": above})
    entry = root_of(lane).entry(lane)
    assert (entry and entry.kind) is kind


def test_a_directory_that_cannot_be_entered_is_an_error() -> None:
    lane = told_lane({b"CWD /t": DENIED}, {b"LIST -a /": [list_line(b"t", kind=b"d")]})
    with pytest.raises(PermissionDenied):
        root_of(lane).entry(lane)


def test_the_top_of_the_server_has_no_parent() -> None:
    lane = told_lane({b"CWD /": DENIED})
    lane.server.root = b"/"
    with pytest.raises(PermissionDenied):
        root_of(lane).entry(lane)


def test_a_new_root_gets_its_mode() -> None:
    lane = told_lane({b"MKD /t": OK, b"SITE CHMOD 755 /t": OK})
    root_of(lane).create(lane)
    assert lane.session.sent == [b"MKD /t", b"SITE CHMOD 755 /t"]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({b"CWD /t": OK, b"CWD /": OK}, AlreadyExists),
        ({b"SIZE /t": SIZE, b"CWD /": OK}, AlreadyExists),
        ({}, NotFound),
        ({b"CWD /": OK}, PermissionDenied),
        ({b"CWD /": OK, b"MKD /t": Reply(452, (b"full",))}, NoSpace),
        ({b"MKD /t": OK, b"SITE CHMOD 755 /t": Reply(452, (b"full",))}, NoSpace),
    ],
)
def test_a_root_that_cannot_be_made(replies: dict[bytes, Reply], error: type[SyncError]) -> None:
    lane = told_lane(replies)
    with pytest.raises(SyncError) as caught:
        root_of(lane).create(lane)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("replies", "path"),
    [({b"CWD /t": OK}, b"/real"), ({b"CWD /": OK}, b"/real/t"), ({b"CWD /": MISSING}, None)],
)
def test_the_real_path(replies: dict[bytes, Reply], path: bytes | None) -> None:
    lane = told_lane({**replies, b"PWD": HOME})
    if path is None:
        with pytest.raises(NotFound):
            root_of(lane).real_path(lane)
    else:
        assert root_of(lane).real_path(lane) == path
