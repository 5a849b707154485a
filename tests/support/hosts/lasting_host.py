# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that outlive the program that starts them, for Molecule: `scripts/host start GROUP/NAME SYSTEM`, `stop ...`.

With `vault` after SYSTEM, vaults can be mounted on the host. `.cache/hosts/GROUP/ssh_config` has the address and the
key of each host of the group for ssh.
"""

from __future__ import annotations

__all__ = ["main", "start", "stop"]

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from .systemd_host import SystemdHost, remove_cgroup
from .systemd_image import OWNER
from .vault_host import VaultHost

_KINDS = {"plain": SystemdHost, "vault": VaultHost}
_HOSTS = Path(__file__).resolve().parents[3] / ".cache" / "hosts"
_SSH_CONFIG = f"""Host {{name}}
    HostName {{host.address}}
    HostKeyAlias {{host.address}}
    User {OWNER}
    IdentityFile {{directory}}/key
    IdentitiesOnly yes
    UserKnownHostsFile {{directory}}/known_hosts
    GlobalKnownHostsFile none
"""


def start(name: str, system: str, kind: str = "plain") -> bool:
    """Start the host `name`, or do nothing if it runs; return whether it was started."""
    directory = _HOSTS / name
    if _running(directory):
        return False
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    host = _KINDS[kind](system, directory=directory, lasting=True)
    shutil.copy(host.key.path, directory / "key")
    try:
        host.start()
    except BaseException:
        host.stop()
        raise
    (directory / "link").write_text(host.link)
    (directory / "ssh_config").write_text(_SSH_CONFIG.format(name=directory.name, host=host, directory=directory))
    (directory.parent / "ssh_config").write_text(f"Include {directory.parent}/*/ssh_config\n")
    (directory / "pid").write_text(f"{host.pid} {_started(host.pid)}")
    return True


def stop(name: str) -> bool:
    """End the host `name`; return whether it existed."""
    directory = _HOSTS / name
    if not directory.exists():
        return False
    if _running(directory):
        os.kill(_recorded(directory)[0], signal.SIGKILL)
        while _running(directory):
            time.sleep(0.02)
        remove_cgroup((directory / "link").read_text())
    shutil.rmtree(directory)
    return True


def _running(directory: Path) -> bool:
    """Return whether the recorded process still runs: its id may have been reused."""
    try:
        pid, started = _recorded(directory)
        return _started(pid) == started
    except (FileNotFoundError, ProcessLookupError):
        return False


def _recorded(directory: Path) -> tuple[int, str]:
    pid, started = (directory / "pid").read_text().split()
    return int(pid), started


def _started(pid: int) -> str:
    """When a process began, in ticks since the boot."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def main(words: list[str]) -> None:
    """Run the command line and print whether it changed anything."""
    done = start(*words[1:]) if words[0] == "start" else stop(*words[1:])
    print("changed" if done else "unchanged")


if __name__ == "__main__":
    main(sys.argv[1:])
