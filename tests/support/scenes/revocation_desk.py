# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The desk of a responder: a directory with a signed list of revoked keys, kept by key_revocation_list.

desk = RevocationDesk(tmp_path)
desk.revoke(fingerprints=[lost.fingerprint])
"""

from __future__ import annotations

__all__ = ["NAMESPACE", "PRINCIPAL", "RevocationDesk"]

import shutil
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import key_revocation_list

from ..running.tasks import run_task
from ..servers.ssh_keys import SshKey, key

NAMESPACE = "krl@secure.ftp_synchronize"
PRINCIPAL = "incident@example.com"


class RevocationDesk:
    """signer: the responder's key."""

    def __init__(self, directory: Path, signer: SshKey | None = None) -> None:
        self.directory = directory
        self.signer = signer or key("incident")
        directory.mkdir(exist_ok=True)

    def revoke(self, *, check: bool = False, **options: Any) -> Result:
        """Run key_revocation_list and return its result."""
        given = {"reason": "lost", "responder": "alice", "sign": {"private_key_file": str(self.signer.path)}, **options}
        return run_task(key_revocation_list, check=check, path=str(self.directory), **given)

    def good(self, **options: Any) -> Result:
        result = self.revoke(**options)
        assert "error" not in result, result
        return result

    def copied(self, directory: Path) -> RevocationDesk:
        """Return a desk with a copy of the files, which goes its own way."""
        shutil.copytree(self.directory, directory)
        return RevocationDesk(directory, self.signer)

    @property
    def list(self) -> Path:
        return self.directory / "revoked.krl"

    @property
    def signature(self) -> Path:
        return self.directory / "revoked.krl.sig"

    @property
    def history(self) -> Path:
        return self.directory / "revoked.krl.history"

    @property
    def source(self) -> Path:
        return self.directory / "revoked.yml"

    @property
    def allowed(self) -> str:
        """The responder's line of allowed signers."""
        return f'{PRINCIPAL} namespaces="{NAMESPACE}" {self.signer.public}'

    @property
    def signing(self) -> dict[str, Any]:
        """The key and the signer, as key_revocation_sign of the role."""
        file = str(self.signer.path)
        return {"private_key_file": file, "principal": PRINCIPAL, "allowed_signers": [self.allowed]}

    def sign(self, content: bytes, *, namespace: str = NAMESPACE) -> bytes:
        """Sign any content with the responder's key, by ssh-keygen itself."""
        words = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.signer.path)]
        return subprocess.run(words, input=content, capture_output=True, check=True).stdout

    def put(self, content: bytes, *, namespace: str = NAMESPACE) -> None:
        """Put any content, validly signed, in place of the list."""
        self.list.write_bytes(content)
        self.signature.write_bytes(self.sign(content, namespace=namespace))

    def refuses(self, *keys: SshKey) -> list[bool]:
        """Ask ssh-keygen about each key."""
        return [_status("-Q", "-f", str(self.list), f"{each.path}.pub") == 1 for each in keys]

    def is_signed(self) -> bool:
        """Ask ssh-keygen about the signature."""
        allowed = self.directory / "allowed"
        allowed.write_text(self.allowed + "\n")
        words = ["-Y", "verify", "-f", str(allowed), "-I", PRINCIPAL, "-n", NAMESPACE, "-s", str(self.signature)]
        return _status(*words, content=self.list.read_bytes()) == 0


def _status(*words: str, content: bytes = b"") -> int:
    return subprocess.run(["ssh-keygen", *words], input=content, capture_output=True, check=False).returncode
