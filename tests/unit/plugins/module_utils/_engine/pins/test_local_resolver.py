# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolvers on this machine: decided only by resolv.conf(5), never by data from a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.sshfp import (
    LocalResolvers,
    local_resolvers,
)


def read(directory: Path, text: str) -> LocalResolvers:
    (directory / "resolv.conf").write_text(text)
    return local_resolvers(str(directory / "resolv.conf"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nameserver 127.0.0.1\noptions trust-ad\n", (("127.0.0.1",), True)),
        ("nameserver 127.0.0.53\noptions edns0 trust-ad\n", (("127.0.0.53",), True)),
        ("options rotate\noptions trust-ad\nnameserver ::1\n", (("::1",), True)),
        ("nameserver 127.0.0.1\noptions edns0\n# options trust-ad\n", (("127.0.0.1",), False)),
        ("nameserver 192.0.2.1\nnameserver 127.0.0.1\n", (("127.0.0.1",), False)),
    ],
)
def test_resolvers_on_loopback_are_taken(tmp_path: Path, text: str, found: tuple[tuple[str, ...], bool]) -> None:
    assert read(tmp_path, text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nameserver\n",
        "nameserver 192.0.2.1\noptions trust-ad\n",
        "nameserver 127.0.0.11\noptions trust-ad\n",
        "nameserver 127.0.0.1.example.com\n",
        "nameserver ::ffff:127.0.0.1\n",
        "nameserver fe80::1%lo\n",
        "# nameserver 127.0.0.1\n",
    ],
)
def test_anything_else_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequest, match="this machine") as caught:
        read(tmp_path, text)
    assert caught.value.cure


def test_no_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        local_resolvers(str(tmp_path / "missing"))
