# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An FTPS server whose key and certificate are rotated by playbooks/rotate_certificates.yml, and two clients that hold
it to their pins: another host, `backup`, which calls it `files.example.com`, and this machine, the Ansible controller.

with CertificateScene(directory) as scene:
    scene.rotate(certificate_rotation_max_age=0)
    assert scene.shown() == ...
"""

from __future__ import annotations

__all__ = ["CERTIFICATE", "KEY", "CertificateScene"]

import base64
import hashlib
import json
import ssl
import subprocess
from pathlib import Path
from typing import Any

from ..hosts.ftps_host import PASSWORD, FtpsHost
from ..hosts.host_play import HostPlay
from ..running.other_collections import with_collection
from .rotation_life import NAME, RotationLife

CERTIFICATE = "/etc/secure_ftp_synchronize/ftps_certificate.pem"
KEY = "/etc/secure_ftp_synchronize/ftps_key.pem"
_PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
_CLIENT_PINS = "/etc/ssl/ftps_pins"
_CLIENT_CA = "/etc/ssl/ftps_ca.pem"


class CertificateScene(RotationLife, FtpsHost):
    """system: the server's system; the client has the other. environment: further variables of the controller."""

    PLAYBOOK = _PLAYBOOKS / "rotate_certificates.yml"
    ROLE = "certificate_rotation"
    BEHIND = "These clients did not get the pins or did not log in"

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        RotationLife.__init__(self, system)
        FtpsHost.__init__(self, directory, system)
        self.pins = directory / "controller_pins"
        self.environment = {"PARTNER_PASSWORD": PASSWORD}

    def variables(self, **variables: Any) -> dict[str, Any]:
        """Return the variables of the server's role, and further variables, which win."""
        return FtpsHost.variables(self, **variables)

    def clients(self) -> list[dict[str, Any]]:
        """Return the clients as the role takes them."""
        account = {"username": "partner", "password": PASSWORD, "directory": "incoming"}
        other = {"host": "backup", "path": _CLIENT_PINS, "ca_file": _CLIENT_CA, "name": NAME, "become": True}
        here = {"host": "localhost", "path": str(self.pins), "name": self.host.address}
        return [{**other, **account}, {**here, **account, "ca_file": str(self.authority / "ca.pem")}]

    def synced(self, **options: Any) -> dict[str, Any]:
        """Return the result of a job of `backup`, which has one more file to push each time.

        options: further options.
        """
        task = {
            "secure.ftp_synchronize.secure_sync": {
                "protocol": "ftps",
                "host": NAME,
                "username": "partner",
                "password": PASSWORD,
                "ca_file": _CLIENT_CA,
                "tls_pins_file": _CLIENT_PINS,
                "src": "/srv/tree",
                "dest": "incoming",
                **options,
            },
            "become": True,
            "register": "synced",
            "ignore_errors": True,
        }
        self.on_client("mkdir -p /srv/tree; date > /srv/tree/$(date +%s%N)")
        told = {"ansible.builtin.debug": {"msg": "SYNCED {{ synced | to_json }}"}}
        play = {"hosts": "clients", "gather_facts": False, "tasks": [task, told]}
        done = self._plays().run_text(json.dumps([play]))
        (line,) = [each for each in done.output.splitlines() if "SYNCED " in each]
        text = json.loads("{%s}" % line.strip().rstrip(","))["msg"]
        return json.loads(text.partition("SYNCED ")[2])

    def shown(self) -> str:
        """Return the pin of the key that the server shows."""
        return pin_of(self.certificate())

    def certificate(self) -> bytes:
        """Return the certificate that the server shows, DER."""
        with self.connect() as client:
            client.auth()
            return client.sock.getpeercert(binary_form=True)

    def keys(self) -> list[str]:
        """Return the pins of the keys that lie on the server, the oldest first."""
        script = f"for each in {KEY}.d/*Z; do openssl pkey -in $each/key.pem -pubout; done"
        parts = self.inside(script).split("-----END PUBLIC KEY-----")[:-1]
        return [_pin(base64.b64decode(part.partition("-----BEGIN PUBLIC KEY-----")[2])) for part in parts]

    def pinned(self) -> tuple[list[str], list[str]]:
        """Return the pins that the client and this machine have."""
        return _pins(self.on_client(f"cat {_CLIENT_PINS}")), _pins(self.pins.read_text())

    def requests(self) -> list[str]:
        """Return the directories of keys that wait for a certificate."""
        return self.inside(f"dirname $(ls {KEY}.d/*Z/request.pem)").split()

    def issue(self, directory: str, authority: Path, passphrase: str) -> None:
        """Have an authority sign the request in a directory of the server by openssl, as a third party would."""
        request = self.directory / "request.pem"
        request.write_text(self.inside(f"cat {directory}/request.pem"))
        words = ["openssl", "x509", "-req", "-in", str(request), "-days", "90", "-copy_extensions", "copy"]
        words += ["-CA", str(authority / "ca.pem"), "-CAkey", str(authority / "ca.key"), "-passin", "stdin"]
        signed = subprocess.run(words, input=passphrase, capture_output=True, text=True, check=True).stdout
        self.host.enter("sh", "-c", f"cat > {directory}/issued.pem", input=signed)

    def _set_up(self) -> None:
        done = self.converge()
        assert done.status == 0, done.output
        self.lead(self.host.address)
        self.client.enter("sh", "-c", f"cat > {_CLIENT_CA}", input=(self.authority / "ca.pem").read_text())
        pin = self.shown()
        self.client.enter("sh", "-c", f"umask 077; cat > {_CLIENT_PINS}", input=f"[{NAME}]:21 {pin}\n")
        self.pins.write_text(f"[{self.host.address}]:21 {pin}\n")
        self.pins.chmod(0o600)

    def _plays(self) -> HostPlay:
        groups = {"ftps_servers": {"server": self.host}, "clients": {"backup": self.client}}
        collections = [with_collection("community.crypto")]
        options = {"collections": collections, "groups": groups, "environment": self.environment}
        return HostPlay(self.directory, self.host, **options)


def pin_of(der: bytes) -> str:
    """Return the pin of a certificate's key, by openssl."""
    pem = ssl.DER_cert_to_PEM_cert(der)
    asked = ["openssl", "x509", "-noout", "-pubkey"]
    key = subprocess.run(asked, input=pem, capture_output=True, text=True, check=True).stdout
    return _pin(base64.b64decode("".join(key.splitlines()[1:-1])))


def _pin(info: bytes) -> str:
    return "sha256//" + base64.b64encode(hashlib.sha256(info).digest()).decode()


def _pins(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line]
