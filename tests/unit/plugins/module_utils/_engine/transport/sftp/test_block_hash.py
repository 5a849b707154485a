# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing in blocks, for parts of any size."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Blocks, checksum
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.delta_upload import (
    BlockHash,
)

CONTENT = bytes(range(250))


def expected(block: int, *, strong: bool) -> Blocks:
    parts = [CONTENT[at : at + block] for at in range(0, len(CONTENT), block)]
    return Blocks(block, b"".join(checksum(part, strong=strong) for part in parts), strong)


@pytest.mark.parametrize("strong", [True, False])
@pytest.mark.parametrize("part", [1, 7, 50, 64, 250])
@pytest.mark.parametrize("block", [1, 50, 64, 250, 300])
def test_parts_of_any_size(block: int, part: int, strong: bool) -> None:
    hashed = BlockHash(block, strong=strong)
    for at in range(0, len(CONTENT), part):
        hashed.update(memoryview(CONTENT)[at : at + part])
    assert hashed.blocks() == expected(block, strong=strong)


def test_no_bytes_have_no_block() -> None:
    assert BlockHash(64, strong=True).blocks() == Blocks(64, b"", True)


@pytest.mark.parametrize("strong", [True, False])
def test_blocks_that_were_hashed_elsewhere(strong: bool) -> None:
    hashed = BlockHash(100, strong=strong)
    hashed.add(checksum(CONTENT[:100], strong=strong))
    hashed.update(CONTENT[100:])
    assert hashed.blocks() == expected(100, strong=strong)
