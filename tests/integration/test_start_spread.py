# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins of 40 hosts at an sshd with stock limits, at the moments at which start_spread starts their tasks.

ssh itself logs in: 40 modules on one machine would wait for the processor, which spreads them too."""

from __future__ import annotations

import subprocess
import threading
import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.start_spread import start_delay
from support.running.patience import HANG_SECONDS
from support.servers.served import served
from support.servers.sshd import Sshd

HOSTS = [f"app{number:02}.example.com" for number in range(40)]
USUAL_LOGIN = 0.1
"""The seconds of a login for which 4 seconds are enough."""

server = served(Sshd, max_startups="10:30:100")


@pytest.mark.parametrize("seconds", [0.0, 4.0])
def test_logins_that_are_spread_are_not_refused(server: Sshd, seconds: float) -> None:
    slowness = max(1.0, seconds_of_a_login(server) / USUAL_LOGIN)
    delays = [start_delay(host, server.host, seconds * slowness) for host in HOSTS]
    refused = logins(server, delays).count(False)
    print(f"{refused} of {len(HOSTS)} refused in {seconds * slowness:.1f} s")
    assert (refused > 0) == (seconds == 0)


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


def seconds_of_a_login(server: Sshd) -> float:
    """Return the seconds of a login on this machine now."""
    started = time.monotonic()
    assert succeeds(server)
    return time.monotonic() - started
