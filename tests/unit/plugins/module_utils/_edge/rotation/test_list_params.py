# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of key_revocation for a signed list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import key_revocation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation.list_params import signed_list
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, NotFound
from support.running.tasks import params_of, refusals_of, run_task
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import key


@pytest.fixture
def desk(tmp_path: Path) -> RevocationDesk:
    desk = RevocationDesk(tmp_path / "desk")
    desk.good(keys=[key("lost").public])
    return desk


def options(desk: RevocationDesk, **changed: Any) -> dict[str, Any]:
    verify = {"principal": PRINCIPAL, "allowed_signers": [desk.allowed]}
    return {"format": "krl", "list": str(desk.list), "verify": verify, **changed}


def test_the_request(desk: RevocationDesk) -> None:
    given = params_of(key_revocation, options(desk, keys=[key("lost").public]))
    asked = key_revocation.request(Task(given, check_mode=True))
    assert asked.list is not None
    assert asked.path == "/etc/ssh/revoked_keys"
    assert (asked.list.content, asked.list.signature) == (desk.list.read_bytes(), desk.signature.read_bytes())
    assert asked.list.policy.purpose.namespace == "krl@secure.ftp_synchronize"
    assert [each.fingerprint for each in asked.keys] == [key("lost").fingerprint]
    assert (asked.ends, asked.check_mode) == (True, True)


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({"state": "absent"}, "state: absent has no meaning with format: krl"),
        ({"list": "/dev/zero"}, "list: /dev/zero is not a file of at most 64 MiB"),
        ({"keys": ["x"]}, "keys: 'x' is not a public key"),
        ({"verify": {"principal": PRINCIPAL, "allowed_signers": ["x"]}}, "verify.allowed_signers: line 1"),
    ],
)
def test_refused_options(desk: RevocationDesk, changed: dict[str, Any], fact: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        key_revocation.request(Task(params_of(key_revocation, options(desk, **changed))))
    assert fact in caught.value.message


def test_signers_for_another_purpose(desk: RevocationDesk) -> None:
    line = desk.allowed.replace("krl@secure.ftp_synchronize", "manifest@ftp-synchronize")
    given = options(desk, verify={"principal": PRINCIPAL, "allowed_signers": [line]})
    with pytest.raises(InvalidRequest, match="no line of allowed signers is for krl@secure"):
        signed_list(params_of(key_revocation, given))


def test_the_history(desk: RevocationDesk) -> None:
    assert signed_list(params_of(key_revocation, options(desk))).history == desk.history.read_bytes()
    desk.history.unlink()
    assert signed_list(params_of(key_revocation, options(desk))).history == b""


@pytest.mark.parametrize("missing", ["list", "signature"])
def test_a_missing_file(desk: RevocationDesk, missing: str) -> None:
    getattr(desk, missing).unlink()
    with pytest.raises(NotFound, match="No such file"):
        signed_list(params_of(key_revocation, options(desk)))


def test_options_that_belong_together(desk: RevocationDesk) -> None:
    assert refusals_of(key_revocation, {}) == ["format is text but all of the following are missing: keys"]
    assert refusals_of(key_revocation, {"format": "krl"})
    text = run_task(key_revocation, keys=[], list=str(desk.list))
    assert text["msg"].startswith("list: has no meaning with format: text")
