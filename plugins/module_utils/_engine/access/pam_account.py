# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether PAM lets an account in that has expired.

sshd with `UsePAM yes` leaves that to PAM, whose service may lack the module that looks at the date. Its account
management is therefore run as sshd runs it (pam_acct_mgmt(3)), in a child process.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Iterator

from ..errors import OperationFailed
from ..rotation.server_keys.read_by_sshd import Ask, asked

_LIBRARY = "libpam.so.0"
_ASKED = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
_SILENT, _CONV_ERR = 0x8000, 19
_LETS_IN = (0, 12)  # PAM_SUCCESS, PAM_NEW_AUTHTOK_REQD: sshd demands a new password after the login
_SECONDS = 30
_REFUSED, _ADMITTED, _UNKNOWN = range(3)


class _Conversation(ctypes.Structure):
    _fields_ = [("asked", _ASKED), ("data", ctypes.c_void_p)]


def require_refused(account: str, *, ask: Ask = asked) -> None:
    """Raise OperationFailed if a service of sshd admits the account, or if PAM does not answer."""
    for service in _services(account, ask):
        status = _status(service, account)
        if status != _REFUSED:
            fact = "admits it although it has expired" if status == _ADMITTED else "does not answer"
            raise OperationFailed(
                f"account: PAM's service {service} {fact}, so {account} may be able to log in",
                cure=f"Add the line `account required pam_unix.so` to /etc/pam.d/{service}, then run this again.",
            )


def _services(account: str, ask: Ask) -> Iterator[str]:
    if "yes" in ask(account, "usepam"):
        yield from dict.fromkeys(ask(account, "pamservicename") or ("sshd",))


def _status(service: str, account: str) -> int:
    child = os.fork()
    if not child:
        _answer(service, account)
    status = os.waitpid(child, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else _UNKNOWN


def _answer(service: str, account: str) -> None:
    """End this process with the status."""
    signal.alarm(_SECONDS)
    status = _UNKNOWN
    try:
        pam, handle = ctypes.CDLL(_LIBRARY), ctypes.c_void_p()
        conversation = ctypes.byref(_Conversation(_ASKED(lambda *_given: _CONV_ERR)))
        if not pam.pam_start(os.fsencode(service), os.fsencode(account), conversation, ctypes.byref(handle)):
            status = _ADMITTED if pam.pam_acct_mgmt(handle, _SILENT) in _LETS_IN else _REFUSED
    finally:
        os._exit(status)
