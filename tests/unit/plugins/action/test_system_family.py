# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.host_system import (
    SystemUnsupported,
    family_of,
    require_supported,
)


@pytest.mark.parametrize(
    ("system", "family"),
    [
        ({"id": "debian", "like": []}, "Debian"),
        ({"id": "linuxmint", "like": ["ubuntu", "debian"]}, "Debian"),
        ({"id": "rocky", "like": ["rhel", "centos", "fedora"]}, "RedHat"),
        ({"id": "alpine"}, ""),
        ({"id": ["debian"], "like": None}, ""),
        ("debian", ""),
        (None, ""),
    ],
)
def test_the_family_is_looked_up_in_a_table(system: Any, family: str) -> None:
    assert family_of(system) == family


@pytest.mark.parametrize(("family", "supported"), [("", ["Debian"]), ("RedHat", ["Debian"])])
def test_an_unsupported_system_is_named_and_cannot_break_a_line(family: str, supported: list[str]) -> None:
    with pytest.raises(SystemUnsupported, match=r"files1: the system alpine.* is not supported") as raised:
        require_supported("files1", family, {"id": "alpine\n" + "x" * 500}, supported)
    assert "\n" not in raised.value.message
    assert len(raised.value.message) < 200
    assert raised.value.cure.startswith("Use Debian 12 or 13 or Ubuntu 24.04")


def test_a_supported_system_passes() -> None:
    require_supported("files1", "Debian", {"id": "debian"}, ["Debian", "RedHat"])
