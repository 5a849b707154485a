# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.catalogue import TITLES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import KINDS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.controls.every import CONTROLS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.exemption import Exemption
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES
from support.scenes.audit_site import NOW, good_site


def test_each_control_of_the_catalogue_is_there_once() -> None:
    assert [each.number for each in CONTROLS] == list(TITLES)


@pytest.mark.parametrize("control", CONTROLS, ids=[each.number for each in CONTROLS])
def test_a_control_names_what_exists(control: object) -> None:
    found = next(each for each in CONTROLS if each is control)
    assert found.checks
    assert found.severity in SEVERITIES
    required = {check.kind for check in found.checks if not check.optional}
    for check in found.checks:
        assert check.kind in KINDS
        assert check.kind in required  # else a host that nothing else measures would pass
        assert set(check.needs) <= set(FORMS)
        assert check.needs


@pytest.mark.parametrize("number", list(TITLES))
def test_an_exemption_covers_each_control(number: str) -> None:
    """The last observation that each control needs is missing; a person accepts that."""
    site = good_site()
    control = next(each for each in CONTROLS if each.number == number)
    required = [each for each in control.checks if not each.optional]
    site.change(required[-1].needs[-1], value=None, reason="unreachable")
    assert site.row(number).state == "not_measured"
    site.exemptions.append(Exemption(number, "A. Person", "a reason", "2025-12-02", NOW + 1))
    assert site.row(number).state == "exempt"


@pytest.mark.parametrize("number", list(TITLES))
def test_old_evidence_fails_each_control(number: str) -> None:
    site = good_site()
    control = next(each for each in CONTROLS if each.number == number)
    site.change(control.checks[0].needs[0], time="2025-11-29T00:00:00Z")
    assert site.row(number).state == "fail"
