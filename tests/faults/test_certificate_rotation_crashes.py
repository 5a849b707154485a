# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation of key and certificate is killed at each system call that changes a file."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from support.running.slices import slice_of
from support.scenes.certificate_model import DAY, CertificateModel
from support.scenes.crash_points import KILL, record, tamper


def life(host: CertificateModel) -> None:
    """A renewal and a rotation, whole."""
    times = {"max_age": 0.0, "announce": 0.0, "overlap": 0.0, "renew_before": 2 * DAY}
    if host.step("observed").unproven:
        host.step("confirmed")
    for _turn in range(2):
        host.sign(host.step("advanced", **times), hours=72, **times)
        if host.step("observed", **times).exchange is not None:
            host.step("promoted", **times)
            host.step("confirmed")
        host.step("finished", **times)


def test_killed_at_each_call(tmp_path: Path, long_run: bool) -> None:
    """Whenever it ends, a server that starts finds two that belong together; the next run comes to the end. A short run
    takes a quarter of the calls."""
    CertificateModel(tmp_path / "first").provide()
    shutil.copytree(tmp_path / "first", tmp_path / "recorded")
    points = record(lambda: life(CertificateModel(tmp_path / "recorded")), tmp_path / "log").calls
    assert len(points) > 40
    for number in slice_of(range(len(points)), 4, long_run=long_run):
        point = points[number]
        shutil.copytree(tmp_path / "first", tmp_path / str(number))
        host = CertificateModel(tmp_path / str(number))
        ended = tamper(lambda host=host: life(host), tmp_path / "log", point.injection(KILL))
        assert ended.killed, point
        host.fits()
        host.now = time.time() + 600  # the child's clock was ahead
        host.step("advanced")
        assert [name for name in host.names() if name.startswith(".")] == [], point
        life(host)
        host.fits()
        assert [name for name in host.names() if not name.endswith("Z")] == ["current"], point
        assert list(host.root.rglob("*.new")) == [], point
        shutil.rmtree(host.root)
