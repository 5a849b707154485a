# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options and the result of key_revocation_list; lists themselves are in _engine/krl/test_making."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import key_revocation_list
from support.running.tasks import refusals_of
from support.scenes.revocation_desk import RevocationDesk
from support.servers.ssh_keys import key

CA, LOST = key("ca"), key("lost")


def test_the_result(tmp_path: Path) -> None:
    desk = RevocationDesk(tmp_path)
    certificates = [{"ca": CA.public, "serials": ["7-12"], "ids": ["bob"]}]
    result = desk.good(fingerprints=[LOST.fingerprint], certificates=certificates, responder=None)
    of = f"of {CA.fingerprint}"
    assert result["added"] == [f"fingerprint {LOST.fingerprint}", f"serial 7-12 {of}", f"id bob {of}"]
    assert result["files"] == {
        "source": str(desk.source),
        "list": str(desk.list),
        "signature": str(desk.signature),
    }
    assert result["diff"]["before"] == ""
    assert result["diff"]["after"] == desk.source.read_text()
    assert 'reason: "lost"' in desk.source.read_text()
    gone = desk.good(state="absent", certificates=[{"ca": CA.public, "ids": ["bob"]}])
    assert gone["removed"] == [f"id bob {of}"]
    assert gone["msg"] == "version 2 with 2 entries: the entries differ"


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"fingerprints": ["MD5:aa"]}, "fingerprints: MD5:aa is not a SHA-256 fingerprint"),
        ({"keys": ["x"]}, "keys: x is not a public key"),
        ({"certificates": [{"ca": CA.public}]}, "certificates: an authority has neither serials nor ids"),
        ({"certificates": [{"ca": CA.public, "serials": ["0"]}]}, "certificates.serials: 0 is not a serial number"),
        ({"certificates": [{"ca": "x", "ids": ["a"]}]}, "certificates.ca: x is not a public key"),
        ({"reason": "two\nlines"}, "reason: is empty, has unprintable"),
        ({"responder": " "}, "responder: is empty"),
        ({"max_age": "soon"}, "max_age: 'soon' is not"),
        ({"min_version": 0}, "min_version: 0 is"),
    ],
)
def test_refused_options(tmp_path: Path, options: dict[str, Any], fact: str) -> None:
    refused = RevocationDesk(tmp_path).revoke(**options)
    assert refused["error"]["code"] == "invalid_request"
    assert fact in refused["msg"]
    assert refused["error"]["cure"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no user")])
def test_a_user_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """As in a container with any user id; Python 3.13 raises OSError."""

    def no_name() -> str:
        raise error

    monkeypatch.setattr(key_revocation_list.getpass, "getuser", no_name)
    refused = RevocationDesk(tmp_path).revoke(responder=None)
    assert refused["msg"] == "responder: the user of this task has no name. Set responder."


def test_a_key_that_signs_is_required(tmp_path: Path) -> None:
    assert refusals_of(key_revocation_list, {"path": str(tmp_path)})
    assert refusals_of(key_revocation_list, {"path": str(tmp_path), "sign": {}})
