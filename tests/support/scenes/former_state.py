# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of state_dir in the form of a former version, whose names had a path that the server answered."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

__all__ = ["former_name", "make_former"]

ACCOUNT = (b"memory", b"files.example.com", b"", b"")
"""Of SyncPair."""


def former_name(*words: bytes) -> str:
    return hashlib.sha256(b"\0".join(words)).hexdigest()


def make_former(state_dir: bytes, kind: str, *words: bytes) -> Path:
    """Give the only state of this version in a directory of state_dir the former form; return its file."""
    directory = Path(os.fsdecode(state_dir)) / kind
    ((path, values),) = (
        (each, values) for each in directory.iterdir() for values in [json.loads(each.read_text())] if "of" in values
    )
    del values["of"]
    former = path.with_name(former_name(*words) + ".json")
    path.rename(former)
    former.write_text(json.dumps(values))
    return former
