# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand a passphrase over to systemd while it starts a unit: through a socket that only root can reach. It is never in
a file, an argument or an environment variable. See LoadCredential= in systemd.exec(5)."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager, suppress
from typing import Iterator

from ..system.background import in_background


@contextmanager
def offered(passphrase: str, path: str) -> Iterator[None]:
    """Give the passphrase to each reader of the socket `path` inside the context."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    os.chmod(os.path.dirname(path), 0o700)
    with suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        giver = in_background(lambda: _give(listener, passphrase.encode()), name="passphrase")
        try:
            yield
        finally:
            os.unlink(path)
            listener.shutdown(socket.SHUT_RDWR)
            giver.join()


def _give(listener: socket.socket, passphrase: bytes) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return  # the context has ended
        with connection, suppress(OSError):
            connection.sendall(passphrase)
