# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login of a key without its certificate: the last attempt of a probe, because the server refuses this login."""

from __future__ import annotations

from typing import Callable, Iterator, List, Optional, Tuple

from ...errors import AuthenticationFailed
from ...model.endpoint import Credentials
from ...model.findings import Finding
from ...model.local_path import local_path
from .catalogue import finding
from .login import SFTP, Account, Outcome, converse

_LONGEST_KEY = 1 << 16


def key_alone(
    account: Account,
    not_checked: List[Tuple[str, str]],
    log_in: Callable[[Account, Tuple[str, ...]], Outcome] = converse,
) -> Iterator[Finding]:
    """Log in by the key alone. Raises the other errors of a login.

    not_checked: gets the reason if the key cannot be tried
    """
    key = without_certificate(account.credentials)
    if key is None:
        not_checked.append(("key alone", "the key is in the agent; set private_key_file or private_key"))
        return
    try:
        log_in(account._replace(credentials=key), SFTP)
    except AuthenticationFailed:
        return
    yield finding("key_alone", "the key logs in without its certificate")


def without_certificate(credentials: Credentials) -> Optional[Credentials]:
    """Return the key of an account as text, since ssh uses a certificate next to a key file; None without a key."""
    text = credentials.private_key
    if credentials.private_key_file is not None:
        with open(local_path(credentials.private_key_file), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_LONGEST_KEY)
    if text is None:
        return None
    return credentials._replace(
        private_key=text, private_key_file=None, certificate=None, certificate_file=None, password=None
    )
