# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RootWords: the two roots of a run in messages: the option, the path as it was given, the host."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator, NamedTuple

from ..errors import ItemError, NotFound, SourceMissing
from ..model.display import display
from ..model.request import PUSH, SyncRequest

_WILDCARDS = b"*?["
_CORRECT = "Correct %s, or mount its file system."


class RootWords(NamedTuple):
    """A root of the run in messages.

    option: src or dest
    path: as the operator gave it
    host: where it lies, "this host" for the module's own
    """

    option: str
    path: bytes
    host: str

    @classmethod
    def source(cls, request: SyncRequest) -> RootWords:
        return cls._of("src", request, local=request.direction == PUSH)

    @classmethod
    def destination(cls, request: SyncRequest) -> RootWords:
        return cls._of("dest", request, local=request.direction != PUSH)

    @classmethod
    def _of(cls, option: str, request: SyncRequest, *, local: bool) -> RootWords:
        path = request.local_root if local else request.remote_root
        return cls(option, path, "this host" if local else request.endpoint.host)

    def says(self, fact: str) -> str:
        """Return a message: the root, and `fact` about it."""
        return f"{self.option}: '{display(self.path)}' on {self.host} {fact}"

    @contextmanager
    def in_errors(self, fact: str, cure: str = "") -> Iterator[None]:
        """Begin errors that are raised inside with `fact`, which names this root. cure: of errors without a cure."""
        try:
            yield
        except ItemError as error:
            text = self.says(f"{fact}: {error.message}")
            raise error.at(error.path, message=text, cure=cure) from error

    def missing(self, fact: str) -> SourceMissing:
        """Return the error of a source that cannot be synced."""
        pattern = any(character in self.path for character in _WILDCARDS)
        cure = "%s takes no wildcards: set it to the directory, and select files with include." if pattern else _CORRECT
        return SourceMissing(self.says(fact), cure=cure % self.option)

    def no_parent(self) -> NotFound:
        """Return the error of a destination whose parent directory is missing."""
        parent = os.path.dirname(self.path) or b"."
        return NotFound(
            self.says(f"cannot be made: its parent directory '{display(parent)}' does not exist"),
            cure=f"Set create_parents to true, or correct {self.option}.",
        )
