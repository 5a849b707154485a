# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of jail_probe as the engine gets them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import Expected
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.probe import (
    ProbeRequest,
    Report,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import Finding
from support.running.tasks import params_of, run_task


def request(**options: Any) -> ProbeRequest:
    return jail_probe.request(Task(params_of(jail_probe, {"host": "files.example.com", **options})))


def test_defaults() -> None:
    made = request(username="partner")
    assert (made.expected, made.others, made.pause) == (Expected(), (), 0.5)
    assert (made.account.endpoint.host, made.account.endpoint.username) == ("files.example.com", "partner")


def test_expectations() -> None:
    expect = {"access": "upload", "writable": ["in", "/deep/in/"], "readable": ["out"], "symlinks": True}
    expect["certificate_only"] = True
    made = request(expect=expect, other_accounts=["other"])
    assert made.expected == Expected("upload", (b"in", b"/deep/in"), (b"out",), symlinks=True, certificate_only=True)
    assert made.others == (b"other",)


@pytest.mark.parametrize(
    "options",
    [
        {"protocol": "ftps"},
        {"ssh_client": "paramiko"},
        {"other_accounts": [".."]},
        {"other_accounts": ["a/b"]},
        {"pause": -1},
    ],
)
def test_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        request(**options)
    assert caught.value.cure


def test_a_result_without_a_session() -> None:
    report = Report((Finding("no_sftp", "high", "ends", "w", "s"),), logins=6)
    made = jail_probe.result(report, request(username="partner"), "high")
    assert (made["failed"], made["peer"]) == (True, None)
    assert made["error"]["message"].startswith(
        "partner at files.example.com: 1 of severity high or more against a jail"
    )


def test_nothing_is_tried_in_check_mode() -> None:
    options = {"host": "127.0.0.1", "port": 1, "username": "partner", "ssh_config_file": "none"}
    result = run_task(jail_probe, check=True, **options)
    assert (result["msg"], result["findings"], result["changed"]) == ("not tried in check mode", [], False)
    assert run_task(jail_probe, **options)["error"]["code"] == "connection_failed"
