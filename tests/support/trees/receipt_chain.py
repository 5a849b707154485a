# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chain of receipts on the disk, written with stock ssh-keygen. A second implementation of the format, which shares
no code with the product.

chain = ReceiptChain(tmp_path)
chain.write(3)
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..servers.ssh_keys import SshKey, key
from ..trees.signed_tree import PRINCIPAL, signed

__all__ = ["LINE", "NAMESPACE", "ReceiptChain"]

NAMESPACE = "receipt@ftp-synchronize"
LINE = f'{PRINCIPAL} namespaces="{NAMESPACE}" {key("receipts").public}'


class ReceiptChain:
    """The receipts of a directory."""

    def __init__(self, directory: Path, *, signer: SshKey | None = None) -> None:
        self.directory = directory
        self.signer = signer or key("receipts")
        directory.mkdir(mode=0o700, exist_ok=True)

    @property
    def numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self.directory.glob("*.json"))

    def path(self, number: int) -> Path:
        return self.directory / f"{number:08d}.json"

    def signature(self, number: int) -> Path:
        return self.directory / f"{number:08d}.json.sig"

    def digest(self, number: int) -> str:
        return hashlib.sha256(self.path(number).read_bytes()).hexdigest()

    def fields(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path(number).read_bytes())
        return found

    def write(self, count: int = 1, **fields: Any) -> None:
        """Write so many receipts after the newest."""
        for _each in range(count):
            number = (self.numbers or [0])[-1] + 1
            prev = self.digest(number - 1) if number > 1 else "0" * 64
            self.put(number, {**self.least(number, prev), **fields})

    def least(self, number: int, prev: str) -> dict[str, Any]:
        at = f"2026-11-26T{number % 24:02d}:00:00Z"
        return {"format": 1, "type": "sync", "seq": number, "prev": prev, "job": "sync", "started": at, "ended": at}

    def put(self, number: int, fields: dict[str, Any]) -> None:
        """Write one receipt under this number with a valid signature, also if its values are wrong."""
        text = (json.dumps(fields, sort_keys=True, separators=(",", ":")) + "\n").encode()
        self.path(number).write_bytes(text)
        self.signature(number).write_bytes(signed(text, self.signer, NAMESPACE))

    def remove(self, *numbers: int) -> None:
        for number in numbers:
            self.path(number).unlink()
            self.signature(number).unlink()

    def move(self, old: int, new: int) -> None:
        """Rename both files."""
        self.path(old).rename(self.path(new))
        self.signature(old).rename(self.signature(new))
