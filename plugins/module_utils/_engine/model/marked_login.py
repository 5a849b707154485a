# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of users and files that imitate a line of a log, for attacks whose events are sought afterwards."""

from __future__ import annotations

FORGED_ADDRESS = "192.0.2.66"
"""Of RFC 5737: no client has it."""

FORGED_END = (
    f'" bytes read 0 written 1\nAccepted publickey for root from {FORGED_ADDRESS} port 22 ssh2: ED25519 SHA256:x\n'
    f'[root] OK LOGIN: Client "{FORGED_ADDRESS}"'
).encode()
"""The end of a file name that a careless reader takes for the end of its line and for two logins of root."""


def forged_name(mark: str) -> str:
    """Return a user name that a careless reader of logs takes for a login as root from another address."""
    return f"{mark} from {FORGED_ADDRESS} port 22 ssh2: Accepted publickey for root from {FORGED_ADDRESS}"


def forged_ftp_name(mark: str) -> str:
    """Return a name of a user or a file that a careless reader of vsftpd.log takes for a login from another address.

    Text follows the address, so that the line has a single meaning for a reader of whole lines."""
    return f'{mark}] OK LOGIN: Client "{FORGED_ADDRESS}", 5 bytes'
