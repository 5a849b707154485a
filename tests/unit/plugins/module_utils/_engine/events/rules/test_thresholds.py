# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import (
    RuleLimits,
    parse_limits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits


def test_names_that_are_not_given_have_their_defaults() -> None:
    assert parse_limits({}) == RuleLimits()


def test_both_kinds_of_thresholds_are_taken() -> None:
    limits = parse_limits({"failures": 7, "floor": 1000, "deviations": 4, "tolerated": 0, "feeds": {"partner": 3600}})
    assert limits == RuleLimits(
        failures=7, feeds={"partner": 3600}, volumes=VolumeLimits(floor=1000, deviations=4, tolerated=0)
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"failure": 7}, "rules: unknown name failure"),
        ({"volumes": {}}, "rules: unknown name volumes"),
        ({"mfa_accounts": ["alice"]}, "rules: unknown name mfa_accounts"),
        ({"failures": 0}, "rules.failures: 0 is too low"),
        ({"failures": "7"}, "rules.failures: '7' is not a number"),
        ({"failures": 1.5}, "rules.failures: 1.5 is not a number"),
        ({"failures": True}, "rules.failures: True is not a number"),
        ({"feeds": []}, r"rules.feeds: \[\] is not an object"),
        ({"feeds": {"partner": "1h"}}, "rules.feeds of partner: '1h' is not a number"),
    ],
)
def test_other_values_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{message}$") as caught:
        parse_limits(values)
    assert caught.value.cure
