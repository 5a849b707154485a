# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of systemd that has sshd listen, and how it takes up a configuration.

Where systemd holds the sockets for sshd (Ubuntu from 22.10 on), sshd does not open the ports that it is configured for:
a generator makes them a part of the socket's unit, which takes them up when it is restarted, or at the next boot.
"""

from __future__ import annotations

from ..system.program import ask_program, run_program

__all__ = ["SOCKET", "listening_unit", "take_up"]

SOCKET = ".socket"


def listening_unit(service: str) -> str:
    """Return the socket of a service, such as ssh.socket, if it is the listener; else the service."""
    socket = service + SOCKET
    return service if ask_program("systemctl", "--quiet", "is-active", socket).status else socket


def take_up(unit: str) -> None:
    """Have it listen and serve as the configuration says. Sessions stay: they are processes of their own."""
    if unit.endswith(SOCKET):
        run_program("systemctl", "daemon-reload")
    # A few changes in a row are no endless loop, which systemd would take the fifth start in ten seconds for and leave
    # sshd down (systemd.unit(5), StartLimitBurst=).
    ask_program("systemctl", "reset-failed", unit, unit.replace(SOCKET, ""))
    run_program("systemctl", "reload-or-restart", unit)
