# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stock client that works in one live session, and logs in again and again whenever the session ends.

with ClientLoop(sftp_loop(host, "partner", key), tmp_path / "sftp.log") as loop:
    loop.until_alive()
    ...
    assert loop.last() < time.time() - 3
"""

from __future__ import annotations

__all__ = ["ClientLoop", "lftp_loop", "sftp_command", "sftp_loop"]

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from ..hosts.ftps_host import FtpsHost
from ..running.processes import end, spawn
from ..servers.ssh_keys import SshKey

_SECONDS = 60.0
_MARK = "SERVED"
# Each answer of the server becomes a line with its time.
_TIMED = 'while IFS= read -r line; do case $line in *"$0"*) echo "$EPOCHREALTIME";; *) echo "# $line";; esac; done'
_SFTP = (
    'while :; do (while echo "ls -1 /"; do sleep 0.2; done) | "$@" 2>&1 | sed -u "s/incoming/SERVED/"; sleep 0.1; done'
)
_LFTP = 'while :; do "$@" 2>&1 | sed -u "s/incoming/SERVED/"; sleep 0.1; done'


def sftp_command(host: FtpsHost, account: str, key: SshKey) -> list[str]:
    """Return the command of OpenSSH's client, which reads its own commands from standard input."""
    options = ("BatchMode=yes", "IdentitiesOnly=yes", f"UserKnownHostsFile={host.host.known_hosts}")
    words = [word for option in options for word in ("-o", option)]
    return ["sftp", "-F", "none", "-i", str(key.path), *words, "-b", "-", f"{account}@{host.host.address}"]


def sftp_loop(host: FtpsHost, account: str, key: SshKey) -> list[str]:
    """Return the loop of OpenSSH's client. The account has a directory incoming."""
    return ["bash", "-c", _SFTP, _MARK, *sftp_command(host, account, key)]


def lftp_loop(host: FtpsHost, account: str, password: str) -> list[str]:
    """Return the loop of lftp over TLS."""
    commands = (
        f"set ssl:ca-file {host.authority / 'ca.pem'}",
        "set ftp:ssl-force true; set ftp:ssl-protect-data true; set cache:enable false",
        "set net:reconnect-interval-base 1; set net:max-retries 1; set cmd:fail-exit false",
        f"open -u '{account},{password}' {host.host.address}",
        "repeat --delay 0.2 cls -1 /",
    )
    return ["bash", "-c", _LFTP, _MARK, "lftp", "-c", "; ".join(commands)]


class ClientLoop:
    """One client. Its log has a line with the time of each answer of the server."""

    def __init__(self, loop: Sequence[str], log: Path) -> None:
        self._loop, self._log = loop, log

    def __enter__(self) -> Self:
        command = ["bash", "-c", f'"$@" | {_TIMED}', _MARK, *self._loop]
        with self._log.open("wb") as log:
            self._process = spawn(command, stdout=log)
        return self

    def __exit__(self, *_exception: object) -> None:
        end(self._process)

    def last(self) -> float:
        """Return the time of the last answer; 0 if there was none."""
        times = [line for line in self._log.read_text().splitlines() if not line.startswith("#")]
        return float(times[-1]) if times else 0.0

    def until_alive(self) -> None:
        """Wait for an answer that comes after this moment."""
        began = time.time()
        while self.last() < began:
            assert time.time() < began + _SECONDS, self._log.read_text()[-2000:]
            time.sleep(0.1)
