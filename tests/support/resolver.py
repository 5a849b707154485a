# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small DNS server on 127.0.0.1:53, for a network namespace of its own: it knows one host and its SSHFP records.

It stands in for a validating resolver: whether its answers say so (the AD bit) is what the tests choose.
"""

from __future__ import annotations

__all__ = ["HOST", "Resolver"]

import base64
import hashlib
import socket
import struct
import threading

HOST = "files.test"
_A, _SSHFP, _SHA256 = 1, 44, 2
_ALGORITHMS = {"ssh-rsa": 1, "ecdsa-sha2-nistp256": 3, "ssh-ed25519": 4}


class Resolver:
    """Answers until the process ends. public_keys: `TYPE BASE64`; validated: the AD bit."""

    def __init__(self, public_keys: list[str], *, validated: bool) -> None:
        self._records = {_A: [bytes([127, 0, 0, 1])], _SSHFP: [_record(public) for public in public_keys]}
        self._flags = 0x8180 | (0x20 if validated else 0)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(4096)
            end = query.index(b"\0", 12) + 5
            (kind,) = struct.unpack(">H", query[end - 4 : end - 2])
            answers = [
                b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
                for data in self._records.get(kind, [])
            ]
            header = query[:2] + struct.pack(">HHHHH", self._flags, 1, len(answers), 0, 0)
            self._socket.sendto(header + query[12:end] + b"".join(answers), client)


def _record(public: str) -> bytes:
    kind, encoded = public.split()[:2]
    return bytes([_ALGORITHMS[kind], _SHA256]) + hashlib.sha256(base64.b64decode(encoded)).digest()
