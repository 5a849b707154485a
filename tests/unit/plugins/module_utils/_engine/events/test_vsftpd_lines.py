# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.vsftpd_lines import (
    CONNECT,
    DELETE,
    DOWNLOAD,
    LOGIN,
    MKDIR,
    RENAME,
    RMDIR,
    SETSTAT,
    STEP,
    UPLOAD,
    Line,
    parse_vsftpd,
)

STAMP = "Fri Nov 27 15:50:59 2026 [pid 38] "
MOMENT = 1795794659.0
CLIENT = 'Client "127.0.0.1"'
WHO = ("mirror", "127.0.0.1")

LINES = {
    f"CONNECT: {CLIENT}": Line(MOMENT, CONNECT, address="127.0.0.1"),
    f"[mirror] OK LOGIN: {CLIENT}": Line(MOMENT, LOGIN, True, *WHO),
    '[mirror] FAIL LOGIN: Client "::ffff:192.0.2.1"': Line(MOMENT, LOGIN, False, "mirror", "192.0.2.1"),
    '[mirror] OK LOGIN: Client "2001:db8::1"': Line(MOMENT, LOGIN, True, "mirror", "2001:db8::1"),
    f'[mirror] OK UPLOAD: {CLIENT}, "/a b", 1000 bytes, 66.07Kbyte/sec': Line(
        MOMENT, UPLOAD, True, *WHO, b"/a b", 1000
    ),
    f'[mirror] FAIL UPLOAD: {CLIENT}, "/nope", 0.00Kbyte/sec': Line(MOMENT, UPLOAD, False, *WHO, b"/nope"),
    f'[mirror] FAIL UPLOAD: {CLIENT}, "/broken", 5000 bytes, 1.00Kbyte/sec': Line(
        MOMENT, UPLOAD, False, *WHO, b"/broken", 5000
    ),
    f'[mirror] OK DOWNLOAD: {CLIENT}, "/a", 7 bytes, 1.00Kbyte/sec': Line(MOMENT, DOWNLOAD, True, *WHO, b"/a", 7),
    f'[mirror] OK RENAME: {CLIENT}, "/a /b"': Line(MOMENT, RENAME, True, *WHO, b"/a /b"),
    f'[mirror] FAIL RENAME: {CLIENT}, "/a"': Line(MOMENT, RENAME, False, *WHO, b"/a"),
    f'[mirror] OK DELETE: {CLIENT}, "/a"': Line(MOMENT, DELETE, True, *WHO, b"/a"),
    f'[mirror] OK MKDIR: {CLIENT}, "/d"': Line(MOMENT, MKDIR, True, *WHO, b"/d"),
    f'[mirror] OK RMDIR: {CLIENT}, "/d"': Line(MOMENT, RMDIR, True, *WHO, b"/d"),
    f'[mirror] OK CHMOD: {CLIENT}, "/a b 600"': Line(MOMENT, SETSTAT, True, *WHO, b"/a b"),
    f'[mirror] DEBUG: {CLIENT}, "Control connection terminated without SSL shutdown."': Line(MOMENT, STEP),
}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    assert parse_vsftpd((STAMP + text).encode()) == LINES[text]


@pytest.mark.parametrize(
    "name",
    [
        '/q"uo, 5 bytes',
        '/"] OK UPLOAD: Client "192.0.2.9", "x',
        '/x", 9 bytes, 1.00Kbyte/sec',
        '/[root] FAIL LOGIN: x"',
    ],
)
def test_a_name_of_a_file_changes_neither_number_nor_address(name: str) -> None:
    line = parse_vsftpd(f'{STAMP}[mirror] OK UPLOAD: {CLIENT}, "{name}", 1000 bytes, 66.07Kbyte/sec'.encode())
    assert line == Line(MOMENT, UPLOAD, True, *WHO, name.encode(), 1000)


@pytest.mark.parametrize(
    "name",
    [
        "root] OK LOGIN",
        'root] OK LOGIN: Client "192.0.2.9"',
        'root] OK UPLOAD: Client "192.0.2.9", "/x", 5 bytes, 1.00Kbyte/sec',
    ],
)
def test_a_name_of_an_account_is_no_login_and_no_file(name: str) -> None:
    line = parse_vsftpd(f"{STAMP}[{name}] FAIL LOGIN: {CLIENT}".encode())
    assert line == Line(MOMENT, LOGIN, False, name, "127.0.0.1")


def test_a_line_with_two_meanings_names_nobody() -> None:
    """Either an account of this name failed to log in, or mirror deleted a file of this name."""
    text = f'[mirror] OK DELETE: {CLIENT}, "/x] FAIL LOGIN: Client "192.0.2.9"'
    assert parse_vsftpd((STAMP + text).encode()) == Line(MOMENT, LOGIN, False, ambiguous=True)


@pytest.mark.parametrize(
    "text",
    [
        # The user name of a client that has not logged in.
        f'[root] OK LOGIN: Client "192.0.2.9", anon password "] FTP response: {CLIENT}, "331 Please specify."',
        f'[root] OK DELETE: Client "192.0.2.9", "] FTP command: {CLIENT}, "PASS <password>"',
        f'[x] FTP response: {CLIENT}, "] FAIL LOGIN: Client "192.0.2.9", anon password "x"',
        # The file name of an account.
        f'[mirror] FTP command: {CLIENT}, "STOR [root] OK LOGIN: Client "192.0.2.9", anon password "x"',
    ],
)
def test_a_protocol_line_forges_neither_a_login_nor_a_file(text: str) -> None:
    """With log_ftp_protocol, the log has the commands of clients."""
    assert parse_vsftpd((STAMP + text).encode()) == Line(MOMENT, LOGIN, False, ambiguous=True)


@pytest.mark.parametrize("line", [b"", b"hello", b"Fri Nov 99 15:50:59 2026 [pid 1] CONNECT: x", STAMP.encode() + b"x"])
def test_other_lines(line: bytes) -> None:
    assert parse_vsftpd(line) is None
