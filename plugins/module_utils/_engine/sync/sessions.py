# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: opens the two sides of a run; RootWords: the two roots in messages. It loads only the modules that a login
needs: see engine.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple, Optional, Sequence

from ..errors import ItemError, NotFound, SourceMissing
from ..model.display import display
from ..model.request import PUSH, SyncRequest
from ..model.tree import DIRECTORY, FILE
from ..transport.base import LocalSide, PeerTransport, Transport
from .backoff import Backoff
from .progress import Progress
from .retry import Retrying

if TYPE_CHECKING:
    from ..content.check import ContentCheck
    from .sealing import SealedRun
_WILDCARDS = b"*?["
_CORRECT = "Correct %s, or mount its file system."


class Openers(NamedTuple):
    """Make the two sides of a request: rooted at its local_root and its remote_root."""

    local: Callable[[SyncRequest], LocalSide]
    peer: Callable[[SyncRequest], PeerTransport]


class Begun(NamedTuple):
    """Both sides, of which the peer's login goes on still. source_kind: of a local source, "" for a pull."""

    local: LocalSide
    peer: Retrying
    source_kind: str


class Sessions:
    """Opens, and goes to the parent directory where a root turns out to be a single file: in the same session where the
    peer can, since a login is dear and servers count them."""

    def __init__(
        self, request: SyncRequest, openers: Openers, backoff: Backoff, stack: ExitStack, progress: Progress
    ) -> None:
        self.request = request
        self.progress = progress
        self._openers = openers
        self._backoff = backoff
        self._stack = stack
        self.push = request.direction == PUSH
        self.peer: Optional[Retrying] = None
        self._session: Optional[PeerTransport] = None
        self._begun: Optional[Begun] = None
        self.sealed: Optional[SealedRun] = None
        self.content: Optional[ContentCheck] = None

    def begin(self) -> Begun:
        """Check a local source, then start the login; once. Raises SourceMissing, and the errors of the openers."""
        if self._begun is None:
            local = self.open_local(self.request.local_root)
            kind = source_kind(local, RootWords.source(self.request)) if self.push else ""
            self._begun = Begun(local, self.open_peer(self.request.remote_root), kind)
        return self._begun

    def open_local(self, root: bytes) -> LocalSide:
        checked = self.request.content_check is not None
        local = self._checked(root) if checked else self._openers.local(self.request._replace(local_root=root))
        self._stack.callback(local.close)
        return self._sealing().over(local) if self.request.sealed else local

    def _checked(self, root: bytes) -> LocalSide:
        """Return the tree with checked contents. Its modules are loaded for such a run only."""
        # pylint: disable=import-outside-toplevel
        from ..content.check import ContentCheck
        from ..content.local import CheckedLocal

        self.content = self.content or ContentCheck(self.request)
        return CheckedLocal(root, self.content, durable=self.request.durable, sends=self.push)

    def _sealing(self) -> SealedRun:
        """Return the sealed files of the run. Their modules are loaded for such a run only."""
        from .sealing import SealedRun  # pylint: disable=import-outside-toplevel

        self.sealed = self.sealed or SealedRun(self.request, self._stack)
        return self.sealed

    def open_peer(self, root: bytes) -> Retrying:
        if self.peer is not None and self._session is not None:
            if self._session.move_root(root):
                return self.peer
            self.peer.close()
        request = self.request._replace(remote_root=root)
        self._session = self._backoff.attempt(lambda: self._openers.peer(request))
        self.peer = Retrying(self._session, self._backoff)
        self._stack.callback(self.peer.close)
        return self.peer

    def wait(self, seconds: float) -> None:
        """Wait for something else than a session."""
        self._backoff.wait(seconds)

    def give_up(self) -> bool:
        """Open no session again after a loss. Return False if that was called before."""
        return self._backoff.give_up()

    @property
    def session(self) -> Retrying:
        """Return the peer; begin if that was not done yet."""
        return self.peer or self.begin().peer

    @property
    def local_notes(self) -> Sequence[str]:
        """Return notes for the operator about this host's side."""
        return [] if self._begun is None else self._begun.local.notes

    def open_source(self, root: bytes) -> Transport:
        return self.open_local(root) if self.push else self.open_peer(root)

    def open_destination(self, root: bytes) -> Transport:
        return self.open_peer(root) if self.push else self.open_local(root)


def source_kind(source: Transport, words: RootWords) -> str:
    """DIRECTORY or FILE. Raises SourceMissing."""
    try:
        entry = source.root_entry()
    except ItemError as error:
        raise words.missing(f"cannot be read: {error.message}") from error
    if entry is None:
        raise words.missing("does not exist")
    if entry.kind not in (DIRECTORY, FILE):
        raise words.missing("is neither a directory nor a regular file")
    return entry.kind


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
