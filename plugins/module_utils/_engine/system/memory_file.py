# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file in memory, for secrets that something reads by a path."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator


@contextmanager
def in_memory(content: bytes) -> Iterator[str]:
    """Yield the path of an anonymous file, which this account alone can read, and only during the block."""
    descriptor = os.memfd_create("secure_sync")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)
