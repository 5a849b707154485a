# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.catalogue import TITLES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import KINDS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.controls.every import CONTROLS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES


def test_controls_are_of_the_catalogue_and_none_is_there_twice() -> None:
    numbers = [each.number for each in CONTROLS]
    assert len(set(numbers)) == len(numbers) == 10
    assert set(numbers) <= set(TITLES)


@pytest.mark.parametrize("control", CONTROLS, ids=[each.number for each in CONTROLS])
def test_a_control_names_what_exists(control: object) -> None:
    found = next(each for each in CONTROLS if each is control)
    assert found.checks
    assert found.severity in SEVERITIES
    for check in found.checks:
        assert check.kind in KINDS
        assert set(check.needs) <= set(FORMS)
        assert check.needs
