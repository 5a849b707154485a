# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that FTP cannot carry are set apart."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Done
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.pool import (
    sendable,
    unsendable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    BLANKS_AT_THE_END,
)


@pytest.mark.parametrize("name", [b"a\rb", b"a\nb", b"a\0b", b"\n"])
def test_line_ends_and_nul_cannot_be_sent(name: bytes) -> None:
    assert isinstance(unsendable(name), UnsafeName)


@pytest.mark.parametrize("name", [b"a", b" a ", b"\xff", b"\x1b", b"a;b"])
def test_anything_else_can(name: bytes) -> None:
    assert unsendable(name) is None


@pytest.mark.parametrize("name", [b"a ", b"a\t"])
def test_blanks_at_the_end_cannot_where_the_server_loses_them(name: bytes) -> None:
    assert isinstance(unsendable(name, [BLANKS_AT_THE_END]), UnsafeName)
    assert unsendable(b" a", [BLANKS_AT_THE_END]) is None


def test_the_good_are_told_from_the_others() -> None:
    good, bad = sendable([RelPath(b"a"), RelPath(b"b\n")], lambda path: path, Done)
    assert good == [b"a"]
    assert [(done.path, type(done.error)) for done in bad] == [(b"b\n", UnsafeName)]
