# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults for a MemoryTransport, and a record of its operations."""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Optional, Tuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, SyncError

__all__ = ["Faults", "Match"]

Match = bytes | Callable[[bytes], bool] | None
"""Which paths a rule means: one path, those for which a function is true, or all."""


class _Rule(NamedTuple):
    operation: str
    match: Match
    what: object
    left: List[float]

    def hits(self, operation: str, path: bytes) -> bool:
        if self.left[0] <= 0 or operation != self.operation:
            return False
        return self.match is None or (self.match(path) if callable(self.match) else self.match == path)


class Faults:
    """The rules of one transport. Operations are counted and named: the methods of the contract, and for transfers
    "upload" and "download" (opening; with the final path), "upload.write" and "download.read" (each block of
    64 KiB), "upload.finish"; "scan" counts each page.

    disconnect_at: number of the operation (from 0) at which the session ends; effect_before_loss: whether that
    operation still takes effect at the far end without a reply. on_operation: called before each operation with its
    name and path: a test changes the trees from there, or raises."""

    def __init__(self) -> None:
        self.disconnect_at: Optional[int] = None
        self.effect_before_loss = False
        self.on_operation: Optional[Callable[[str, bytes], None]] = None
        self.reconnect_errors: List[SyncError] = []
        self.log: List[Tuple[str, bytes]] = []
        self.connected = True
        self._rules: List[_Rule] = []

    @property
    def operations(self) -> int:
        """How many operations were asked for so far."""
        return len(self.log)

    def asked(self, operation: str) -> List[bytes]:
        """The paths for which `operation` was asked, in order."""
        return [path for name, path in self.log if name == operation]

    def fail(self, operation: str, match: Match, error: SyncError, *, times: float = float("inf")) -> None:
        """Let `operation` end with `error`: part of the result of a bulk operation's item, else raised. An error that
        ends the session does so."""
        self._rules.append(_Rule(operation, match, error, [times]))

    def forget(self) -> None:
        """Let nothing fail any more."""
        self._rules.clear()

    def lose_write(self, match: Match, *, times: float = float("inf")) -> None:
        """Omit the last block of these transfers (by final path), and report success."""
        self._rules.append(_Rule("damage", match, "lose", [times]))

    def flip(self, match: Match, *, times: float = float("inf")) -> None:
        """The first byte of these transfers (by final path) arrives changed."""
        self._rules.append(_Rule("damage", match, "flip", [times]))

    def change_source(self, match: Match, *, times: float = float("inf")) -> None:
        """These sources (by source path) grow while they are read."""
        self._rules.append(_Rule("change", match, "grow", [times]))

    def cut_listing(self, match: Match, after: int, error: SyncError, *, times: float = float("inf")) -> None:
        """The listing of these directories ends after so many entries, with a problem."""
        self._rules.append(_Rule("cut", match, (after, error), [times]))

    def lie(self, match: Match, digest: bytes, *, times: float = float("inf")) -> None:
        """Report this SHA-256 for these files (`digest_by_server` only)."""
        self._rules.append(_Rule("lie", match, digest, [times]))

    def take(self, operation: str, path: bytes) -> object:
        """Return the effect of the first matching rule, used up once; None without a match."""
        for rule in self._rules:
            if rule.hits(operation, path):
                rule.left[0] -= 1
                return rule.what
        return None

    def begin(self, operation: str, path: bytes) -> bool:
        """Count one operation and raise its fault; return whether the session ends after its effect."""
        if not self.connected:
            raise ConnectionLost("the session has ended")
        number = len(self.log)
        self.log.append((operation, bytes(path)))
        if self.on_operation is not None:
            self.on_operation(operation, bytes(path))
        if number == self.disconnect_at:
            self.connected = False
            if not self.effect_before_loss:
                raise ConnectionLost("the session ended")
            return True
        error = self.take(operation, path)
        if isinstance(error, ConnectionLost):
            self.connected = False
        if isinstance(error, SyncError):
            raise error
        return False

    def reconnect(self) -> None:
        self.connected = False
        self.log.append(("reconnect", b""))
        if self.reconnect_errors:
            raise self.reconnect_errors.pop(0)
        self.connected = True
