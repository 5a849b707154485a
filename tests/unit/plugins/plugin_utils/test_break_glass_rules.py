# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of an emergency account; a real host is in tests/hosts/test_break_glass.py."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import require_break_glass

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX"
GOOD: dict[str, Any] = {"account": "breakglass", "authorities": [f"{KEY} break glass"], "state": "present"}
SECURITY_KEY = KEY.replace("ssh-", "sk-ssh-", 1).replace(" ", "@openssh.com ", 1)
REFUSED: list[dict[str, Any]] = [
    *({"account": name} for name in ("root", "", "Root", "a b", "a\n", "-x", "a" * 32, "x\nMatch all")),
    *({"authorities": lines} for lines in ([], [KEY, "x"], [f"cert-authority {KEY}"], [f"{KEY}\nroot"], ["# x"])),
]


@pytest.mark.parametrize("given", [{}, {"authorities": [KEY, SECURITY_KEY]}, {"state": "absent", "authorities": []}])
def test_good_options_pass(given: dict[str, Any]) -> None:
    require_break_glass({**GOOD, **given}, str)


@pytest.mark.parametrize("given", REFUSED)
def test_it_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=f"^break_glass_{next(iter(given))}: ") as refused:
        require_break_glass({**GOOD, **given}, str)
    assert refused.value.cure
