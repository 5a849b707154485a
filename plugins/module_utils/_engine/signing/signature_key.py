# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key in a signature of OpenSSH's form (PROTOCOL.sshsig). Pure.

"SSHSIG" | uint32 version | string public key or certificate | ...
"""

from __future__ import annotations

import base64
from typing import Optional

from ..trust.key_blob import Validity, validity

_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG" + (1).to_bytes(4, "big")


def signature_validity(armoured: bytes) -> Optional[Validity]:
    """Return the validity of the certificate in a signature; None for a plain key, or for another text."""
    try:
        blob = _string(_unarmoured(armoured), len(_MAGIC))
        return validity(_string(blob, 0).decode("ascii"), blob)
    except ValueError:
        return None


def _unarmoured(armoured: bytes) -> bytes:
    start, end = armoured.index(_BEGIN) + len(_BEGIN), armoured.index(_END)
    content = base64.b64decode(armoured[start:end])
    if not content.startswith(_MAGIC):
        raise ValueError("it is no signature of version 1")
    return content


def _string(data: bytes, position: int) -> bytes:
    """Return the string at a position (RFC 4251 section 5)."""
    start = position + 4
    return data[start : start + int.from_bytes(data[position:start], "big")]
