# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root file systems of whole distributions, which boot with systemd and have a stock SSH server: see systemd_host.

They are made once and kept by the hash of what they are made of.
"""

from __future__ import annotations

__all__ = ["OWNER", "SYSTEMS", "systemd_image"]

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .apt_sources import acquire, origin, sources
from .server_root import CACHE

OWNER = "admin"
"""The account that owns a host: it logs in with a key and may do everything by sudo."""

_PACKAGES = [
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "python3"),
    *("python3-apt", "sudo", "iproute2", "nftables", "libpam-systemd", "ca-certificates", "procps"),
]
# What roles install, ready in apt's cache: hosts reach no mirror.
_TO_INSTALL = ["vsftpd", "libpam-pwdfile", "python3-cryptography", "fail2ban"]
_LEFT_OUT = ("usr/share/man/*", "usr/share/doc/*", "usr/share/locale/*")
# What is made anew for each host, and what would keep a host from being reached at once.
_CUSTOMIZE = rf"""set -eu
useradd --root "$1" --create-home --shell /bin/bash {OWNER}
echo '{OWNER} ALL=(ALL) NOPASSWD: ALL' > "$1/etc/sudoers.d/{OWNER}"
chmod 0440 "$1/etc/sudoers.d/{OWNER}"
install -d -m 0700 -o 1000 -g 1000 "$1/home/{OWNER}/.ssh"
rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/resolv.conf" "$1/etc/machine-id"
touch "$1/etc/resolv.conf" "$1/etc/machine-id"
rm -f "$1"/var/cache/apt/archives/*.deb
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq --yes --download-only -o APT::Install-Recommends=true \
    install {" ".join(_TO_INSTALL)}
"""


SYSTEMS = {"debian13": "trixie", "debian12": "bookworm", "ubuntu2404": "noble"}
"""The systems, and the code names of their releases."""


def systemd_image(name: str) -> Path:
    """Give the root file system of the system `name`, a key of SYSTEMS. Root only; it takes minutes the first time.

    Nothing may be changed in it: a host lays a directory of its own over it.
    """
    release = SYSTEMS[name]
    key = hashlib.sha256(repr([_PACKAGES, origin(release), _LEFT_OUT, _CUSTOMIZE]).encode()).hexdigest()[:16]
    target = CACHE / f"{name}-{key}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{target.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            _make(target, release)
    return target


def _make(target: Path, release: str) -> None:
    with tempfile.TemporaryDirectory(prefix="making-", dir=CACHE) as work:
        listed, settings, root = Path(work, "sources.list"), Path(work, "apt.conf"), Path(work, "root")
        settings.write_text(acquire())
        listed.write_text("".join(f"{line}\n" for line in sources(release)))
        command = [
            "mmdebstrap",
            "--quiet",
            "--mode=root",
            "--variant=minbase",
            f"--aptopt={settings}",
            f"--include={','.join(_PACKAGES)}",
            *(f"--dpkgopt=path-exclude=/{pattern}" for pattern in _LEFT_OUT),
            f"--customize-hook={_CUSTOMIZE}",
            "--skip=cleanup/apt",
        ]
        made = subprocess.run([*command, release, str(root), str(listed)], capture_output=True, text=True, check=False)
        if made.returncode:
            shutil.rmtree(root, ignore_errors=True)
            raise RuntimeError(f"no root file system of {release}:\n{made.stderr}")
        os.rename(root, target)
