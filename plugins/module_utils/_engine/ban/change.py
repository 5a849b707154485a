# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make, change or remove a jail of fail2ban: test a copy, write, see it run; after an error, restore.

1. Render the drop-in. The address of this login is in its list of addresses that are never banned, so that the
   controller is spared from the first second (`jail`).
2. Compare it with the present file, and ask fail2ban whether the jail runs, also after a boot (`fail2ban`). If both are
   as wanted, nothing is done.
3. Have fail2ban test a copy of its whole configuration with the drop-in.
4. Write the drop-in and restart fail2ban; wait until the jail runs.
5. After an error, write the former text and let fail2ban use it again, then raise the error.

If fail2ban is not installed yet, the drop-in alone is written: so the package's first start already spares the
controller.
"""

from __future__ import annotations

import ipaddress
import os
from typing import NamedTuple, Optional

from ..errors import NotOverSsh
from ..sshd import session
from ..system import durable_files
from . import fail2ban
from .jail import Jail, path_of, text_of


class Report(NamedTuple):
    """The result for one jail.

    path, before, after: the drop-in and its texts, None for no file
    controller: the address that is spared
    missing: fail2ban has to be installed
    changed: whether anything changed or, in check mode, would
    """

    path: str
    before: Optional[str]
    after: Optional[str]
    controller: Optional[str]
    missing: bool
    changed: bool


def apply(drop_in: str, jail: Jail, *, wanted: bool, check_mode: bool) -> Report:
    """Make the jail, or remove it. Raises SyncError with the former drop-in in its place."""
    path, controller = path_of(drop_in), controller_address()
    before, after = _read(path), text_of(jail, controller) if wanted else None
    missing = not fail2ban.installed()
    due = before != after or (wanted and (missing or not fail2ban.watches(jail.name)))
    if due and not check_mode:
        _carry_out(drop_in, jail.name, before, after, missing=missing)
    return Report(path, before, after, controller, wanted and missing, due)


def controller_address() -> Optional[str]:
    """Return the address that this login came from; None for a connection without an address."""
    try:
        return str(ipaddress.ip_address(session.owner().address.partition("%")[0]))
    except (NotOverSsh, ValueError):
        return None


def _carry_out(drop_in: str, jail: str, before: Optional[str], after: Optional[str], *, missing: bool) -> None:
    path = path_of(drop_in)
    if missing:
        _put(path, after)
        return
    fail2ban.check(drop_in, after)
    _put(path, after)
    try:
        if after is None:
            fail2ban.release()
        else:
            fail2ban.take_up(jail)
    except BaseException:
        _put(path, before)
        fail2ban.release()
        raise


def _read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _put(path: str, text: Optional[str]) -> None:
    if text is None:
        durable_files.unlink(path)
    else:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        durable_files.put(path, text.encode("utf-8", "surrogateescape"), 0o644)
