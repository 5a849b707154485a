# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs of the engine between a local directory and a directory of a real server, and their outcomes."""

from __future__ import annotations

__all__ = ["NO_LIMIT", "Ran", "SyncRuns"]

import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
    PUSH,
    DeleteLimit,
    SyncRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import PeerTransport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.connect import open_peer

from ..servers.ssh_server import SshServer

NO_LIMIT = DeleteLimit(100, True)
_ENDPOINT = ("ssh_client", "connect_timeout", "stall_timeout", "host", "port", "username")


class Ran(NamedTuple):
    """One run: its report, and how many seconds it took."""

    report: SyncReport
    seconds: float

    @property
    def errors(self) -> list[SyncError]:
        """All failures, starting with the failure that ended the run."""
        ended = [] if self.report.error is None else [self.report.error]
        items = [outcome.error for outcome in self.report.outcomes if outcome.error is not None]
        return [*ended, *items, *self.report.problems]

    @property
    def codes(self) -> set[str]:
        """The codes of all that went wrong."""
        return {error.code for error in self.errors}

    @property
    def failed(self) -> bool:
        """Return whether the task would fail."""
        return bool(self.errors)

    @property
    def changed(self) -> bool:
        """Return whether the task would be `changed`."""
        return self.report.uncertain or any(outcome.error is None for outcome in self.report.outcomes)

    @property
    def done(self) -> list[tuple[bytes, str, str]]:
        """Return path, action and reason of each success."""
        well = (outcome.action for outcome in self.report.outcomes if outcome.error is None)
        return [(bytes(action.path), action.action, action.reason) for action in well]

    @property
    def moved(self) -> int:
        """Return the bytes of content that crossed the session, from the report."""
        return self.report.stats["bytes_sent"] + self.report.stats["bytes_received"]

    def __str__(self) -> str:
        told = [f"{error.code} {error.path!r}: {error.message}" for error in self.errors]
        return f"changed={self.changed} in {self.seconds:.2f} s, {self.report.stats}, {told}, {self.report.notes}"


class SyncRuns:
    """Runs between `near`, a path here, and `far`, a path in the server's tree as the test sees it.

    through: another endpoint than the server, such as a proxy, with `host` and `port`. Options are options of
    SyncRequest and Endpoint; the constructor's apply to every run. sleeps: pauses before new attempts; they are
    counted, not slept."""

    def __init__(
        self,
        server: SshServer,
        near: Path,
        far: Path,
        *,
        push: bool,
        state_dir: Path,
        through: Any = None,
        **options: Any,
    ) -> None:
        self.server, self.near, self.far, self.push = server, near, far, push
        self.through = through or server
        self.state_dir = state_dir
        self.options = options
        self.sleeps: list[float] = []

    @property
    def hard_links(self) -> bool:
        """Return whether the destination can have them."""
        return True

    @property
    def source(self) -> Path:
        return self.near if self.push else self.far

    @property
    def destination(self) -> Path:
        return self.far if self.push else self.near

    def on(self, server: SshServer) -> SyncRuns:
        """Return the same runs by way of another server that serves the same tree."""
        return type(self)(server, self.near, self.far, push=self.push, state_dir=self.state_dir, **self.options)

    def back(self, near: Path) -> SyncRuns:
        """Return the runs from the far tree to `near`, or from `near` to the far tree: the other direction."""
        return type(self)(
            self.server,
            near,
            self.far,
            push=not self.push,
            state_dir=self.state_dir,
            through=self.through,
            **self.options,
        )

    def request(self, **options: Any) -> SyncRequest:
        asked = {
            "direction": PUSH if self.push else PULL,
            "local_root": os.fsencode(self.near),
            "remote_root": self._remote(),
            **self._login(),
            "state_dir": os.fsencode(self.state_dir),
            "run_id": uuid.uuid4().hex[:16],
            "max_delete": NO_LIMIT,
            **self.options,
            **options,
        }
        endpoint = {name: asked.pop(name) for name in _ENDPOINT if name in asked}
        return SyncRequest(endpoint=self._endpoint(**endpoint), **asked)

    def run(
        self,
        *,
        sleep: Callable[[float], None] | None = None,
        open_peer: Callable[[SyncRequest], PeerTransport] = open_peer,
        **options: Any,
    ) -> Ran:
        """One run. sleep: how to wait before a new attempt."""
        request = self.request(**options)
        begun = time.monotonic()
        report = sync(request, open_peer=open_peer, sleep=sleep or self.sleeps.append)
        return Ran(report, time.monotonic() - begun)

    def good(self, **options: Any) -> Ran:
        """One run in which nothing may go wrong."""
        ran = self.run(**options)
        assert not ran.failed, ran
        return ran

    def _remote(self) -> bytes:
        below = self.far.relative_to(self.server.root)
        return os.fsencode(self.server.remote_root) + b"/" + os.fsencode(below)

    def _login(self) -> dict[str, Any]:
        """The credentials and the trust for the server: options of SyncRequest."""
        return {
            "credentials": Credentials(private_key_file=str(self.server.key.path), ssh_agent=False),
            "trust": SshTrust(host_keys=tuple(self.server.host_public_keys)),
        }

    def _endpoint(self, **options: Any) -> Endpoint:
        where = {"host": self.through.host, "port": self.through.port, "username": self.server.user}
        return Endpoint("sftp", ssh_config_file="none", **{"ssh_client": "openssh", **where, **options})
