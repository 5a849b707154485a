# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an FTPS server below a directory, and an authority: a rotation of its key and certificate without
clients and without a server.

host = CertificateModel(tmp_path / "host").provide()
host.sign(host.step("advanced", max_age=0.0))
"""

from __future__ import annotations

__all__ = ["DAY", "NAMES", "CertificateModel"]

import os
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import Self

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.openssl_keys import (
    Subject,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.phases import (
    Schedule,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.steps import (
    Report,
    Request,
    certify,
    step_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.store import (
    Place,
    Store,
)
from cryptography.hazmat.primitives import serialization

from ..servers.tls_authority import authority

PEM_KEY = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
DAY = 86400.0
NAMES = ["files.example.com", "192.0.2.1"]
NEVER = Schedule(max_age=365 * DAY, renew_before=0.0, announce=14 * DAY, overlap=14 * DAY)
"""The certificates of the tests are valid for a day."""


class CertificateModel:
    """root: the directory."""

    def __init__(self, root: Path) -> None:
        self.root, self.signer = root, authority()
        self.place = Place(str(root / "certificate.pem"), str(root / "key.pem"))
        self.now = 0.0

    def provide(self) -> Self:
        self.root.mkdir(parents=True)
        given = self.signer.server(*NAMES)
        for source, target in ((given.chain, self.place.certificate), (given.key, self.place.key)):
            shutil.copy(source, target)
            os.chmod(target, 0o600)
        return self

    def step(self, state: str, *, held: bool = False, **times: float) -> Report:
        self.now = max(self.now, time.time()) + 5  # names are a second apart
        return step_of(state, self.request(held=held, **times), self.now, check_mode=False)

    def request(self, *, held: bool = False, **times: float) -> Request:
        return Request(self.place, Subject(NAMES), NEVER._replace(**times), held)

    def sign(self, report: Report, hours: float = 48, **times: float) -> Report:
        """Have everything signed that is wanted."""
        for wanted in report.wanted:
            text = self.signed(Path(wanted.generation.request_file), hours)
            report = certify(self.request(**times), text, self.now, check_mode=False)
        return report

    def signed(self, request: Path, hours: float = 48) -> str:
        pair = self.root / "authority.pem"
        key = self.signer.key.private_bytes(*PEM_KEY)
        pair.write_bytes(self.signer.file.read_bytes() + key)
        words = ["openssl", "x509", "-req", "-in", str(request), "-CA", str(pair), "-CAkey", str(pair)]
        words += ["-copy_extensions", "copy", "-days", str(hours // 24)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def fits(self) -> str:
        """Return the pin that a starting server would serve; raise ssl.SSLError if it would not start."""
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.place.certificate, self.place.key)
        return Store(self.place).current().pin

    def names(self) -> list[str]:
        return sorted(os.listdir(self.place.directory)) if os.path.isdir(self.place.directory) else []
