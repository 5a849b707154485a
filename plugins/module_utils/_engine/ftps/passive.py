# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port of a data connection, from the replies to EPSV and PASV."""

from __future__ import annotations

import re

from ..errors import ProtocolViolation
from .replies import Reply

EPSV_DONE = 229
PASV_DONE = 227
_EXTENDED = re.compile(rb"\(([\x21-\x7e])\1\1([0-9]{1,5})\1\)")
_NUMBERS = re.compile(rb"(?<![0-9])[0-9]{1,3}(?:,[0-9]{1,3}){3},([0-9]{1,3}),([0-9]{1,3})(?![0-9])")


def port_of(reply: Reply) -> int:
    """Return the TCP port in a 229 (RFC 2428 section 3) or 227 (RFC 959 section 4.1.2). Raises ProtocolViolation.

    The address in a 227 is not looked at: a data connection goes where the control connection goes, or nowhere.
    """
    text = b" ".join(reply.lines)
    if reply.code == EPSV_DONE:
        found = _EXTENDED.search(text)
        port = int(found.group(2)) if found else 0
    else:
        found = _NUMBERS.search(text)
        high, low = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
        port = high * 256 + low if low < 256 else 0
    if not 1 <= port <= 65535:
        raise ProtocolViolation(f"the server's reply has no port for the data connection: {reply.text}")
    return port
