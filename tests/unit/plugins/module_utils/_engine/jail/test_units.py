# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount units, as systemd reads them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.mounts import (
    Unit,
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


@pytest.mark.parametrize("unit", [base_unit("/srv/jail", "vault.service"), log_unit("/srv/jail", "a", "vault.service")])
def test_mounts_in_a_vault_follow_its_unit(unit: Unit) -> None:
    """At a boot, they would else be made below the mount point of a locked vault."""
    assert "BindsTo=vault.service\nAfter=vault.service\n" in unit.text
    assert "DefaultDependencies=no\n" in unit.text
    assert unit.text.endswith("WantedBy=vault.service\n")
    assert unit.wanted_by == "vault.service"


def test_other_mounts_come_early() -> None:
    assert base_unit("/srv/jail").text.endswith("WantedBy=local-fs.target\n")
    assert "BindsTo" not in log_unit("/srv/jail", "a").text
