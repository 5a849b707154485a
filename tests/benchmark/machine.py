# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine and the versions of the measurement."""

from __future__ import annotations

__all__ = ["facts", "load", "versions"]

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..support.servers.server_root import server_root
from ..support.servers.vsftpd import Vsftpd

_VERSIONS = {
    "OpenSSH (server and client)": ["ssh", "-V"],
    "lftp": ["lftp", "--version"],
    "rclone": ["rclone", "version"],
    "restic": ["restic", "version"],
    "rsync": ["rsync", "--version"],
    "ansible-playbook": [str(Path(sys.executable).with_name("ansible-playbook")), "--version"],
}


def facts() -> dict[str, str]:
    """Processor, memory, kernel, distribution."""
    memory = int(_field("/proc/meminfo", r"MemTotal:\s+(\d+)")) / (1 << 20)
    return {
        "processor": f"{_field('/proc/cpuinfo', r'model name.*: (.+)')}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "distribution": platform.freedesktop_os_release()["PRETTY_NAME"],
    }


def versions() -> dict[str, str]:
    """Each program that is here, and the first line of its version output."""
    found = {"Python": platform.python_version()}
    for name, command in _VERSIONS.items():
        if shutil.which(command[0]) is None:
            continue
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[name] = " ".join((done.stdout or done.stderr).splitlines()[0].split())
    return {**found, "vsftpd": vsftpd()}


def vsftpd() -> str:
    """The version output of the serving vsftpd, on standard input; it has a root file system of its own."""
    asked = ["/bin/sh", "-c", 'exec chroot "$1" /usr/sbin/vsftpd -v <&1', "sh", str(server_root(Vsftpd.packages))]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def load() -> float:
    """The load average of the last minute: how many processes wanted to run."""
    return os.getloadavg()[0]


def _field(file: str, pattern: str) -> str:
    found = re.search(pattern, Path(file).read_text())
    return found[1] if found else "unknown"
