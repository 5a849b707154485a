# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of fail2ban's configuration that watches one service: a drop-in of its own."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Sequence

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


def path_of(drop_in: str, directory: str = DIRECTORY) -> str:
    """Return the path of the drop-in of this name."""
    return "%s/%s" % (directory, _PATH % drop_in)


def text_of(jail: Jail, controller: Optional[str]) -> str:
    """Return the whole drop-in. controller: the address that is never banned, by no jail."""
    always = [*_LOOPBACK, controller] if controller else list(_LOOPBACK)
    return _TEXT.format(
        everywhere=" ".join(always),
        name=jail.name,
        settings="\n".join("%s = %s" % setting for setting in jail.settings.items()),
        here=" ".join(dict.fromkeys([*always, *jail.spared])),
    )
