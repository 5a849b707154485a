# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the action evidence, and answers that no honest host gives."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.evidence import evidence_capture
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.evidence.collecting import (
    Announced,
    announced,
    collection,
    part,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    EvidenceChanged,
    InvalidRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.capture import Captured

GIVEN: dict[str, Any] = {
    "path": "/srv/evidence",
    "case": "2026-041",
    "stage": "after",
    "reason": "stolen",
    "responder": "alice",
    "max_size": "1M",
    "recipients": [],
    "sign": dict.fromkeys(("private_key", "public_key", "passphrase", "certificate_file"))
    | {"private_key_file": "/etc/ssh/incident"},
}
ANSWER = evidence_capture.result(Captured(5, "0" * 64, 2, [], []), 1795618963.25)


def test_names_are_the_controllers() -> None:
    wanted = collection(GIVEN, "../files/1")
    assert (wanted.label, wanted.host, wanted.most) == ("after-.._files_1", "../files/1", 1 << 20)
    assert wanted.recipients is None


@pytest.mark.parametrize("case", ["", ".", "..", "a/b", "-x", ".hidden", "x" * 65, "a b", "a\n", "caf\u00e9"])
def test_names_of_cases(case: str) -> None:
    with pytest.raises(InvalidRequest, match="case: "):
        collection({**GIVEN, "case": case}, "files1")


def test_an_announcement() -> None:
    long = {"path": "/etc/\x1b[2J" + "x" * 1000, "reason": "link", "more": [1]}
    found = announced({**ANSWER, "left_out": [long, "x", None, {"path": 5}]})
    assert (found.size, found.moment) == (5, 1795618963.25)
    assert len(found.left_out[0]["path"]) == 300
    assert "\x1b" not in found.left_out[0]["path"]
    assert found.left_out[1:] == [{"path": "5", "reason": ""}]
    assert len(announced({**ANSWER, "left_out": [{}] * 10000}).left_out) == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": -1},
        {"size": "5"},
        {"size": True},
        {"size": 1 << 60},
        {"size": 1.5},
        {"size": None},
        {"members": -1},
        {"sha256": "0" * 63},
        {"sha256": "0" * 64 + "\n"},
        {"sha256": 5},
        {"moment": "nan"},
        {"moment": 5.0},
        {"moment": "9" * 400 + ".000000"},
        {"cut": [{"name": "files/log", "size": 5, "first": 1, "newest": "2"}]},
        {"cut": [{"name": "files/log", "size": -5, "first": 1, "newest": 2}]},
        {"cut": ["files/log"]},
    ],
)
def test_announcements_of_no_honest_host(wrong: dict[str, Any]) -> None:
    with pytest.raises(EvidenceChanged):
        announced({**ANSWER, **wrong})


def test_an_announcement_of_the_module_is_taken_whole() -> None:
    gone = {"path": "/etc/link", "reason": "a link"}
    log = {"name": "files/log", "size": 9, "parts": [{"start": 0, "end": 2}, {"start": 6, "end": 9}]}
    found = announced(evidence_capture.result(Captured(5, "0" * 64, 2, [gone], [log]), 1.0))
    cut = {"name": "files/log", "size": 9, "first": 2, "newest": 3}
    assert found == Announced(5, "0" * 64, 2, [gone], 1.0, [cut])


def test_logs_that_were_cut() -> None:
    cut = {"name": "files/\x1b[2J" + "x" * 1000, "size": 9, "first": 2, "newest": 3, "more": "x"}
    (found,) = announced({**ANSWER, "cut": [cut]}).cut
    assert (found.pop("name")[:11], found) == ("files/\\x1b[", {"size": 9, "first": 2, "newest": 3})


@pytest.mark.parametrize("data", [None, 5, "x" * 100, "####", "\u00e9\u00e9\u00e9\u00e9"])
def test_parts_of_no_honest_host(data: object) -> None:
    with pytest.raises(EvidenceChanged):
        part({"data": data}, 10)


def test_a_part() -> None:
    for content in (b"", b"1", b"12", b"1234567890"):
        assert part({"data": base64.b64encode(content).decode()}, 10) == content
