# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS servers without FTP, for features that no FTP server offers: `openssl s_server`, and tlslite-ng for features that
OpenSSL has removed. Certificates of any kind, by `openssl req`.

    with OpensslServer("-tls1_2", "-cipher", "AES128-SHA") as server:
        ...
"""

from __future__ import annotations

__all__ = ["OldTlsServer", "OpensslServer", "made_by_openssl"]

import base64
import hashlib
import itertools
import json
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..judges.judge_programs import judge
from ..running.processes import end, spawn
from ..running.scratch import scratch
from .ports import LOOPBACK, free_port, listens
from .tls_authority import Certificate, certificate_directory

_numbers = itertools.count(1)
_START_SECONDS = 60.0


def made_by_openssl(
    key: str = "ec:P-256",
    *,
    name: str = "127.0.0.1",
    digest: str = "sha256",
    days: int = 80,
    extensions: tuple[str, ...] = ("authorityInfoAccess=OCSP;URI:http://ocsp.example.com/",),
) -> Certificate:
    """Return a certificate that signed itself. key: ec:CURVE, rsa:BITS or ed25519; name: an address or a host name."""
    place = certificate_directory() / f"made-{next(_numbers)}"
    kind, _colon, size = key.partition(":")
    new = {"ec": ["ec", "-pkeyopt", f"ec_paramgen_curve:{size}"], "rsa": [key], "ed25519": ["ed25519"]}[kind]
    names = f"subjectAltName={'IP' if name[0].isdigit() else 'DNS'}:{name}"
    added = [word for each in (names, *extensions) for word in ("-addext", each)]
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", *new, "-nodes", "-days", str(days), "-subj", f"/CN={name}"),
            *(() if kind == "ed25519" else (f"-{digest}",)),
            *(*added, "-keyout", f"{place}.key", "-out", f"{place}.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return described(place, kind)


def described(place: Path, kind: str) -> Certificate:
    """Return the certificate of `place`.pem and `place`.key."""
    chain, secret = Path(f"{place}.pem"), Path(f"{place}.key")
    combined = Path(f"{place}-combined.pem")
    combined.touch(mode=0o600)
    combined.write_text(secret.read_text() + chain.read_text())
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = f"sha256//{base64.b64encode(hashlib.sha256(spki).digest()).decode()}"
    der = ssl.PEM_cert_to_DER_cert(chain.read_text())
    return Certificate(kind=kind, chain=chain, key=secret, combined=combined, pin=pin, der=der)


class _TlsServer:
    """One server, running from `__enter__` to `__exit__`. host, port, certificate: the endpoint."""

    def __init__(self, certificate: Certificate | None) -> None:
        self.certificate = certificate or made_by_openssl()
        self.host, self.port = LOOPBACK, 0
        self._private = scratch("tls")
        self._process: subprocess.Popen | None = None

    def _command(self) -> list[str]:
        raise NotImplementedError

    def log(self) -> str:
        """Return the output of the server."""
        return (self._private / "log").read_text(errors="replace")

    def __enter__(self) -> Self:
        self.port = free_port(self.host)
        with open(self._private / "log", "wb") as log:
            self._process = spawn(self._command(), stdin=subprocess.PIPE, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while not listens([self._process.pid], self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                told = self.log()
                self.__exit__()
                raise RuntimeError(f"the server did not start:\n{told}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_exception: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process)
            process.stdin.close()
        for each in self._private.iterdir():
            each.unlink()
        self._private.rmdir()


class OpensslServer(_TlsServer):
    """`openssl s_server`; `arguments` are further arguments."""

    def __init__(self, *arguments: str, certificate: Certificate | None = None) -> None:
        super().__init__(certificate)
        self._arguments = arguments

    def _command(self) -> list[str]:
        own = ["-cert", str(self.certificate.chain), "-key", str(self.certificate.key)]
        return ["openssl", "s_server", "-accept", f"{self.host}:{self.port}", "-www", *own, *self._arguments]


class OldTlsServer(_TlsServer):
    """tlslite-ng, a TLS written in Python: SSLv3, RC4, 3DES, no encryption. settings: of its HandshakeSettings."""

    def __init__(self, *, certificate: Certificate | None = None, **settings: Any) -> None:
        super().__init__(certificate or made_by_openssl("rsa:2048"))
        self._settings = settings

    def _command(self) -> list[str]:
        given = {
            "port": self.port,
            "certificate": str(self.certificate.chain),
            "key": str(self.certificate.key),
            "settings": self._settings,
        }
        process = Path(__file__).with_name("old_tls_server_process.py")
        return [judge("python"), "-B", str(process), json.dumps(given)]
