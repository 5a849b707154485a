# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of options, with the options as the role's specification converts them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import (
    require_transfer_monitoring,
)
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec
from support.running.examples import ROOT

REFUSED = {
    "must not be empty": [],
    "'etc/ssh' is not an absolute path": ["etc/ssh"],
    "'~/x' is not an absolute path": ["~/x"],
    r"'/etc/a\\n!/etc' is not an absolute path": ["/etc/a\n!/etc"],
    "/etc/ssh/ is another name of /etc/ssh": ["/etc/pam.d", "/etc/ssh/"],
    "//etc/ssh is another name of /etc/ssh": ["//etc/ssh"],
    "/etc/x/../ssh is another name of /etc/ssh": ["/etc/x/../ssh"],
    "/ is the whole host": ["/"],
}


def checked(**given: Any) -> None:
    spec = role_spec("transfer_monitoring", "main", lambda path: yaml.safe_load((ROOT / path).read_text()))
    options = {f"transfer_monitoring_{name}": value for name, value in given.items()}
    require_transfer_monitoring(option_values(spec, options), str)


@pytest.mark.parametrize("text", REFUSED)
def test_a_path_that_compares_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=text) as refused:
        checked(aide=True, aide_paths=REFUSED[text])
    assert "transfer_monitoring_aide_paths" in (refused.value.cure or "")


def test_good_options_pass() -> None:
    checked()
    checked(aide=True, aide_accept=True)
    checked(aide=True, aide_paths=["/etc/a b#ü", "/srv/x.conf"])
    checked(aide_paths=[])
