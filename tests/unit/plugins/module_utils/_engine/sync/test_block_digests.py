# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded block digests as bytes."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import UnusableManifest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Blocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.changed_blocks import (
    RecordedBlocks,
    read_blocks,
    write_blocks,
)

RECORDED = RecordedBlocks(b"d" * 32, 130, -5, Blocks(64, bytes(range(96)), True))
WEAK = RECORDED._replace(blocks=Blocks(64, bytes(range(12)), False))
DATA = write_blocks(b"pair name", RECORDED)


def test_what_was_written_is_read() -> None:
    assert read_blocks(DATA, b"pair name") == RECORDED
    assert len(DATA) < 260
    assert read_blocks(write_blocks(b"pair name", WEAK), b"pair name") == WEAK


@pytest.mark.parametrize("at", range(0, len(DATA), 7))
def test_a_changed_byte_is_found(at: int) -> None:
    with pytest.raises(UnusableManifest):
        read_blocks(DATA[:at] + bytes([DATA[at] ^ 1]) + DATA[at + 1 :], b"pair name")


@pytest.mark.parametrize("size", [0, 31, 32, 80, len(DATA) - 1])
def test_a_truncated_record_is_found(size: int) -> None:
    with pytest.raises(UnusableManifest, match="truncated"):
        read_blocks(DATA[:size], b"pair name")


@pytest.mark.parametrize("name", [b"pair other", b"pair nam", b"pair name2"])
def test_the_record_of_another_file(name: bytes) -> None:
    with pytest.raises(UnusableManifest, match="another file"):
        read_blocks(DATA, name)


@pytest.mark.parametrize(
    "recorded",
    [
        RECORDED._replace(size=128),
        RECORDED._replace(size=193),
        RECORDED._replace(blocks=Blocks(0, b"", True)),
        WEAK._replace(size=128),
    ],
)
def test_a_digest_for_each_block(recorded: RecordedBlocks) -> None:
    with pytest.raises(UnusableManifest, match="each block"):
        read_blocks(write_blocks(b"pair name", recorded), b"pair name")
