# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of blocks, and the checksum of one of them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import (
    MOST_BLOCKS,
    Blocks,
    block_size,
    checksum,
    checksum_at,
)

KIB, GIB = 1 << 10, 1 << 30


@pytest.mark.parametrize(
    ("size", "block"),
    [(0, 64 * KIB), (16 << 20, 64 * KIB), (GIB, 64 * KIB), (GIB + 1, 128 * KIB), (1 << 44, GIB)],
)
def test_the_size_of_blocks(size: int, block: int) -> None:
    assert block_size(size) == block
    assert -(-size // block) <= MOST_BLOCKS


@pytest.mark.parametrize(("strong", "length"), [(True, 32), (False, 4)])
def test_one_checksum_of_many(strong: bool, length: int) -> None:
    first, second = checksum(b"a", strong=strong), checksum(b"b", strong=strong)
    assert len(first) == len(second) == length
    blocks = Blocks(1, first + second, strong)
    assert [checksum_at(blocks, number) for number in (0, 1, 2)] == [first, second, b""]
