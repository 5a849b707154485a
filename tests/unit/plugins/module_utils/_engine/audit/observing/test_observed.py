# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    MOST,
    Unobservable,
    bounded,
)


@pytest.mark.parametrize("value", [["x"] * MOST, {"a": ["x" * 4000]}, None, 5])
def test_values_within_the_limits(value: Any) -> None:
    assert bounded(value) is value


@pytest.mark.parametrize("value", [["x"] * (MOST + 1), [["x" * 4001]], {"a": {"b": ["x"] * 501}}])
def test_larger_values_have_no_part(value: Any) -> None:
    with pytest.raises(Unobservable):
        bounded(value)
