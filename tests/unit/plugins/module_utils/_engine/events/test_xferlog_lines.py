# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import FTP, SFTP
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.ftp_sessions import parse_xferlog
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.vsftpd_lines import (
    DELETE,
    DOWNLOAD,
    UPLOAD,
)

HEAD = "Fri Nov 27 16:01:15 2026 0 127.0.0.1 "
LINES = {
    "1000 /files/with_space b _ i r mirror ftps 0 * c": (UPLOAD, True, b"/files/with_space", 1000),
    "1000 /files/x_b___i_r_root_ftp_0_*_c b _ i r mirror ftps 0 * c": (
        UPLOAD,
        True,
        b"/files/x_b___i_r_root_ftp_0_*_c",
        1000,
    ),
    "500 /files/broken b _ i r mirror ftps 0 * i": (UPLOAD, False, b"/files/broken", 500),
    "2000 /files/plain b _ o r mirror ftps 0 * c": (DOWNLOAD, True, b"/files/plain", 2000),
    "2000 /files/plain b _ d r mirror ftps 0 * c": (DELETE, True, b"/files/plain", 0),
    "7 /\xc3\xbc a _ o r mirror ftp 0 * c": (DOWNLOAD, True, b"/\xc3\xbc", 7),
}


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    line = parse_xferlog((HEAD + text).encode("latin-1"))
    assert line is not None
    assert (line.kind, line.succeeded, line.path, line.size) == LINES[text]
    assert (line.account, line.address, line.protocol) == ("mirror", "127.0.0.1", FTP)


@pytest.mark.parametrize("service", ["sftp", "scp"])
def test_transfers_over_ssh(service: str) -> None:
    line = parse_xferlog((HEAD + f"7 /a b _ i r mirror {service} 0 * c").encode())
    assert line is not None
    assert (line.protocol, line.account) == (SFTP, "mirror")


@pytest.mark.parametrize(
    "line", [b"", b"hello", HEAD.encode() + b"x /a b _ i r m ftp 0 * c", b"Fri Nov 99" + b" 0" * 16]
)
def test_other_lines(line: bytes) -> None:
    assert parse_xferlog(line) is None
