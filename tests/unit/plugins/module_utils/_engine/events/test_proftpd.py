# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.proftpd import (
    CLOSED,
    FAILED,
    LOGIN,
    OPENED,
    STEP,
    parse_proftpd,
)

HEAD = "2026-11-27 15:51:02,154 vm proftpd[26] 127.0.0.1 (evil.example[192.0.2.1]): "
LINES = {
    "FTP session opened.": (OPENED, "", ""),
    "FTP session closed.": (CLOSED, "", ""),
    "USER mirror: Login successful.": (LOGIN, "mirror", ""),
    "USER mirror (Login failed): Incorrect password": (FAILED, "mirror", "Incorrect password"),
    "USER x y: no such user found from evil.example [192.0.2.1] to 127.0.0.1:21": (FAILED, "x y", "no such user"),
    "USER root: Login successful.: no such user found from a [192.0.2.1] to b:21": (
        FAILED,
        "root: Login successful.",
        "no such user",
    ),
    "Preparing to chroot to directory '/home'": (STEP, "", ""),
}


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    line = parse_proftpd((HEAD + text).encode())
    assert line is not None
    assert (line.kind, line.account, line.reason) == LINES[text]
    assert (line.pid, line.address, line.moment % 1) == (26, "192.0.2.1", pytest.approx(0.154, abs=1e-3))


def test_a_line_of_the_server_itself_has_no_address() -> None:
    line = parse_proftpd(b"2026-11-27 15:51:01,861 vm proftpd[25] 127.0.0.1: ProFTPD 1.3.8c standalone mode STARTUP")
    assert line is not None
    assert (line.kind, line.address) == (STEP, "")


def test_addresses_of_version_6() -> None:
    line = parse_proftpd(HEAD.replace("192.0.2.1", "::ffff:192.0.2.7").encode() + b"FTP session opened.")
    assert line is not None
    assert line.address == "192.0.2.7"


@pytest.mark.parametrize("line", [b"", b"hello", b"2026-13-99 15:51:02 vm proftpd[26] x (y[::1]): FTP session opened."])
def test_other_lines(line: bytes) -> None:
    assert parse_proftpd(line) is None
