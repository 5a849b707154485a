# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount units, as systemd reads them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.units import (
    base_unit,
    log_unit,
    unit_name,
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/jail", "srv-jail.mount"),
        ("/srv/my-jail/a_b", "srv-my\\x2djail-a_b.mount"),
        ("/srv/.jail", "srv-\\x2ejail.mount"),
        ("/srv/j.ail", "srv-j.ail.mount"),
        ("/srv/a+b@c", "srv-a\\x2bb\\x40c.mount"),
    ],
)
def test_names_are_those_of_systemd(path: str, name: str) -> None:
    assert unit_name(path) == name


def test_the_jails_are_mounted_on_themselves() -> None:
    unit = base_unit("/srv/jail")
    assert "What=/srv/jail\nWhere=/srv/jail\nType=none\nOptions=bind,private,nosuid,nodev,noexec\n" in unit.text


def test_the_log_is_mounted_in_a_jail() -> None:
    unit = log_unit("/srv/jail", "a-b")
    assert unit.name == "srv-jail-a\\x2db-dev-log.mount"
    assert "What=/run/systemd/journal/dev-log\nWhere=/srv/jail/a-b/dev/log\n" in unit.text
    assert "After=systemd-journald-dev-log.socket\n" in unit.text
