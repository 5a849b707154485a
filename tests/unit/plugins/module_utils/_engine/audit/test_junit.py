# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.exports import junit_text
from support.scenes.audit_site import HOSTILE, good_site


def test_states_of_cases() -> None:
    site = good_site().without_check("9.2", "10.2")
    site.values()["revocation_list"].update(form="text", path=HOSTILE)
    text = junit_text(site.report(title=HOSTILE))
    suite = ElementTree.fromstring(text)[0]  # noqa: S314  # our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("27", "1", "2")
    failures = [case.get("classname") for case in suite if case.find("failure") is not None]
    assert failures == ["control 10.1"]
    assert "<script>" in "".join(suite.itertext()), "as text"
    assert "\u202e" not in text
    assert {case.find("skipped").get("message") for case in suite if case.find("skipped") is not None} == {  # type: ignore[union-attr]
        "not measured; this version has no check for this control"
    }
