# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest manifest of a signed set that this host has published or accepted, kept in `state_dir`.

It makes an older manifest visible, and a second manifest of the same number.

The name of the file is made of words of the task alone, which are in the file too (`of`). A former version had a path
in it that the server answered; such a file has no `of`.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from .private_file import PrivateFile

PUBLISHED = b"published"
ACCEPTED = b"sets"
"""Directories of state files, for the sender and for the reader of a set."""


class SetState(NamedTuple):
    """The newest known manifest of a set.

    tree: 32 hexadecimal digits
    digest: SHA-256 of the manifest, 64 hexadecimal digits
    issued, first_seen, expires: seconds since 1970
    Of the sender alone: content: digest of SetContent; key: fingerprint; size and mtime (nanoseconds) of
    the manifest's file at the server
    """

    tree: str
    sequence: int
    digest: str
    issued: int
    first_seen: int
    expires: int = 0
    content: str = ""
    key: str = ""
    size: int = -1
    mtime: int = 0


_OPTIONAL: Dict[str, Any] = SetState._field_defaults
_TEXTS = ("tree", "digest", "content", "key")
_KINDS = {name: str if name in _TEXTS else int for name in SetState._fields}


class StateFile:
    """The state of one set. state_dir: see SyncRequest. kind: PUBLISHED or ACCEPTED. words: of the task, which stand
    for the set. former: the words in the name of a former version."""

    def __init__(
        self, state_dir: bytes, kind: bytes, *words: bytes, former: Optional[Tuple[bytes, ...]] = None
    ) -> None:
        self._words = words
        self._file = PrivateFile(state_dir, kind, b"of", *words)
        self._former = None if former is None else PrivateFile(state_dir, kind, *former)
        self.note = ""
        """Why a state that is there was not used, in words."""

    def load(self) -> Optional[SetState]:
        """Return the state; None if there is none, or none that can be believed (see `note`)."""
        try:
            return _parse(self._file.read())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.note = "the state of the signed set is not used: %s" % (getattr(error, "strerror", None) or error)
            return None

    def load_former(self) -> Optional[SetState]:
        """Return the state that a former version kept under its name for the set."""
        with suppress(OSError, ValueError):
            return None if self._former is None else _parse(self._former.read())
        return None

    def newest_former(self, tree: str) -> Optional[SetState]:
        """Return the newest state of a tree that a former version kept. The server decided its name, and could hide
        a newer state by another name."""
        found: List[SetState] = []
        with suppress(OSError, ValueError):
            for content in self._file.every():
                with suppress(ValueError):
                    found.append(_parse(content, former=True))
        return max((each for each in found if each.tree == tree), key=lambda each: each.sequence, default=None)

    def forget_former(self) -> None:
        """Remove the state of a former version, so that it is continued once only."""
        with suppress(OSError):
            if self._former is not None:
                self._former.remove()

    def save(self, state: SetState) -> None:
        """Replace the state. Raises OperationFailed."""
        words = [word.decode("utf-8", "surrogateescape") for word in self._words]
        try:
            self._file.write(json.dumps({**state._asdict(), "of": words}, sort_keys=True).encode() + b"\n")
        except (OSError, ValueError) as error:
            raise OperationFailed(
                "state_dir: the state of the signed set cannot be written: %s"
                % (getattr(error, "strerror", None) or error),
                cure="Make state_dir writable for the user that runs the task, and for no other.",
            ) from None


def _parse(content: bytes, *, former: bool = False) -> SetState:
    values: Dict[str, Any] = json.loads(content)
    values = {**_OPTIONAL, **values} if isinstance(values, dict) and not (former and "of" in values) else {}
    if any(not isinstance(values.get(name), kind) or isinstance(values[name], bool) for name, kind in _KINDS.items()):
        raise ValueError("it has not the expected fields")
    return SetState(**{name: values[name] for name in _KINDS})
