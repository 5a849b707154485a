# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.sftp_requests import (
    CLOSE,
    CUT,
    END,
    FORBIDDEN,
    LINK,
    LOOK,
    MKDIR,
    OPEN,
    REMOVE,
    RENAME,
    RMDIR,
    SET,
    START,
    STATUS,
    STEP,
    Line,
    parse_sftp,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.work import MOST_MEANINGS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import escape_name
from hypothesis import given
from hypothesis import strategies as st

LINES = {
    "session opened for local user partner from [198.51.100.1]": Line(START, words="partner", address="198.51.100.1"),
    "session closed for local user partner from [198.51.100.1]": Line(END, words="partner", address="198.51.100.1"),
    'open "/a b" flags WRITE,CREATE,TRUNCATE mode 0644': Line(
        OPEN, b"/a b", writing=True, words="WRITE,CREATE,TRUNCATE"
    ),
    'open "/a" flags READ mode 0666': Line(OPEN, b"/a", words="READ"),
    'close "/a" bytes read 7 written 9': Line(CLOSE, b"/a", received=9, sent=7),
    'forced close "/a" bytes read 7 written 9': Line(CLOSE, b"/a", received=9, sent=7, forced=True),
    "sent status No such file": Line(STATUS, words="No such file"),
    'stat name "/a"': Line(LOOK, b"/a"),
    'lstat name "/a"': Line(LOOK, b"/a"),
    'opendir "/a"': Line(LOOK, b"/a"),
    'remove name "/a"': Line(REMOVE, b"/a"),
    'mkdir name "/a" mode 0777': Line(MKDIR, b"/a"),
    'rmdir name "/a"': Line(RMDIR, b"/a"),
    'set "/a" mode 0600': Line(SET, b"/a"),
    'set "/a" mode 6755': Line(SET, b"/a"),
    'set "/a" modtime 20261127-15:46:56': Line(SET, b"/a"),
    'set "/a" owner 1000 group 1000': Line(SET, b"/a"),
    'symlink old "b" new "/a"': Line(LINK, b"/a", ((b"b", b"/a"),)),
    'rename old "/a" new "/b"': Line(RENAME, b"/b", ((b"/a", b"/b"),)),
    'posix-rename old "/a" new "/b"': Line(RENAME, b"/b", ((b"/a", b"/b"),)),
    "Refusing non-allowlisted symlink request": Line(FORBIDDEN, words="non-allowlisted symlink"),
    "received client version 3": Line(STEP),
    'closedir "/a"': Line(STEP),
}
NAMES = [
    b'quo"te',
    b'x" bytes read 5 written 6',
    b'x" flags READ mode 0666',
    b"new\nline",
    b"back\\slash",
    "ümläut".encode(),
    b"\xff\x00",
    b'" new "',
    b"sent status Permission denied",
]


def logged(name: bytes) -> str:
    """Return a name as sshd writes it: neither quotes nor blanks are escaped."""
    return "".join(chr(byte) if chr(byte) in ' "#*=?[]' else escape_name(bytes([byte])).decode() for byte in name)


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    assert parse_sftp(text) == LINES[text]


@given(name=st.one_of(st.sampled_from(NAMES), st.binary(min_size=1, max_size=30)))
def test_any_name_is_read_as_it_is_and_changes_no_number(name: bytes) -> None:
    text = logged(name)
    closed = parse_sftp(f'close "{text}" bytes read 1 written 2')
    assert closed == Line(CLOSE, name, received=2, sent=1)
    opened = parse_sftp(f'open "{text}" flags READ mode 0600')
    assert opened == Line(OPEN, name, words="READ")
    for verb, kind in (("remove name", REMOVE), ("rmdir name", RMDIR), ("lstat name", LOOK)):
        assert parse_sftp(f'{verb} "{text}"') == Line(kind, name)


@given(old=st.binary(min_size=1, max_size=20), new=st.binary(min_size=1, max_size=20))
def test_a_rename_has_the_true_names_among_its_meanings(old: bytes, new: bytes) -> None:
    line = parse_sftp(f'rename old "{logged(old)}" new "{logged(new)}"')
    assert line is not None
    assert (old, new) in line.meanings


def test_a_name_cannot_give_a_rename_any_number_of_meanings() -> None:
    line = parse_sftp('rename old "/a%s" new "/b"' % ('" new "' * 100))
    assert line is not None
    assert len(line.meanings) == MOST_MEANINGS + 1


def test_names_that_imitate_a_rename_give_several_meanings() -> None:
    line = parse_sftp('rename old "/a" new "/b" new "/c"')
    assert line is not None
    assert line.meanings == ((b"/a", b'/b" new "/c'), (b'/a" new "/b', b"/c"))


@pytest.mark.parametrize("beginning", ['close "/', 'open "/', 'rename old "/', 'remove name "/'])
def test_a_line_that_the_server_cut_is_recognised(beginning: str) -> None:
    assert parse_sftp((beginning + "x" * 2000)[:1023]) == Line(CUT)
    assert parse_sftp(beginning + "x") is None


def test_an_unknown_line() -> None:
    assert parse_sftp("frobnicate") is None
