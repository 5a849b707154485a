# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the packages of a distribution come from: the mirrors that the machine's own apt uses.

Ubuntu comes from the same mirror as Debian where that has both, else from Ubuntu's own place.
"""

from __future__ import annotations

__all__ = ["acquire", "edition", "sources"]

import functools
import hashlib
import platform
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ..running.cache import kept

_LISTS = Path("/var/lib/apt/lists")
_WEEK_SECONDS = 7 * 24 * 3600
_UBUNTU_RELEASES = ("noble",)
_UBUNTU = "http://archive.ubuntu.com/ubuntu"
_UBUNTU_KEYS = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
_APT_HELPER = "/usr/lib/apt/apt-helper"


def acquire() -> str:
    """Give apt's settings for downloads: a proxy or a relaxed check of dates is needed elsewhere too."""
    return _output("apt-config", "dump", "Acquire")


def sources(release: str = "") -> list[str]:
    """Give lines of sources.list for a release, by its code name; the machine's own if none is given.

    For Ubuntu it asks mirrors.
    """
    if release not in _UBUNTU_RELEASES:
        return _of_debian(release)
    mirror = next(filter(lambda each: _serves(each, release), _ubuntu_mirrors()), _UBUNTU)
    suites = (release, f"{release}-updates", f"{release}-security")
    return [f"deb [signed-by={_UBUNTU_KEYS}] {mirror} {suite} main universe" for suite in suites]


def edition(packages: Sequence[str], release: str = "") -> list[object]:
    """Return the inputs that decide a root file system of `packages`, without contacting a mirror.

    The value changes with apt's settings, with newer versions of any of the packages, and each week.
    """
    known = _candidates(tuple(sorted(packages))) if release in ("", _own_release()) else []
    return [_origin(release), known, int(time.time() // _WEEK_SECONDS)]


@functools.cache
def _candidates(packages: tuple[str, ...]) -> list[str]:
    """Return the packages, all that they depend on, and their versions, as the machine's apt knows them: [] if it does
    not know them."""
    lists = [path.read_bytes() for path in sorted(_LISTS.glob("*Release"))]
    known = [hashlib.sha256(b"".join(lists)).hexdigest(), *packages]
    return (kept("candidates", known, functools.partial(_ask_apt, packages)) / "list").read_text().splitlines()


def _ask_apt(packages: Sequence[str], target: Path) -> None:
    """Ask which versions apt would install on an empty system; that takes it seconds."""
    command = ["apt-get", "-qq", "-o", "Dir::State::status=/dev/null", "--simulate", "install", *packages]
    simulated = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    target.mkdir()
    (target / "list").write_text("".join(f"{line}\n" for line in sorted(simulated) if line.startswith("Inst ")))


def _origin(release: str) -> list[str]:
    return [release, *_ubuntu_mirrors()] if release in _UBUNTU_RELEASES else _of_debian(release)


@functools.cache
def _of_debian(release: str = "") -> list[str]:
    """The machine's sources that are reached over the network, one line each, with `release` for its own."""
    form = "deb $(SITE) $(RELEASE) $(COMPONENT)"
    lines = _output("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    own = _own_release()
    return sorted({line.replace(own, release or own) for line in lines if line.startswith("deb http")})


def _own_release() -> str:
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def _ubuntu_mirrors() -> list[str]:
    """Where Ubuntu may be."""
    places = [line.split()[1].rstrip("/") for line in _of_debian()]
    beside = {f"{place.removesuffix('debian')}ubuntu" for place in places if place.endswith("/debian")}
    return [*sorted(beside), _UBUNTU]


def _serves(mirror: str, release: str) -> bool:
    """Whether a mirror has a release; asked as apt would, with the machine's proxy."""
    with tempfile.TemporaryDirectory() as work:
        command = [_APT_HELPER, "download-file", f"{mirror}/dists/{release}/InRelease", str(Path(work, "InRelease"))]
        return not subprocess.run(command, capture_output=True, check=False).returncode


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
