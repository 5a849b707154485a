# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""goss on a host, as a third opinion on the settings of sshd: it asks `sshd -T` and matches the lines itself.

assert opinion(host, ["root"]) == {("6.2", "root")}
"""

from __future__ import annotations

__all__ = ["opinion"]

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..hosts.systemd_host import SystemdHost

_PROGRAM = "/usr/local/bin/goss"
_CIPHER = r"(chacha20-poly1305@openssh\.com|aes(128|256)-gcm@openssh\.com|aes(128|192|256)-ctr)"
_CIPHERS = f"/^ciphers {_CIPHER}(,{_CIPHER})*$/"
_NO_PASSWORD = "/^passwordauthentication no$/"
_NO_ROOT = "/^(passwordauthentication no|permitrootlogin (no|without-password|prohibit-password))$/"


def opinion(host: SystemdHost, accounts: Iterable[str]) -> set[tuple[str, str]]:
    """Return each row and account whose settings goss refuses."""
    program = Path(shutil.which("goss") or "goss").read_bytes()
    host.enter("sh", "-c", f"cat >{_PROGRAM} && chmod 755 {_PROGRAM}", text=False, input=program)
    tests = {f"{row} {name}": _test(name, line) for name in accounts for row, line in _lines(name).items()}
    told = json.dumps({"command": tests})
    said = host.enter(_PROGRAM, "--gossfile", "-", "validate", "--format", "json", input=told, check=False)
    results = json.loads(said.stdout)["results"]
    assert len(results) == 2 * len(tests), said.stdout
    row_and_name = [each["resource-id"].split() for each in results if not each["successful"]]
    return {(row, name) for row, name in row_and_name}


def _lines(name: str) -> dict[str, str]:
    return {"6.2": _CIPHERS, "2.1": _NO_ROOT if name == "root" else _NO_PASSWORD}


def _test(name: str, line: str) -> dict[str, Any]:
    asked = f"sshd -T -C user={name},host=client.example.com,addr=192.0.2.1"
    return {"exec": asked, "exit-status": 0, "stdout": [line]}
