# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the pages of chroot_jail and ftps_server run as written, on a stock host, and run again unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hosts.ftps_host import HASH
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.servers.tls_authority import Validity, authority

PLAYS = ("roles/chroot_jail/README.md", "roles/ftps_server/README.md", "docs/ftps_server.md")
EXAMPLES = [
    pytest.param(text, id=f"{page} {number}")
    for page in PLAYS
    for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S))
]
SECRETS = {"PARTNER_HASH": HASH, "COLLECTOR_HASH": HASH, "CA_PASSPHRASE": "of the authority"}


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    """A stock host with the certificate that the pages name."""
    certificate = authority().server("files.example.com", validity=Validity(-1, 24 * 60))
    with SystemdHost("debian13") as host:
        for name, file in (("ftp_chain.pem", certificate.chain), ("private/ftp.pem", certificate.key)):
            script = f"mkdir -p /etc/ssl/private && umask 077 && cat > /etc/ssl/{name}"
            host.enter("sh", "-c", script, input=file.read_text())
        yield host


def play(directory: Path, host: SystemdHost, text: str, *options: str) -> Outcome:
    # One host for all pages: each leaves out accounts of others.
    options = (*options, "-e", "chroot_jail_unlisted=close")
    return HostPlay(directory, host, environment=SECRETS).run_text(text, *options)


def runs_twice(directory: Path, host: SystemdHost, text: str, *options: str) -> None:
    first = play(directory, host, text, *options)
    assert first.status == 0, first.output
    assert first.count("changed") > 0
    assert "[DEPRECATION" not in first.output
    again = play(directory, host, text, *options)
    assert (again.status, again.count("changed")) == (0, 0), again.output


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_play_runs_and_runs_again(tmp_path: Path, host: SystemdHost, text: str) -> None:
    runs_twice(tmp_path, host, text)


def test_the_accounts_of_the_page_by_the_playbook(tmp_path: Path, host: SystemdHost) -> None:
    playbook = (ROOT / "playbooks/provision_jail.yml").read_text()
    for text in re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/chroot_jail.md").read_text(), re.M | re.S):
        (tmp_path / "accounts.yml").write_text(text)
        runs_twice(tmp_path, host, playbook, "-e", "jail_hosts=files", "-e", f"@{tmp_path}/accounts.yml")


def test_the_playbook_of_the_ftps_server(tmp_path: Path, host: SystemdHost) -> None:
    playbook = (ROOT / "playbooks/harden_ftps_server.yml").read_text()
    given = {"certificate": "/etc/ssl/ftp_chain.pem", "private_key": "/etc/ssl/private/ftp.pem"}
    options = [f"-eftps_server_{name}_file={path}" for name, path in given.items()]
    done = play(tmp_path, host, playbook, "-e", "harden_hosts=files", *options)
    assert done.status == 0, done.output
