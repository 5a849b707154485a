# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from support.scenes.audit_site import good_site


@pytest.mark.parametrize("what", FORMS)
def test_real_values_fit(what: str) -> None:
    assert fits(good_site().values()[what], FORMS[what])


@pytest.mark.parametrize(
    ("value", "form", "fit"),
    [
        ("a", str, True),
        (1, str, False),
        (True, int, False),
        (1, float, True),
        (float("nan"), float, False),
        (float("inf"), float, False),
        ("1", int, False),
        ([1, "a"], [int], False),
        ({"a": 1, "more": 2}, {"a": int}, True),
        ({"b": 1}, {"a": int}, False),
        ({"x": ["y"]}, {str: [str]}, True),
        ({"x": "y"}, {str: [str]}, False),
        ({1: ["y"]}, {str: [str]}, False),
        (None, [str], False),
    ],
)
def test_forms(value: Any, form: Any, fit: bool) -> None:
    assert fits(value, form) is fit
