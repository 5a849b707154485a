# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The explanation of a refused upload, by the cases of statvfs@openssh.com: no blocks, no inodes, neither."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.upload import no_space

FAILURE = OperationFailed("Failure", path=b"d/f")


def reply(*, frsize: int = 4096, blocks: int = 1000, available: int, files: int = 100, inodes: int) -> bytes:
    """OpenSSH's PROTOCOL, section 4.4: eleven numbers of 64 bits."""
    return struct.pack(">11Q", 4096, frsize, blocks, available + 50, available, files, inodes, inodes, 0, 0, 255)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (reply(available=0, inodes=50), "is full"),
        (reply(available=15, inodes=50), "is full"),
        (reply(available=0, inodes=0), "is full"),
        (reply(available=500, inodes=0), "no free inodes"),
    ],
)
def test_there_is_no_space(said: bytes, words: str) -> None:
    found = no_space(said, FAILURE, 100)
    assert isinstance(found, NoSpace)
    assert words in found.message
    assert (found.path, bool(found.cure)) == (b"d/f", True)


@pytest.mark.parametrize(
    "said",
    [
        reply(available=16, inodes=50),
        reply(blocks=0, available=0, inodes=50),  # a file system that counts no blocks, as some network file systems
        reply(available=500, files=0, inodes=0),  # and one that makes inodes as it goes, as btrfs
        reply(available=0, inodes=0)[:-1],
        b"",
    ],
)
def test_there_is_space_or_nobody_knows(said: bytes) -> None:
    assert no_space(said, FAILURE, 65536) is FAILURE


def test_a_file_that_is_larger_than_what_is_left() -> None:
    said = reply(available=50, inodes=50)
    assert no_space(said, FAILURE, 50 * 4096) is FAILURE
    assert isinstance(no_space(said, FAILURE, 50 * 4096 + 1), NoSpace)


def test_it_says_how_full() -> None:
    found = no_space(reply(available=0, inodes=50), FAILURE, 700)
    assert found.message == "the server's file system is full: 0.0 of 3.9 MiB are free; the file has 700 bytes"
