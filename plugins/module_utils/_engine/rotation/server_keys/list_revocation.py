# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install a signed list of revoked keys on a server, and end the sessions that it refuses.

1. Ask sshd whether it reads the file for root and for the account; refuse it otherwise (`read_by_sshd`).
2. Under a lock, check the list and plan the files (`signed_list`).
3. Refuse a list that covers the key of this login: its owner would be locked out.
4. Write the files, and end the sessions whose key or certificate the list covers.

The age of a list is reported and never refused: an old list that is newer than the present list revokes more keys.
"""

from __future__ import annotations

from ...system.changes import Changes
from ..server_files import locked_directory
from .read_by_sshd import require_revoked_keys
from .revocation import Revocation, RevocationReport, ended, key_file
from .sessions import Login, spare_the_owner
from .signed_list import Installed, SignedList, planned


def install_list(asked: Revocation, given: SignedList) -> RevocationReport:
    """Check everything, then write the files and end sessions.

    Raises NotSupported (sshd does not read the file), OwnerLockedOut, UnsafePath, OperationFailed and the errors of
    signatures and lists.
    """
    require_revoked_keys(asked.path, ("root", asked.account))
    changes = Changes(check_mode=asked.check_mode)
    name = asked.path.rpartition("/")[2]
    with locked_directory(key_file(asked.path), changes) as directory:
        plan = planned(given, Installed.of(directory, name), asked.keys)

        def refused(login: Login) -> bool:
            return plan.listing.covers(login.fingerprint, ca=login.ca, serial=login.serial, key_id=login.key_id)

        spare_the_owner(refused, "list")
        plan.write(directory, name)
    sessions = ended(refused, check_mode=asked.check_mode) if asked.ends else ()
    return RevocationReport(changes.report().changes, sessions, plan.header, plan.local_keys)
