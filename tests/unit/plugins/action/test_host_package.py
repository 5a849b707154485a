# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages on a host, with and without the packages that they recommend."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.host_package import ActionModule
from support.running.host_steps import answered

MISSING = {"failed": True, "msg": "No package matching"}


def test_packages_are_installed_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(monkeypatch, [{"changed": True}], {"name": ["vsftpd"]}, ActionModule)
    assert result["changed"]
    assert [options for _module, options in asked] == [{"name": ["vsftpd"], "state": "present"}]


def test_recommended_packages_are_left_out_by_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"name": ["aide"], "recommends": False}
    result, asked = answered(
        monkeypatch, [MISSING, {"changed": True}, {"changed": True, "msg": "installed"}], options, ActionModule
    )
    wanted = {"name": ["aide"], "state": "present", "install_recommends": False}
    assert (result["msg"], asked[0][1], asked[2]) == ("installed", wanted, asked[0])
