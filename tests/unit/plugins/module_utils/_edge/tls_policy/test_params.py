# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of tls_policy: refusals before a server is contacted, and the engine's request."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.tls_policy.params import (
    check_request,
    tls_policy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.modules import tls_policy as module
from support.running.tls_policy_task import policy_params

HOST = {"host": "ftp.example.com"}
PIN = "sha256//" + "A" * 43 + "="


def request(endpoint: dict[str, Any] | None = None, **options: Any) -> Any:
    """Return the request of a task."""
    return check_request(policy_params({**HOST, **(endpoint or {})}, **options))


@pytest.mark.parametrize(
    ("endpoint", "port", "ftp", "explicit"),
    [
        ({}, 21, True, True),
        ({"tls_mode": "implicit"}, 990, True, False),
        ({"port": 2121}, 2121, True, True),
        ({"protocol": "tls", "port": 443}, 443, False, False),
    ],
)
def test_where_and_how(endpoint: dict[str, Any], port: int, *, ftp: bool, explicit: bool) -> None:
    target = request(endpoint).target
    assert (target.endpoint.port, target.ftp, target.explicit) == (port, ftp, explicit)


def test_defaults() -> None:
    made = request()
    assert (made.policy.profile.name, made.policy.host, made.fail_on) == ("intermediate-2026", HOST["host"], "high")
    assert (made.policy.client_certificate, made.policy.session_reuse, made.policy.pins) == (False, True, frozenset())
    assert made.target.endpoint.connect_timeout == made.target.endpoint.stall_timeout == 10.0


def test_everything_arrives() -> None:
    endpoint = {"username": "u", "password": "canary", "tls_pins": [PIN], "client_cert_file": "/c", "ca_file": "/a"}
    made = request(endpoint, profile="modern-2026", require_client_cert=True, require_session_reuse=False, pause=2)
    assert (made.policy.client_certificate, made.policy.session_reuse) == (True, False)
    assert made.policy.pins == {PIN}
    assert made.target.tls.pins == (PIN,)
    assert (made.target.tls.ca_file, made.target.tls.client_cert_file, made.target.pause) == ("/a", "/c", 2.0)
    assert made.target.credentials.password == "canary"
    assert "canary" not in repr(made)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ({"protocol": "tls"}, "port"),
        ({"protocol": "tls", "port": 443, "username": "u", "password": "p"}, "have no meaning"),
        ({"username": "u"}, "only one of them"),
        ({"password": "canary"}, "only one of them"),
        ({"client_key_file": "/k"}, "client certificate"),
        ({"host": "-oProxyCommand=x"}, "host"),
        ({"port": 70000}, "port"),
        ({"tls_pins": ["sha256//x"]}, "not a pin"),
        ({"connect_timeout": 0}, "not a valid time"),
    ],
)
def test_what_is_refused(endpoint: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as caught:
        request(endpoint)
    assert caught.value.cure
    assert "canary" not in str(caught.value)


def test_a_mark_is_made_for_each_marked_login() -> None:
    marks = {request(marked_login=True).mark for _number in range(2)}
    assert len(marks) == 2
    assert all(re.fullmatch(r"tls_probe-[0-9a-f]{16}", mark) for mark in marks)
    assert request().mark == ""


def test_check_mode_makes_no_mark() -> None:
    assert check_request(policy_params(HOST, marked_login=True), check_mode=True).mark == ""


def test_a_marked_login_is_for_ftp() -> None:
    with pytest.raises(InvalidRequest, match="marked_login"):
        request({"protocol": "tls", "port": 443}, marked_login=True)


@pytest.mark.parametrize("pause", [-1, 61, float("nan")])
def test_a_pause_is_a_time(pause: float) -> None:
    with pytest.raises(InvalidRequest, match="pause"):
        request(pause=pause)


def test_documentation_and_specification_agree() -> None:
    _agree(yaml.safe_load(module.DOCUMENTATION)["options"], tls_policy())


def _agree(documented: dict[str, Any], specified: dict[str, Any]) -> None:
    assert list(documented) == list(specified)
    for name, spec in specified.items():
        for key in ("type", "choices", "default", "required", "elements"):
            assert documented[name].get(key) == spec.get(key), (name, key)
        if "options" in spec:
            _agree(documented[name]["suboptions"], spec["options"])
