# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exposures of the units of jobs. systemctl and systemd-analyze are scripts: this machine has no job."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.jobs import job_units
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from support.scripted.programs import Programs

LISTED = """secure-sync-nightly.service        static  -
secure-sync-b_2.service            enabled enabled
secure-sync-nightly@x.service      static  -
other-secure-sync-c.service        static  -
secure-sync-nightly.timer          enabled enabled"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path, monkeypatch)
    made.put("systemctl", f"echo '{LISTED}'")
    made.put("systemd-analyze", 'echo "Overall exposure level for $3: 1.1 OK"')
    return made


def test_each_job_with_its_exposure(programs: Programs) -> None:
    names = [f"secure-sync-{name}.service" for name in ("nightly", "b_2")]
    assert job_units() == [{"unit": name, "exposure": 1.1} for name in names]
    assert programs.calls[0].startswith("systemctl list-unit-files --no-legend --no-pager --type=service secure-sync-")
    assert programs.calls[1:] == [f"systemd-analyze security --no-pager {name}" for name in names]


def test_a_unit_that_cannot_be_measured_is_no_unit_of_exposure_zero(programs: Programs) -> None:
    programs.put("systemd-analyze", "echo no bus >&2; exit 1")
    with pytest.raises(OperationFailed, match="did not measure the unit: no bus"):
        job_units()
