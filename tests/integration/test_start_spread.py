# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins of 40 hosts at an sshd with stock limits, at the moments at which start_spread starts their tasks.

ssh itself logs in: 40 modules on one machine would wait for the processor, which spreads them too."""

from __future__ import annotations

import subprocess
import threading
import time

from ansible_collections.secure.ftp_synchronize.plugins.action.secure_sync import start_delay
from support.running.patience import HANG_SECONDS
from support.servers.served import served
from support.servers.sshd import Sshd

HOSTS = [f"app{number:02}.example.com" for number in range(40)]
SECONDS = 4.0
"""Enough on an idle machine. Logins take longer on a busy machine, as they do over a slow network."""

server = served(Sshd, max_startups="10:30:100")


def test_logins_that_are_spread_are_not_refused(server: Sshd) -> None:
    assert refused(server, 0.0) > 0
    assert 0 in (refused(server, factor * SECONDS) for factor in (1, 2, 4, 8, 16))


def refused(server: Sshd, seconds: float) -> int:
    """Return how many logins are refused if they are spread over this time."""
    delays = [start_delay(host, server.host, seconds) for host in HOSTS]
    count = logins(server, delays).count(False)
    print(f"{count} of {len(HOSTS)} refused in {seconds:.0f} s")
    return count


def logins(server: Sshd, delays: list[float]) -> list[bool]:
    """Log in after each of these delays; return which logins succeeded."""
    results: list[bool] = []

    def log_in(delay: float) -> None:
        time.sleep(delay)
        results.append(succeeds(server))

    threads = [threading.Thread(target=log_in, args=(delay,)) for delay in delays]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


def succeeds(server: Sshd) -> bool:
    """Return whether a login succeeds."""
    command = ["ssh", "-F", str(server.client_config), "server", "-s", "sftp"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=HANG_SECONDS)
    return done.returncode != 255
