# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that vsftpd takes for YES and NO."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import NotMeasured
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import is_on


@pytest.mark.parametrize("value", ["YES", "yes", "TRUE", "True", "1"])
def test_on(value: str) -> None:
    assert is_on({"name": value}, "name")


@pytest.mark.parametrize("settings", [{"name": "NO"}, {"name": "false"}, {"name": "0"}, {}])
def test_off(settings: dict[str, str]) -> None:
    assert not is_on(settings, "name")


def test_a_default() -> None:
    assert is_on({}, "name", "YES")


@pytest.mark.parametrize("value", ["", "on", "YES NO", "2"])
def test_a_value_that_vsftpd_refuses(value: str) -> None:
    with pytest.raises(NotMeasured, match=r"name is .*, neither YES nor NO"):
        is_on({"name": value}, "name")
