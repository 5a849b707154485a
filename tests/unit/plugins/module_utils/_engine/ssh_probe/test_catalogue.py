# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.probe import (
    CATALOGUE,
    finding,
)


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_finding_has_its_parts(code: str) -> None:
    found = finding(code, "seen")
    assert (found.id, found.observed) == (code, "seen")
    assert found.severity in SEVERITIES
    assert found.wanted
    assert found.source
