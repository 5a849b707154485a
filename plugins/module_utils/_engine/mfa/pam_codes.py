# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether PAM asks an account for codes: sshd names the PAM service for it or, before OpenSSH 9.8, the one PAM service
of sshd has a block with the accounts."""

from __future__ import annotations

import grp
import os
import pwd
import re
from typing import List

from ..sshd.daemon import Effective
from ..sshd.marked_block import block_of

__all__ = ["PAM_FILE", "asks_for_codes"]

PAM_FILE = "/etc/pam.d/sshd"
_SERVICE = "sshd-mfa"
_CODES = "pam_google_authenticator.so"
_NAMES = re.compile(r"^auth .* pam_succeed_if\.so quiet user in (\S+)$", re.MULTILINE)
_GROUP = re.compile(r"^auth .* pam_succeed_if\.so quiet user ingroup (\S+)$", re.MULTILINE)


def asks_for_codes(found: Effective, account: str, path: str = PAM_FILE) -> bool:
    """Return whether PAM asks the account for codes. found: settings of sshd for it. Raises InvalidRequest."""
    if found.get("usepam") != ("yes",):
        return False
    if found.get("pamservicename"):
        return found["pamservicename"] == (_SERVICE,)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            block = block_of(path, file.read())
    except FileNotFoundError:
        return False
    if _CODES not in block:
        return False
    names = [name for found in _NAMES.findall(block) for name in found.split(":")]
    return account in names or any(_is_member(account, group) for group in _GROUP.findall(block))


def _is_member(account: str, group: str) -> bool:
    try:
        found = grp.getgrnam(group)
        return found.gr_gid in _groups(account)
    except KeyError:
        return False


def _groups(account: str) -> List[int]:
    return os.getgrouplist(account, pwd.getpwnam(account).pw_gid)
