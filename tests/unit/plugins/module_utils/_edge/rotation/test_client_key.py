# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of client_key: impossible values are refused, and messages never show a secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import client_key
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountMissing,
    InvalidRequest,
    SyncError,
)

GOOD: dict[str, Any] = {
    "job": "nightly",
    "servers": [{"name": "files1", "managed": True}],
    "owner": "root",
    "type": "ed25519",
    "max_age": 90.0,
    "passphrase": "correct horse",
    "compromised": ["SHA256:" + "A" * 43],
}


def test_a_preparation() -> None:
    asked = client_key.preparation(GOOD)
    assert (asked.job, asked.servers[0].name, asked.owner.user) == ("nightly", "files1", 0)
    assert asked.compromised == {"SHA256:" + "A" * 43}


@pytest.mark.parametrize(
    ("changed", "kind", "why"),
    [
        ({"job": "../x"}, InvalidRequest, "is not valid as the name of a job"),
        ({"job": ".x"}, InvalidRequest, "is not valid as the name of a job"),
        ({"servers": [{"name": "a/b", "managed": True}]}, InvalidRequest, "is not valid as the name of a server"),
        ({"servers": [{"name": "..", "managed": True}]}, InvalidRequest, "is not valid as the name of a server"),
        ({"servers": GOOD["servers"] * 2}, InvalidRequest, "files1 is listed twice"),
        ({"owner": "no-such-account"}, AccountMissing, "no-such-account does not exist"),
        ({"max_age": 0.0}, InvalidRequest, "is not an age"),
        ({"max_age": float("nan")}, InvalidRequest, "is not an age"),
        ({"passphrase": "canary"}, InvalidRequest, "shorter than 8"),
        ({"passphrase": "canary\ncanary"}, InvalidRequest, "more than one line"),
        ({"compromised": ["MD5:aa"]}, InvalidRequest, "is not a SHA-256 fingerprint"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], kind: type[SyncError], why: str) -> None:
    with pytest.raises(kind, match=why) as raised:
        client_key.preparation({**GOOD, **changed})
    assert "canary" not in f"{raised.value.message} {raised.value.cure}"


def test_a_long_value_is_shortened_in_a_message() -> None:
    with pytest.raises(InvalidRequest) as raised:
        client_key.preparation({**GOOD, "compromised": ["x" * 100]})
    assert raised.value.message == f"compromised: '{'x' * 80}' is not a SHA-256 fingerprint"


def test_a_server_is_not_cleared_and_behind() -> None:
    behind = [{"server": "files1", "phase": "prove", "reason": "no\nlogin"}]
    asked = client_key.settlement({"job": "nightly", "cleared": ["files2"], "behind": behind})
    assert asked.behind == {"files1": ("prove", "no login")}
    with pytest.raises(InvalidRequest, match="is also in cleared"):
        client_key.settlement({"job": "nightly", "cleared": ["files1"], "behind": behind})
