# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of content on their way to or from a MemoryTransport, and several transfers in turn."""

from __future__ import annotations

from collections import deque
from typing import Deque, Iterator, Optional

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    SourceFile,
    Staged,
)

from .memory_disk import Node

__all__ = ["block_at", "blocks_of", "damaged", "interleaved"]

_BLOCK = 65536


def blocks_of(opened: SourceFile) -> Iterator[bytes]:
    """To the end; a file that grows all the time is not followed for ever."""
    size = 0
    while size <= opened.size:
        block = opened.read(_BLOCK)
        if not block:
            return
        size += len(block)
        yield block


def block_at(node: Node, offset: int) -> bytes:
    return bytes(node.content[offset : offset + _BLOCK])


def damaged(block: bytes, damage: object, *, first: bool, last: bool) -> bytes:
    if damage == "lose" and last:
        return b""
    return bytes([block[0] ^ 1]) + block[1:] if damage == "flip" and first and block else block


def interleaved(works: Iterator[Iterator[Optional[Staged]]], window: int) -> Iterator[Staged]:
    """Run at most `window` transfers at once, a step of each in turn, as a pipelined session does."""
    active: Deque[Iterator[Optional[Staged]]] = deque()
    more = True
    try:
        while active or more:
            while more and len(active) < window:
                work = next(works, None)
                more = work is not None
                if work is not None:
                    active.append(work)
            if active:
                work = active.popleft()
                staged = next(work)  # it ends with a temporary file, or raises; pylint: disable=stop-iteration-return
                if staged is None:
                    active.append(work)
                else:
                    work.close()
                    yield staged
    finally:
        for work in active:
            work.close()
