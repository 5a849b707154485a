# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package that the host's lists do not know is installed after the lists were refreshed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost

PACKAGE = "libpam-pwdfile"

# Hosts reach no mirror: apt's cache of packages becomes a repository that knows its files.
EMPTY_LISTS = r"""set -eu
cd /var/cache/apt/archives
for file in *.deb; do
    dpkg-deb --field "$file"
    sum=$(sha256sum "$file")
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "${sum%% *}"
done > Packages
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
"""
SOURCE = "echo 'deb [trusted=yes] file:/var/cache/apt/archives ./' > /etc/apt/sources.list"


def installs(package: str) -> dict[str, Any]:
    """Return the task that installs a package as the roles do."""
    return {"name": "Install it", "secure.ftp_synchronize.host_system": {"packages": [package]}}


@pytest.mark.parametrize("system", ["debian13", "ubuntu2404"])
def test_empty_lists_are_refreshed(tmp_path: Path, system: str) -> None:
    tasks = [installs(PACKAGE)]
    with SystemdHost(system) as host:
        host.enter("sh", "-c", EMPTY_LISTS + SOURCE)
        play = HostPlay(tmp_path, host)
        done = play.run(tasks)
        assert done.status == 0, done.output
        assert "install ok installed" in host.enter("dpkg-query", "--status", PACKAGE).stdout
        again = play.run(tasks)
        assert (again.status, again.count("changed")) == (0, 0), again.output


def test_a_package_that_no_list_knows_is_an_error(tmp_path: Path) -> None:
    with SystemdHost("debian13") as host:
        host.enter("sh", "-c", EMPTY_LISTS + SOURCE)
        done = HostPlay(tmp_path, host).run([installs("no-such-package")])
        assert done.status != 0
        assert "no-such-package" in done.output
