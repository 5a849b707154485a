# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real clamd of Debian on a socket of its own, with a signature database of the test's own.

with Clamd() as clamd:
    clamd.socket

It knows the EICAR test file and FORBIDDEN. Its database is an unsigned `daily.cud`, so that VERSION has a time.
"""

from __future__ import annotations

__all__ = ["FORBIDDEN", "Clamd", "clamd_option", "packed_clamd"]

import hashlib
import io
import shutil
import socket
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any, Self

from ..running.processes import end, spawn
from ..running.scratch import scratch
from .server_root import server_root

FORBIDDEN = b"a word that must not leave"
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!$H+H*"
_START_SECONDS = 60.0
_LIMITS = {"StreamMaxLength": "4M", "MaxFileSize": "4M", "MaxScanSize": "8M", "AlertExceedsMax": "yes"}


def packed_clamd() -> bytes:
    """Return an archive of /opt/clamd for a host: the program with its libraries, signatures, and a configuration.

    It serves /run/clamav/clamd.ctl. The command is /opt/clamd/start.
    """
    root = server_root(["clamav-daemon"])
    loader, libraries = root / "lib64/ld-linux-x86-64.so.2", root / "usr/lib/x86_64-linux-gnu"
    listed = subprocess.run(
        [str(loader), "--library-path", str(libraries), "--list", str(root / "usr/sbin/clamd")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = [Path(word) for line in listed.splitlines() for word in line.split() if word.startswith(str(libraries))]
    settings = {"LocalSocket": "/run/clamav/clamd.ctl", "DatabaseDirectory": "/opt/clamd/db", "Foreground": "yes"}
    start = "#!/bin/sh\nexec /opt/clamd/ld.so --library-path /opt/clamd /opt/clamd/clamd -c /opt/clamd/clamd.conf\n"
    texts = {
        "clamd.conf": "".join(f"{name} {value}\n" for name, value in {**settings, **_LIMITS}.items()).encode(),
        "start": start.encode(),
        "db/daily.cud": _database(_signatures(), time.time() - 3600),
        "ld.so": loader.read_bytes(),
        "clamd": (root / "usr/sbin/clamd").read_bytes(),
        **{path.name: path.read_bytes() for path in found},
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in texts.items():
            member = tarfile.TarInfo(f"opt/clamd/{name}")
            member.size, member.mode = len(data), 0o755
            tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def clamd_option(socket_path: Path, **more: Any) -> dict[str, Any]:
    """Return the suboption `clamd`, with a size that the server's limits admit."""
    return {"socket": str(socket_path), "max_size": "2M", **more}


class Clamd:
    """Runs from `__enter__` to `__exit__`. made: time of its signatures. eicar: whether its database has the test file.
    config: settings of clamd.conf."""

    def __init__(self, *, made: float | None = None, eicar: bool = True, **config: str) -> None:
        self._directory = scratch("clamd")
        self.socket = self._directory / "clamd.ctl"
        self._config = {**_LIMITS, **config}
        self._process: subprocess.Popen | None = None
        (self._directory / "db").mkdir()
        (self._directory / "tmp").mkdir()
        self.install(time.time() - 3600 if made is None else made, eicar=eicar)

    def install(self, made: float, *, eicar: bool = True) -> None:
        """Replace the signatures; a clamd that runs reads them at its next start."""
        self.made = made
        (self._directory / "db" / "daily.cud").write_bytes(_database(_signatures(eicar=eicar), made))

    def start(self) -> None:
        root = server_root(["clamav-daemon"])
        settings = {
            "LocalSocket": self.socket,
            "DatabaseDirectory": self._directory / "db",
            "TemporaryDirectory": self._directory / "tmp",
            "LogFile": self._directory / "log",
            "Foreground": "yes",
            "MaxThreads": "4",
            **self._config,
        }
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        (self._directory / "clamd.conf").write_text(text)
        loader, libraries = root / "lib64/ld-linux-x86-64.so.2", root / "usr/lib/x86_64-linux-gnu"
        command = [str(loader), "--library-path", str(libraries), str(root / "usr/sbin/clamd")]
        with (self._directory / "out").open("wb") as out:
            self._process = spawn([*command, f"--config-file={self._directory / 'clamd.conf'}"], stdout=out, stderr=out)
        until = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"clamd did not start:\n{self.log}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.socket))
            except OSError:
                return False
            return True

    @property
    def log(self) -> str:
        return "".join(path.read_text() for name in ("log", "out") if (path := self._directory / name).exists())

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        shutil.rmtree(self._directory, ignore_errors=True)


def _signatures(*, eicar: bool = True) -> bytes:
    found = {"Test.Word.1:0:*": FORBIDDEN, **({"Eicar-Test-Signature:0:0": _EICAR} if eicar else {})}
    return "".join(f"{name}:{content.hex()}\n" for name, content in found.items()).encode()


def _database(signatures: bytes, made: float) -> bytes:
    """Return the container of a database: a header of 512 bytes, and a tar with a list of its members."""

    def header(digest: str) -> bytes:
        words = time.strftime("%d %b %Y %H-%M +0000", time.gmtime(made))
        return f"ClamAV-VDB:{words}:27001:2:90:{digest}:x:tester:{made:.0f}".encode()

    members = {"COPYING": b"none\n", "daily.ndb": signatures}
    lines = [f"{name}:{len(data)}:{hashlib.sha256(data).hexdigest()}" for name, data in members.items()]
    members["daily.info"] = header("0" * 32) + ("\n" + "\n".join(lines) + "\n").encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    digest = hashlib.md5(packed.getvalue(), usedforsecurity=False).hexdigest()
    return header(digest).ljust(512) + packed.getvalue()
