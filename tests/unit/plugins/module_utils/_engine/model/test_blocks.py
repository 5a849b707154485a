# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of blocks, and the digest of one of them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import (
    MOST_BLOCKS,
    block_size,
    digest_at,
)

KIB, GIB = 1 << 10, 1 << 30


@pytest.mark.parametrize(
    ("size", "block"),
    [(0, 64 * KIB), (16 << 20, 64 * KIB), (GIB, 64 * KIB), (GIB + 1, 128 * KIB), (1 << 44, GIB)],
)
def test_the_size_of_blocks(size: int, block: int) -> None:
    assert block_size(size) == block
    assert -(-size // block) <= MOST_BLOCKS


def test_one_digest_of_many() -> None:
    digests = b"a" * 32 + b"b" * 32
    assert [digest_at(digests, number) for number in (0, 1, 2)] == [b"a" * 32, b"b" * 32, b""]
