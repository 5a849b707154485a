# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts with the names of role variables are refused, whatever a host answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import (
    ROLES,
    FactsRefused,
    require_no_own_names,
)


def test_the_roles_are_those_of_the_collection() -> None:
    assert sorted(path.name for path in (Path(__file__).parents[4] / "roles").iterdir()) == list(ROLES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("form", ["{}_x", "__{}_x", "__{}", "{}", "_{}_x", "___{}_x"])
def test_a_name_of_ours_is_refused(role: str, form: str) -> None:
    name = form.format(role)
    with pytest.raises(FactsRefused) as refused:
        require_no_own_names("files1", {name: 1, "os_family": "Debian"})
    assert refused.value.message == f"facts of files1: must not have the names of role variables, and have {name}"


def test_ordinary_facts_pass() -> None:
    require_no_own_names("files1", {"os_family": "Debian", "sftp_servers": 1, "my_sftp_server_x": 2, "_": 3})


def test_many_names_are_counted_and_odd_ones_escaped() -> None:
    facts = [f"sftp_server_{number}" for number in range(7)] + ["__chroot_jail_\x1b[2J" + "x" * 200]
    with pytest.raises(FactsRefused) as refused:
        require_no_own_names("files\n1", facts)
    assert refused.value.message.endswith("sftp_server_3 and 3 more")
    assert "\\x1b[2J" in refused.value.message
    assert "files\\x0a1" in refused.value.message
    assert len(refused.value.message) < 300
