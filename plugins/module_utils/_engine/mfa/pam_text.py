# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files by which PAM asks for one-time codes. The role mfa writes them; mfa_info and the audit compare with them.

Before OpenSSH 9.8, sshd has one PAM service for all accounts, whose file gets a block at its head.

The settings of sshd do not show whether PAM asks an account for codes: PAM reads a file, which must be as the role mfa
writes it. sshd names the PAM service for the account or, before OpenSSH 9.8, the block has the accounts.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
from typing import List, Sequence

from ..sshd.daemon import Effective
from ..sshd.marked_block import block_of

DIRECTORY = "/etc/secure_ftp_synchronize/mfa"
PROGRAM = "/usr/local/lib/secure_ftp_synchronize/mfa_enrolment"
SERVICE = "sshd-mfa"
_NAMES_A_LINE = 20
"""PAM reads lines of at most 1023 bytes before its version 1.6. A name has at most 32 characters."""
_MANAGED = "# Managed by Ansible (secure.ftp_synchronize.mfa): changes are overwritten."
_CODE = """\
# A code of the account logs in. Without a code, only an account that is pending logs in. The last line is only
# reached after a right code; sshd, which sets credentials in another process, needs it.
auth [success=1 default=ignore] pam_google_authenticator.so secret=%s/seeds/${USER} user=root allowed_perm=0400
auth [success=done default=die] pam_exec.so quiet %s pending
auth optional pam_exec.so quiet %s accepted
"""
_SERVICE_TEXT = """\
%s
%sauth required pam_permit.so
account include sshd
password include sshd
session include sshd
"""
_BLOCK_TEXT = """\
%s This sshd has no PAMServiceName (OpenSSH 9.8).
# The accounts of the first lines are asked for a code and for nothing else. All others continue after the block.
%sauth [success=ignore auth_err=4 user_unknown=4 ignore=4 default=die] pam_succeed_if.so quiet user ingroup %s
%sauth [success=done default=die] pam_permit.so
"""
_NAMES = (
    "auth [success=%d auth_err=ignore user_unknown=ignore ignore=ignore default=die] "
    "pam_succeed_if.so quiet user in %s\n"
)
_PROGRAM_TEXT = """\
#!/bin/sh
%s
# PAM runs it for a login of PAM_USER. pending: succeed if the account may still log in without a code.
# accepted: a code of the account was accepted.
set -u
directory=%s
case ${PAM_USER:?} in */* | . | ..) exit 1 ;; esac
case ${1:?} in
pending)
    read -r deadline < "$directory/pending/$PAM_USER" || exit 1
    [ "$(date +%%s)" -lt "$deadline" ]
    ;;
accepted)
    rm -f -- "$directory/pending/$PAM_USER"
    : > "$directory/accepted/$PAM_USER"
    ;;
*) exit 1 ;;
esac
"""
PAM = "/etc/pam.d"
_SSHD = "sshd"
_FACTORS = re.compile(r"^auth .* pam_succeed_if\.so quiet user in (\S+)$", re.MULTILINE)
_GROUP = re.compile(r"^auth .* pam_succeed_if\.so quiet user ingroup (\S+)$", re.MULTILINE)


def service_text(directory: str = DIRECTORY) -> str:
    """Return the file of the PAM service SERVICE."""
    return _SERVICE_TEXT % (_MANAGED, _code(directory))


def block_text(names: Sequence[str], group: str, directory: str = DIRECTORY) -> str:
    """Return the block for these accounts and the members of a group."""
    batches = [names[first : first + _NAMES_A_LINE] for first in range(0, len(names), _NAMES_A_LINE)]
    lines = [_NAMES % (len(batches) - number, ":".join(batch)) for number, batch in enumerate(batches)]
    return _BLOCK_TEXT % (_MANAGED, "".join(lines), group, _code(directory))


def program_text(directory: str = DIRECTORY) -> str:
    """Return the program that PAM runs for pending accounts."""
    return _PROGRAM_TEXT % (_MANAGED, directory)


def _code(directory: str) -> str:
    return _CODE % (directory, PROGRAM, PROGRAM)


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
    names = [name for found in _FACTORS.findall(block) for name in found.split(":")]
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
