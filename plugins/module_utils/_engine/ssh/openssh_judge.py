# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server is proven, decided by its key and the pins; ssh's messages can only add a doubt."""

from __future__ import annotations

from typing import Optional

from ..errors import SyncError, TrustStoreUnreadable
from ..model.endpoint import SshTrust
from ..trust.verifier import HostPins, pins_for, split_host_name
from .openssh_failures import trust_failure
from .openssh_messages import SshLog
from .openssh_witness import ShownKey


def unproven(
    found: Optional[ShownKey], log: SshLog, trust: SshTrust, where: str, *, is_endpoint: bool
) -> Optional[SyncError]:
    """Return why the server is not proven; None if there is no objection, also if it showed no key at all.

    found: the key that the server showed
    is_endpoint: whether the task's own pins apply too
    """
    objection = None
    if found is not None:
        objection = _pins(trust, found.name, is_endpoint=is_endpoint).objection(found.key, where)
    return objection or _doubt(found, log, trust, where)


def _doubt(found: Optional[ShownKey], log: SshLog, trust: SshTrust, where: str) -> Optional[SyncError]:
    """Return the objection in the messages to a server with a valid or unseen key: a jump host of the user's own
    configuration, a certificate, a signature, a file of revoked keys."""
    key = found and found.key
    error = trust_failure(log, where, pinned=False, shown_key=key)
    if error is None or log.unknown_name is None:
        return error
    pinned = _pins(trust, log.unknown_name, is_endpoint=found is not None).is_pinned
    return trust_failure(log, where, pinned=pinned, shown_key=key)


def _pins(trust: SshTrust, name: str, *, is_endpoint: bool) -> HostPins:
    """Return the pins of a server. A file that cannot be read has none, for ssh too: something else may have failed."""
    host, port = split_host_name(name)
    try:
        return pins_for(trust, host, port, is_endpoint=is_endpoint)
    except TrustStoreUnreadable:
        return HostPins((), frozenset())
