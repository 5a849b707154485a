# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""age in JavaScript (typage, on Node.js): an implementation that shares no code with pyrage and the program age."""

from __future__ import annotations

__all__ = ["opened_by_js", "sealed_by_js"]

import subprocess
from pathlib import Path

from .node_packages import node_packages

_HERE = Path(__file__).with_name("age_js")


def opened_by_js(data: bytes, identity: str) -> bytes:
    """Return the content of a sealed file."""
    return _run("open", identity, data)


def sealed_by_js(data: bytes, recipient: str) -> bytes:
    """Return the sealed form of `data`."""
    return _run("seal", recipient, data)


def _run(action: str, key: str, data: bytes) -> bytes:
    command = ["node", str(_HERE / "age.mjs"), str(node_packages(_HERE)), action]
    return subprocess.run(command, input=key.encode() + b"\n" + data, capture_output=True, check=True).stdout
