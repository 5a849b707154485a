# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate that ends in the middle of a run: the open session goes on, a new session is refused, and the next run
with a new certificate continues."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from support.scenes.sync_runs import SyncRuns
from support.servers import ssh_keys
from support.servers.proxy import Fault, Proxy
from support.servers.served import served
from support.servers.sshd import Sshd

AUTHORITY, KEY = ssh_keys.key("user-ca"), ssh_keys.key("job")
SIZE = 4 << 20
server = served(Sshd, user_ca=AUTHORITY, authorized=(), principals=("nightly",))


def issue(target: Path, validity: str = "-5m:+1h") -> None:
    """Write a certificate to a file. Its content changes instead of the time, which the test does not wait for."""
    signed = ssh_keys.certify_user(KEY, AUTHORITY, principals="nightly", validity=validity)
    shutil.copyfile(signed.certificate, target)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    issue(tmp_path / "certificate.pub")
    return tmp_path / "certificate.pub"


@pytest.fixture
def runs(server: Sshd, tmp_path: Path, certificate: Path) -> Iterator[SyncRuns]:
    """Give pushes of two files that log in by the certificate."""
    area = server.root / "area"
    area.mkdir()
    server.give(area)
    (tmp_path / "tree").mkdir()
    for name in ("a", "b"):
        (tmp_path / "tree" / name).write_bytes(name.encode() * SIZE)
    credentials = Credentials(private_key=KEY.text, certificate_file=str(certificate), ssh_agent=False)
    yield SyncRuns(
        server,
        tmp_path / "tree",
        area / "tree",
        push=True,
        state_dir=tmp_path / "state",
        credentials=credentials,
        parallel=1,
    )
    shutil.rmtree(area)


def test_a_certificate_ends_in_the_middle_of_a_run(server: Sshd, runs: SyncRuns, certificate: Path) -> None:
    with Proxy(server.port) as proxy:
        proxy.arm(Fault("reset", "up", after=SIZE // 2))
        runs.through = proxy
        ran = runs.run(sleep=lambda _seconds: issue(certificate, "20200101:20200102"))
        assert ran.codes == {"authentication_failed"}, ran
        assert all("certificate_file: ended at 2020-01-0" in error.message for error in ran.errors), ran
        assert all("valid for longer than a run takes" in error.cure for error in ran.errors), ran
        assert not any(path.stat().st_size != SIZE for path in runs.far.glob("[ab]"))
        issue(certificate)
        runs.good()
        assert not runs.good().changed
    assert sorted(path.name for path in runs.far.iterdir()) == ["a", "b"]


def test_a_certificate_is_renewed_in_the_middle_of_a_run(server: Sshd, runs: SyncRuns, certificate: Path) -> None:
    """A file of a certificate is read for each session, so an agent that renews it helps a long run."""
    with Proxy(server.port) as proxy:
        proxy.arm(Fault("reset", "up", after=SIZE // 2))
        runs.through = proxy
        ran = runs.run(sleep=lambda _seconds: issue(certificate))
        assert not ran.failed, ran
        assert any("and reopened" in note for note in ran.report.notes), ran
