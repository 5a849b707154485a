# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real pure-ftpd on a free loopback port, TLS on both channels: a third opinion on FTP.

It cannot speak implicit TLS, nor demand a client's certificate, nor that data connections resume the session of the
control connection.
"""

from __future__ import annotations

__all__ = ["PureFtpd"]

import socket
import threading
from pathlib import Path
from typing import Any

from .ftps_server import FtpsServer
from .server import RUN, write_public

# The server has no option for versions, but OpenSSL reads its own configuration.
_OPENSSL = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = versions
[versions]
MinProtocol = TLSv{lowest}
MaxProtocol = TLSv{highest}
"""


class PureFtpd(FtpsServer):
    """One pure-ftpd; `transcript` has its messages to syslog, which is a thread of the test."""

    packages = ("pure-ftpd",)

    def __init__(self, root: Path | None = None, **options: Any) -> None:
        super().__init__(root, **{"reuse": False, **options})
        asked = self.options
        if asked.implicit or asked.reuse or asked.client_authority:
            raise ValueError("pure-ftpd cannot do that")
        self._syslog = _Syslog(self._private / "syslog", self._private / "commands")

    def transcript(self) -> str:
        self._syslog.settle()
        return (self._private / "commands").read_text(errors="replace")

    def __exit__(self, *exception: object) -> None:
        self.stop()
        # Before its socket is removed with the private directory.
        self._syslog.close()
        super().__exit__(*exception)

    def _write_configuration(self, port: int) -> list[str]:
        asked, private = self.options, f"{RUN}/private"
        versions = sorted(asked.versions)
        write_public(self._private / "openssl.cnf", _OPENSSL.format(lowest=versions[0], highest=versions[-1]))
        arguments = [
            f"--bind={self.host},{port}",
            "--login=unix",
            "--tls=3",
            f"--certfile={private}/server.pem",
            "--tlsciphersuite=HIGH",
            "--passiveportrange=20000:31999",
            # Of a file it would make a program.
            f"--umask={int(asked.umask, 8) | 0o111:03o}:{asked.umask}",
            f"--maxclientsnumber={asked.max_clients or 1000}",
            f"--maxclientsperip={asked.max_per_ip or 1000}",
            # Without an explicit limit, it silently lists at most 10,000 names.
            "--limitrecursion=10000000:1000",
            "--noanonymous",
            "--dontresolve",
            "--verboselog",
            "--displaydotfiles",
            "--pidfile=/run/pure-ftpd.pid",
            *(["--chrooteveryone"] if asked.jail else []),
        ]
        return ["/usr/sbin/pure-ftpd", *arguments, *asked.config]


class _Syslog:
    """Receives datagrams at `place` and appends them to `target`, a line each."""

    def __init__(self, place: Path, target: Path) -> None:
        target.touch()
        self._place, self._target = str(place), target
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._place)
        place.chmod(0o666)
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Return when all that was sent before has been written."""
        self._settled.clear()
        self._tell(b"settle")
        assert self._settled.wait(10), "the log is not read"

    def close(self) -> None:
        self._tell(b"close")
        self._thread.join(10)
        self._socket.close()

    def _tell(self, word: bytes) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(word, self._place)

    def _receive(self) -> None:
        with open(self._target, "ab", buffering=0) as target:
            while (message := self._socket.recv(65536)) != b"close":
                if message == b"settle":
                    self._settled.set()
                else:
                    target.write(message.rstrip(b"\n\0") + b"\n")
