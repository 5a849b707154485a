# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing in blocks, for parts of any size."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.block_hash import BlockHash

CONTENT = bytes(range(250))


def expected(block: int) -> bytes:
    return b"".join(hashlib.sha256(CONTENT[at : at + block]).digest() for at in range(0, len(CONTENT), block))


@pytest.mark.parametrize("part", [1, 7, 50, 64, 250])
@pytest.mark.parametrize("block", [1, 50, 64, 250, 300])
def test_parts_of_any_size(block: int, part: int) -> None:
    hashed = BlockHash(block)
    for at in range(0, len(CONTENT), part):
        hashed.update(memoryview(CONTENT)[at : at + part])
    assert hashed.digests() == expected(block)


def test_no_bytes_have_no_block() -> None:
    assert BlockHash(64).digests() == b""


def test_blocks_that_were_hashed_elsewhere() -> None:
    hashed = BlockHash(100)
    hashed.add(hashlib.sha256(CONTENT[:100]).digest())
    hashed.update(CONTENT[100:])
    assert hashed.digests() == expected(100)
