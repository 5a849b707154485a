# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line to a server that drops: a proxy that resets each connection after so many bytes, in both directions."""

from __future__ import annotations

__all__ = ["Line", "ftps_line", "lines", "sftp_line"]

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ..servers.ports import free_port
from ..servers.proftpd_ftps import ProftpdFtps
from ..servers.proxy import Fault, Proxy
from ..servers.sshd import Sshd
from ..servers.vsftpd import Vsftpd
from .ftps_runs import FtpsRuns
from .sync_runs import SyncRuns

FAR = "127.0.0.2"
"""The address of FTPS servers: their data connections go through proxies at the usual address, with the same port."""
RETRIES = 2


class Line(NamedTuple):
    """A server, its runs, and the proxies: the first to log in, the last for content."""

    server: Any
    runs: type[SyncRuns]
    proxies: list[Proxy]
    options: dict[str, Any]

    def drop(self, after: int, times: int = 99) -> None:
        """Reset each connection for content after so many bytes."""
        for proxy in self.proxies[-1:] if len(self.proxies) < 3 else self.proxies[1:]:
            proxy.arm(*(Fault("reset", way, after=after, times=times) for way in ("up", "down")))

    def carried(self) -> int:
        return sum(self.proxies[-1].counts())

    def scene(self, place: Path, *, push: bool, **options: Any) -> SyncRuns:
        near, far = place / "near", self.server.root / place.name
        for each in (near, far):
            each.mkdir()
        far.chmod(0o755)
        self.server.give(far)
        all_options = {"retries": RETRIES, **self.options, **options}
        return self.runs(
            self.server, near, far, push=push, state_dir=place / "state", through=self.proxies[0], **all_options
        )


def ftps_line(
    stack: ExitStack,
    kind: type[Vsftpd] | type[ProftpdFtps],
    *config: str,
    ports: int = 1,
    lives: float = 0.0,
    **options: Any,
) -> Line:
    """lives: see Proxy. options: of the server."""
    port = free_port(FAR)
    last = port + ports - 1
    passive = (
        (f"PassivePorts {port} {last}",) if kind is ProftpdFtps else (f"pasv_min_port={port}", f"pasv_max_port={last}")
    )
    server = stack.enter_context(kind(address=FAR, config=(*passive, *config), **options))
    proxies = [
        stack.enter_context(Proxy(target, target_host=FAR, port=at, lives=lives))
        for target, at in ((server.port, 0), *((each, each) for each in range(port, last + 1)))
    ]
    return Line(server, FtpsRuns, proxies, {"links": "skip", "parallel": 1})


def sftp_line(stack: ExitStack, **options: Any) -> Line:
    server = stack.enter_context(Sshd(**options))
    return Line(server, SyncRuns, [stack.enter_context(Proxy(server.port))], {})


def lines() -> Any:
    """Return a fixture with a line for each protocol."""

    @pytest.fixture(params=["sftp", "ftps"])
    def line(request: pytest.FixtureRequest) -> Iterator[Line]:
        with ExitStack() as stack:
            yield sftp_line(stack) if request.param == "sftp" else ftps_line(stack, Vsftpd)

    return line
