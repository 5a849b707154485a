# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small FTPS server for the tests, whose answers can be made wrong in named ways.

    with ScriptedFtps(tmp_path, "no_mlsd", "cut_listing=3") as server:
        ...

It is a process of its own and serves a real directory as "/". Without a behaviour it answers as a good server does;
`ftps_behaviours.BEHAVIOURS` is the table of them. Its transcript has the commands in the order of their arrival.
"""

from __future__ import annotations

__all__ = ["ScriptedFtps"]

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from ..running.processes import end, spawn
from ..running.scratch import scratch
from ..servers.ftps_server import FtpsOptions, default_certificate
from ..servers.ports import LOOPBACK
from ..servers.tls_authority import Certificate, authority
from .ftps_behaviours import parse
from .ftps_commands import PASSWORD, USER
from .ftps_wire import Command, is_write


class ScriptedFtps:
    """One server, running from `__enter__` to `__exit__`; each behaviour is NAME or NAME=VALUE, bytes percent-encoded.

    root: the served directory. certificate: the server's, a valid certificate by default; authority: its authority.
    tls: the only TLS version, "1.2" or "1.3". host, port, user, password: the endpoint.
    """

    def __init__(
        self,
        root: Path,
        *behaviours: str,
        certificate: Certificate | None = None,
        implicit: bool = False,
        tls: str = "",
    ) -> None:
        for each in behaviours:
            parse(each)  # A misspelt name must fail in the test, not in the server.
        self.options, self.authority = FtpsOptions(implicit=implicit), authority()
        self.certificate = certificate or default_certificate()
        self.root, self.host, self.port = root, LOOPBACK, 0
        self.user, self.password, self.remote_root = USER, PASSWORD, ""
        self._settings = {
            "root": str(root),
            "behaviours": behaviours,
            "certificate": str(self.certificate.combined),
            "implicit": implicit,
            "tls": tls,
        }
        self._private = scratch("ftps")
        self._process: subprocess.Popen | None = None

    def transcript(self) -> list[dict[str, Any]]:
        """Give everything that happened, first thing first."""
        return [json.loads(line) for line in (self._private / "transcript").read_bytes().splitlines()]

    def commands(self) -> list[Command]:
        """Return the commands that came in."""
        told = [each for each in self.transcript() if "command" in each]
        return [
            Command(*(word.encode("latin-1") for word in each["command"]), each["secure"], each["session"], number)
            for number, each in enumerate(told, 1)
        ]

    def writes(self) -> list[Command]:
        """Return the commands that would change the tree."""
        return [command for command in self.commands() if is_write(command)]

    def resumptions(self) -> list[bool]:
        """Return for each data connection whether it resumed a TLS session."""
        return [each["resumed"] for each in self.transcript() if "resumed" in each]

    def stop(self) -> None:
        """End the server and every session; the transcript stays."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
            process.stdout.close()

    def __enter__(self) -> Self:
        # Not isolated from the environment: the mark of the test run is in there.
        command = [sys.executable, "-B", "-m", "support.scripted.scripted_ftps_process", json.dumps(self._settings)]
        command.append(str(self._private / "transcript"))
        environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]))
        self._process = spawn(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, text=True)
        line = self._process.stdout.readline()
        if not line:
            self.__exit__()
            raise RuntimeError("the server did not start")
        self.port = json.loads(line)["port"]
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        shutil.rmtree(self._private, ignore_errors=True)
