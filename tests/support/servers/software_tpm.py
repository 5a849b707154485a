# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TPM 2.0 in software (swtpm), which tpm2-tools reach over TCP. It stands for a device that test hosts do not have.

with SoftwareTpm(directory, "198.51.100.1") as tpm:
    environment = {"TPM2TOOLS_TCTI": tpm.connection}
"""

from __future__ import annotations

__all__ = ["SoftwareTpm"]

import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from ..running.processes import end, spawn

_SECONDS = 30.0
_FIRST_PORT, _LAST_PORT = 21000, 31000


class SoftwareTpm:
    """Runs from `__enter__` to `__exit__`; keeps its keys in the directory."""

    def __init__(self, directory: Path, address: str) -> None:
        self._directory, self._address, self._port = directory, address, 0
        self._process: subprocess.Popen | None = None

    @property
    def connection(self) -> str:
        """Return the way to it, for the environment variable TPM2TOOLS_TCTI."""
        return f"swtpm:host={self._address},port={self._port}"

    def __enter__(self) -> Self:
        self._port = self._port or _two_ports(self._address)
        places = [f"type=tcp,port={port},bindaddr={self._address}" for port in (self._port, self._port + 1)]
        command = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self._directory}", "--flags", "startup-clear"]
        # Each command of tpm2-tools is a connection of its own.
        command += ["--server", places[0] + ",disconnect", "--ctrl", places[1]]
        self._process = spawn(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((self._address, self._port + 1), timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("swtpm did not start")


def _two_ports(address: str) -> int:
    """Return a free port that is followed by another: tpm2-tools expect control and commands side by side."""
    for port in range(_FIRST_PORT, _LAST_PORT, 2):
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind((address, port))
                second.bind((address, port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two free ports")
