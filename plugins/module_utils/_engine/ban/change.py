# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make, change or remove a jail of fail2ban: test a copy, write, see it run; after an error, restore.

1. Render the drop-in, the part of fail2ban's configuration that watches one service. The address of this login is in
   its list of addresses that are never banned, so that the controller is spared from the first second.
2. Compare it with the present file, and ask fail2ban whether the jail runs, also after a boot. If both are as wanted,
   nothing is done.
3. Have fail2ban test a copy of its whole configuration with the drop-in.
4. Write the drop-in and restart fail2ban; wait until the jail runs.
5. After an error, write the former text and let fail2ban use it again, then raise the error.

If fail2ban is not installed yet, the drop-in alone is written: so the package's first start already spares the
controller.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import tempfile
import time
from typing import Mapping, NamedTuple, Optional, Sequence

from ..errors import BanFailed, NotOverSsh
from ..sshd import session
from ..system import durable_files
from ..system.program import ask_program, run_program

_CLIENT = "/usr/bin/fail2ban-client"
_UNIT = "fail2ban.service"
_START_SECONDS = 30.0
DIRECTORY = "/etc/fail2ban"
_LOOPBACK = ("127.0.0.1/8", "::1")
# Drop-ins are read by name, then jail.local: with this name, the administrator's settings for all jails win.
_PATH = "jail.d/00-secure_ftp_synchronize_%s.conf"
_TEXT = """# Managed by Ansible (secure.ftp_synchronize): changes are overwritten.
[DEFAULT]
# A distribution may start a jail for sshd with the package. It spares the controller as well, and reads the journal, as
# systems without a log file would not start it otherwise.
ignoreip = {everywhere}
sshd_backend = systemd

[{name}]
enabled = true
{settings}
ignoreip = %(default/ignoreip)s {here}
"""


class Jail(NamedTuple):
    """A jail of fail2ban.

    settings: its options, by their names in jail.conf(5)
    spared: addresses and networks that it never bans, in addition to those in [DEFAULT]
    """

    name: str
    settings: Mapping[str, str]
    spared: Sequence[str]


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
    missing = not installed()
    due = before != after or (wanted and (missing or not watches(jail.name)))
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
    check(drop_in, after)
    _put(path, after)
    try:
        if after is None:
            release()
        else:
            take_up(jail)
    except BaseException:
        _put(path, before)
        release()
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


def installed() -> bool:
    return os.path.exists(_CLIENT)


def watches(jail: str) -> bool:
    """Return whether the jail runs, also after a boot."""
    return not ask_program("systemctl", "--quiet", "is-enabled", _UNIT).status and _runs(jail)


def check(drop_in: str, text: Optional[str]) -> None:
    """Have fail2ban test a copy of its configuration with the drop-in. Raises BanFailed."""
    with tempfile.TemporaryDirectory(prefix="fail2ban-stage-") as work:
        copy = os.path.join(work, "fail2ban")
        shutil.copytree(DIRECTORY, copy)
        _write(path_of(drop_in, copy), text)
        completed = ask_program(_CLIENT, "-c", copy, "--test")
    if completed.status:
        raise BanFailed(
            f"fail2ban refuses its configuration: {' '.join((completed.err or completed.out).split())}",
            cure=f"Correct the file below {DIRECTORY} that the message names; nothing was changed.",
        )


def take_up(jail: str) -> None:
    """Start it afresh: a reload of fail2ban 1.0 leaves a jail whose action changed without any. Bans stay.

    Raises BanFailed if the jail does not run then.
    """
    run_program("systemctl", "unmask", _UNIT)
    run_program("systemctl", "enable", _UNIT)
    run_program("systemctl", "restart", _UNIT)
    deadline = time.monotonic() + _START_SECONDS
    while not _runs(jail):
        if time.monotonic() > deadline:
            raise BanFailed(f"fail2ban does not start the jail {jail}", cure="Read /var/log/fail2ban.log on the host.")
        time.sleep(0.2)


def release() -> None:
    """Have it forget a jail whose drop-in is gone; the jail's bans end."""
    if not ask_program("systemctl", "--quiet", "is-active", _UNIT).status:
        run_program("systemctl", "restart", _UNIT)


def _runs(jail: str) -> bool:
    """Return whether it watches and can ban."""
    actions = ask_program(_CLIENT, "get", jail, "actions")
    return not actions.status and "No actions" not in actions.out


def _write(path: str, text: Optional[str]) -> None:
    if text is not None:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
    elif os.path.exists(path):
        os.unlink(path)


def path_of(drop_in: str, directory: str = DIRECTORY) -> str:
    return f"{directory}/{_PATH % drop_in}"


def text_of(jail: Jail, controller: Optional[str]) -> str:
    """Return the whole drop-in. controller: the address that is never banned, by no jail."""
    always = [*_LOOPBACK, controller] if controller else list(_LOOPBACK)
    return _TEXT.format(
        everywhere=" ".join(always),
        name=jail.name,
        settings="\n".join("%s = %s" % setting for setting in jail.settings.items()),
        here=" ".join(dict.fromkeys([*always, *jail.spared])),
    )
