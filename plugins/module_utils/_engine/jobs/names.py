# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that systemd and the account of a job have in common."""

from __future__ import annotations

UNIT = "secure-sync-%s"
ACCOUNT = "sync-%s"
HOME = "secure_ftp_synchronize/homes/%s"
"""Below /var/lib: the home of the account. The records are elsewhere, where the account cannot write."""
CREDSTORE = "/etc/credstore.encrypted"


def credential_name(job: str, key: str) -> str:
    """Return the name of a stored secret, which is bound to its content: neither jobs nor keys can be swapped."""
    return f"{UNIT % job}.{key}"
