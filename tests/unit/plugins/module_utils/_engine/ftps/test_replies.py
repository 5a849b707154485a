# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies, and the meaning of refusals; the texts come from vsftpd 3.0.5, ProFTPD 1.3.8 and pure-ftpd 1.0.50."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NoSpace,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    QuotaExceeded,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import (
    Reply,
    access_error,
    item_error,
    too_many,
)


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (550, b"Failed to open file.", PermissionDenied),
        (553, b"Could not create file.", PermissionDenied),
        (550, b"Permission denied.", PermissionDenied),
        (550, b"/a/nope: No such file or directory", NotFound),
        (550, b"Can't open /a/nope: No such file or directory", NotFound),
        (550, b"a: File exists", AlreadyExists),
        (521, b"directory exists", AlreadyExists),
        (553, b"Can't open that file: Permission denied", PermissionDenied),
        (553, b"Prohibited file name: a", PermissionDenied),
        (451, b"Failure writing to local file.", NoSpace),
        (452, b"Transfer aborted", NoSpace),
        (552, b"Transfer aborted. No space left on device", NoSpace),
        (552, b"Transfer aborted", QuotaExceeded),
        (450, b"x: Disk quota exceeded", QuotaExceeded),
        (500, b"Unknown command.", NotSupported),
        (502, b"MLSD not implemented.", NotSupported),
        (504, b"No such parameter", NotSupported),
        (501, b"Bad argument", OperationFailed),
        (550, b"SITE CHMOD command not understood", NotSupported),
        (530, b"Please login", PermissionDenied),
    ],
)
def test_refusals(code: int, text: bytes, kind: type[ItemError]) -> None:
    error = item_error(Reply(code, (text,)), b"dir/name")
    assert error.code == kind.code
    assert error.path == b"dir/name"
    assert str(code) in error.message


def test_the_name_of_the_item_decides_nothing() -> None:
    reply = Reply(550, (b"/d/No such file: Permission denied",))
    assert item_error(reply, b"/d/No such file").code == PermissionDenied.code
    reply = Reply(550, (b"Can't open quota",))
    assert item_error(reply, b"sub/quota").code == OperationFailed.code


def test_the_words_are_printable_and_bounded() -> None:
    reply = Reply(550, (b"\x1b[31mred \xff\xe2\x80\xae", b"x" * 5000))
    assert reply.text.isprintable()
    assert len(reply.text) < 350
    assert "\\x1b[31m" in reply.text
    assert Reply(221, ()).text == "221"


def test_classes() -> None:
    assert Reply(150, ()).preliminary
    assert Reply(226, ()).good
    assert not Reply(331, ()).good
    assert not Reply(331, ()).refused
    assert Reply(421, ()).refused


@pytest.mark.parametrize(
    ("code", "text", "crowded"),
    [
        (421, b"There are too many connections from your internet address.", True),
        (421, b"There are too many connected users, please try later.", True),
        (530, b"Sorry, the maximum number of clients (1) from your host are already connected.", True),
        (421, b"1 users (the maximum) are already logged in, sorry", True),
        (421, b"Timeout.", False),
        (530, b"Login incorrect.", False),
        (220, b"You are user 1 of the maximum", False),
    ],
)
def test_too_many(code: int, text: bytes, crowded: bool) -> None:
    assert too_many(Reply(code, (text,))) is crowded


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (550, b"Create directory operation failed.", PermissionDenied),
        (553, b"no", PermissionDenied),
        (451, b"no", OperationFailed),
        (550, b"a: File exists", AlreadyExists),
    ],
)
def test_a_refusal_without_a_reason_is_one_of_access(code: int, text: bytes, kind: type[ItemError]) -> None:
    """The entry was looked at: it exists, or its directory does."""
    error = access_error(Reply(code, (text,)), b"a")
    assert (type(error), error.path) == (kind, b"a")
