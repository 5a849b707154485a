# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root file systems of whole distributions, which boot with systemd and have a stock SSH server: see systemd_host.

They are created once and kept under the hash of their inputs.
"""

from __future__ import annotations

__all__ = ["OWNER", "SYSTEMS", "systemd_image"]

import functools
import subprocess
import tempfile
from pathlib import Path

from ..running.cache import kept
from .apt_sources import acquire, edition, sources

OWNER = "admin"
"""The account that owns a host: it logs in with a key and may do everything by sudo."""

_PACKAGES = [
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "python3"),
    *("python3-apt", "sudo", "iproute2", "nftables", "libpam-systemd", "ca-certificates", "procps"),
]
# Packages that roles install, ready in apt's cache: hosts reach no mirror.
_TO_INSTALL = [
    *("vsftpd", "libpam-pwdfile", "python3-cryptography", "fail2ban"),
    *("gocryptfs", "fuse3", "fscrypt", "clevis", "clevis-tpm2"),
    "libpam-google-authenticator",
]
# The same without recommended packages.
_TO_INSTALL_ALONE = ["aide"]
_LEFT_OUT = ("usr/share/man/*", "usr/share/doc/*", "usr/share/locale/*")
# Files that are created for each host, and settings that would delay the first connection.
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
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq --yes --download-only --no-install-recommends \
    install {" ".join(_TO_INSTALL_ALONE)}
"""


SYSTEMS = {"debian13": "trixie", "debian12": "bookworm", "ubuntu2404": "noble"}
"""The systems, and the code names of their releases."""


def systemd_image(name: str) -> Path:
    """Return the root file system of the system `name`, a key of SYSTEMS. Root only; it takes minutes the first time.

    Nothing may be changed in it: a host lays a directory of its own over it.
    """
    release = SYSTEMS[name]
    ingredients = [
        name,
        _PACKAGES,
        edition([*_PACKAGES, *_TO_INSTALL, *_TO_INSTALL_ALONE], release),
        _LEFT_OUT,
        _CUSTOMIZE,
    ]
    return kept("rootfs", ingredients, functools.partial(_make, release))


def _make(release: str, root: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        listed, settings = Path(work, "sources.list"), Path(work, "apt.conf")
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
            raise RuntimeError(f"no root file system of {release}:\n{made.stderr}")
