# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP proxy in front of a server that counts bytes, adds delay, and breaks connections at an exact byte.

    with Proxy(server.port, delay=0.01) as proxy:
        proxy.arm(Fault("reset", "down", after=100_000))

It is a process of its own, so that it takes no time from the Python that is tested. `up` is from client to server.
"""

from __future__ import annotations

__all__ = ["Fault", "Proxy"]

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from ..running.processes import end, spawn
from .ports import LOOPBACK


@dataclass(frozen=True)
class Fault:
    """A fault of a connection after `after` bytes in `direction` (up, down).

    kind: close (FIN to both sides), reset (RST to both), stall (no further bytes in this direction, no close), flip
    (the lowest bit of the next byte). times: number of affected connections, in the order in which they get there.
    """

    kind: str
    direction: str
    after: int = 0
    times: int = 1


class Proxy:
    """A proxy on a loopback port (`host`, `port`) in front of `target_port`; on a free port unless it is named.

    delay: seconds, each way
    lives: seconds after which every connection is reset; 0 for never
    """

    def __init__(
        self, target_port: int, *, target_host: str = LOOPBACK, delay: float = 0.0, port: int = 0, lives: float = 0.0
    ) -> None:
        self.host, self.port = LOOPBACK, 0
        self._settings = {"host": target_host, "port": target_port, "delay": delay, "listen": port, "lives": lives}
        self._process: subprocess.Popen | None = None

    def arm(self, *faults: Fault) -> None:
        """Add faults for present and later connections."""
        self._ask("arm", faults=[asdict(each) for each in faults])

    def disarm(self) -> None:
        """Forget the faults that did not come about."""
        self._ask("disarm")

    def counts(self) -> tuple[int, int]:
        """Return the bytes that came in so far (from clients, from the server), over all connections."""
        answer = self._ask("counts")
        return answer["up"], answer["down"]

    def connections(self) -> tuple[int, int]:
        """Return the number of connections (open now, ever accepted)."""
        answer = self._ask("counts")
        return answer["open"], answer["accepted"]

    def break_all(self, kind: str = "reset") -> None:
        """Close or reset (`kind`) every present connection now."""
        self._ask("break", kind=kind)

    def stall(self) -> None:
        """Pass no byte of any connection in any direction until `resume`; a black hole."""
        self._ask("stall", on=True)

    def resume(self) -> None:
        """End `stall` and release the bytes that stall faults hold back."""
        self._ask("stall", on=False)

    def refuse(self, *, on: bool = True) -> None:
        """Reset every new connection at once."""
        self._ask("refuse", on=on)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "support.servers.proxy_process", json.dumps(self._settings)]
        environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]))
        self._process = spawn(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
        self.port = self._answer()["port"]
        return self

    def __exit__(self, *_exception: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process)
            process.stdin.close()
            process.stdout.close()

    def _ask(self, command: str, **words: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps({"command": command, **words}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the proxy ended")
        return json.loads(line)
