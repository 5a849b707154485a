# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that drop again and again in the middle of a file: it continues where it stopped, and so does its proof.

A line is a proxy that resets each connection after so many bytes, in both directions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.servers.ports import free_port
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.proxy import Fault, Proxy
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

SIZE, PIECE = 44 << 20, 7 << 20
RETRIES = 2
FAR = "127.0.0.2"
"""The address of FTPS servers: their data connections go through proxies at the usual address, with the same port."""


class Line(NamedTuple):
    """A server, its runs, and the proxies: the first to log in, the last for content."""

    server: Any
    runs: type[SyncRuns]
    proxies: list[Proxy]
    options: dict[str, Any]

    def drop(self, after: int, times: int = 99) -> None:
        """Reset each connection for content after so many bytes."""
        self.proxies[-1].arm(*(Fault("reset", way, after=after, times=times) for way in ("up", "down")))

    def carried(self) -> int:
        return sum(self.proxies[-1].counts())

    def scene(self, place: Path, *, push: bool, **options: Any) -> SyncRuns:
        near, far = place / "near", self.server.root / place.name
        for each in (near, far):
            each.mkdir()
        (self.server.root / place.name).chmod(0o777)
        all_options = {"retries": RETRIES, **self.options, **options}
        return self.runs(
            self.server, near, far, push=push, state_dir=place / "state", through=self.proxies[0], **all_options
        )


def ftps_line(stack: ExitStack, kind: type[Vsftpd] | type[ProftpdFtps], *config: str) -> Line:
    port = free_port(FAR)
    passive = (
        (f"PassivePorts {port} {port}",) if kind is ProftpdFtps else (f"pasv_min_port={port}", f"pasv_max_port={port}")
    )
    server = stack.enter_context(kind(address=FAR, config=(*passive, *config)))
    proxies = [stack.enter_context(Proxy(server.port, target_host=FAR))]
    proxies.append(stack.enter_context(Proxy(port, target_host=FAR, port=port)))
    return Line(server, FtpsRuns, proxies, {"links": "skip", "parallel": 1})


@pytest.fixture(params=["sftp", "ftps"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    with ExitStack() as stack:
        if request.param == "ftps":
            yield ftps_line(stack, Vsftpd)
            return
        server = stack.enter_context(Sshd())
        yield Line(server, SyncRuns, [stack.enter_context(Proxy(server.port))], {})


def content_of(size: int = SIZE) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_file_arrives_over_a_line_that_drops(line: Line, push: bool, tmp_path: Path) -> None:
    """It drops more often than there are retries, both while the file moves and while it is read back."""
    runs = line.scene(tmp_path, push=push, proof="read_back")
    content = content_of()
    (runs.source / "large").write_bytes(content)
    (runs.source / "small").write_bytes(b"small")
    line.drop(PIECE)
    before = line.carried()
    ran = runs.run()
    assert not ran.failed, ran
    assert (runs.destination / "large").read_bytes() == content
    assert sorted(each.name for each in runs.destination.iterdir()) == ["large", "small"]
    carried = line.carried() - before
    print(f"{carried / SIZE:.2f} times the size, for a file that moves twice; {len(runs.sleeps)} pauses")
    assert carried < 2 * 2 * SIZE
    assert len(runs.sleeps) > 2 * RETRIES
    assert max(runs.sleeps) < 1, "each session was useful, so that the pauses stay short"
