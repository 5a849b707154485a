# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays that the documentation of sftp_server shows run as they stand, on a stock host. Root only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.running.examples import ROOT

PAGES = ("docs/sftp_server.md", "roles/sftp_server/README.md")
EXAMPLES = [
    pytest.param(text, id=f"{page} {number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S))
]


@pytest.fixture(scope="module", params=["debian13", "ubuntu2404"])
def host(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    with SystemdHost(request.param) as host:
        yield host


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_play_runs_and_runs_again(tmp_path: Path, host: SystemdHost, text: str) -> None:
    first = HostPlay(tmp_path, host).run_text(text)
    assert first.status == 0, first.output
    assert first.count("changed") == 1
    again = HostPlay(tmp_path, host).run_text(text)
    assert again.status == 0, again.output
    assert again.count("changed") == 0


def test_the_playbook_runs(tmp_path: Path, host: SystemdHost) -> None:
    text = (ROOT / "playbooks/harden_sftp_server.yml").read_text()
    done = HostPlay(tmp_path, host).run_text(text, "--extra-vars", "harden_hosts=files")
    assert done.status == 0, done.output
