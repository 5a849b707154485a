# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exposure of units, measured by the real systemd-analyze."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ExposureTooHigh,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.exposure import (
    exposure,
    require_exposure,
)
from support.scripted.programs import Programs


@pytest.fixture
def unit(tmp_path: Path) -> str:
    path = tmp_path / "open.service"
    path.write_text("[Service]\nExecStart=/bin/true\n")
    return str(path)


def test_a_limit(unit: str) -> None:
    level = require_exposure(unit, 10.0)
    assert 9.0 < level < 10.0
    assert require_exposure(unit, level) == level
    with pytest.raises(ExposureTooHigh, match=f"the exposure of the unit is {level}, more than 9.0"):
        require_exposure(unit, 9.0)


def test_a_sandbox_lowers_it(unit: str) -> None:
    before = exposure("--offline=true", unit)
    with open(unit, "a") as stream:
        stream.write("PrivateNetwork=yes\n")
    assert exposure("--offline=true", unit) < before


def test_a_unit_that_cannot_be_measured(unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperationFailed, match=r"systemd-analyze did not measure the unit: .*missing"):
        exposure("--offline=true", f"{unit}-missing.service")
    Programs(tmp_path, monkeypatch).put("systemd-analyze")
    with pytest.raises(OperationFailed, match="no reason given"):
        exposure("--offline=true", unit)
