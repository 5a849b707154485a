# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root file systems of Debian packages for servers that must not be installed on the machine.

The packages and all that they depend on are unpacked, not configured: no maintainer script runs and no account is made.
"""

from __future__ import annotations

__all__ = ["server_root"]

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

from ..hosts.apt_sources import acquire, edition, sources
from ..running.cache import kept

_FILES = {
    "etc/passwd": "",
    "etc/group": "",
    "etc/shadow": "",
    # Loopback needs no resolver, and one that does not answer costs seconds at every look-up.
    "etc/resolv.conf": "",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
}
_PLACES = ("run", "dev", "proc", "tmp")
_LEFT_OUT = ("usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*")


def server_root(packages: Sequence[str], release: str = "") -> Path:
    """Return a root file system with `packages`, from the machine's own package source; created once, then kept.

    release: the code name of another Debian than the machine's own, or of an Ubuntu. Root only, about 10 s to create.
    Callers mount their changes over it and never write to it.
    """
    ingredients = [sorted(packages), edition(packages, release), _FILES]
    return kept("rootfs", ingredients, functools.partial(_make, packages, release))


def _make(packages: Sequence[str], release: str, root: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        listed, settings = Path(work, "sources.list"), Path(work, "apt.conf")
        listed.write_text("".join(f"{line}\n" for line in sources(release)))
        settings.write_text(acquire())
        include = ",".join(["base-files", *packages])
        command = [
            "mmdebstrap",
            "--quiet",
            "--mode=root",
            "--variant=extract",
            f"--aptopt={settings}",
            f"--include={include}",
        ]
        made = subprocess.run([*command, "", str(root), str(listed)], capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(f"no root file system for {', '.join(packages)}:\n{made.stderr}")
    for pattern in _LEFT_OUT:
        for found in root.glob(pattern):
            shutil.rmtree(found, ignore_errors=True)
    for name, text in _FILES.items():
        (root / name).unlink(missing_ok=True)
        (root / name).write_text(text)
    for name in _PLACES:
        (root / name).mkdir(exist_ok=True)
    root.chmod(0o755)
