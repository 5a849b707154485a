# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether PAM asks an account for codes. The settings of sshd do not show that: PAM reads a file, which must be as the
role mfa writes it.

sshd names the PAM service for the account or, before OpenSSH 9.8, its one PAM service has a block with the accounts.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
from typing import List

from ..sshd.daemon import Effective
from ..sshd.marked_block import block_of
from .pam_text import DIRECTORY, PROGRAM, SERVICE, block_text, program_text, service_text

PAM = "/etc/pam.d"
_SSHD = "sshd"
_NAMES = re.compile(r"^auth .* pam_succeed_if\.so quiet user in (\S+)$", re.MULTILINE)
_GROUP = re.compile(r"^auth .* pam_succeed_if\.so quiet user ingroup (\S+)$", re.MULTILINE)


def asks_for_codes(
    found: Effective, account: str, directory: str = DIRECTORY, pam: str = PAM, program: str = PROGRAM
) -> bool:
    """Return whether PAM asks the account for codes. found: settings of sshd for it. Raises InvalidRequest."""
    if found.get("usepam") != ("yes",) or _text(program) not in ("", program_text(directory)):
        return False
    if found.get("pamservicename"):
        text = _text(os.path.join(pam, SERVICE))
        return found["pamservicename"] == (SERVICE,) and text == service_text(directory)
    path = os.path.join(pam, _SSHD)
    block = block_of(path, _text(path))
    names = [name for found in _NAMES.findall(block) for name in found.split(":")]
    groups = _GROUP.findall(block)
    if block != block_text(names, "".join(groups[:1]), directory):
        return False
    return account in names or any(_is_member(account, group) for group in groups)


def _text(path: str) -> str:
    """Return the text of a file; "" if there is none: PAM refuses a login whose program is missing."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _is_member(account: str, group: str) -> bool:
    try:
        found = grp.getgrnam(group)
        return found.gr_gid in _groups(account)
    except KeyError:
        return False


def _groups(account: str) -> List[int]:
    return os.getgrouplist(account, pwd.getpwnam(account).pw_gid)
