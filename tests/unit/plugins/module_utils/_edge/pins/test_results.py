# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of host_key_pin, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jmespath
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin, host_key_pin_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.announced_keys import Rotation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_host import PinReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.plan import PinPlan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import parse_public_key
from support.running.pin_task import pin_task
from support.servers import ssh_keys

KEY, OTHER = ssh_keys.key("unit"), ssh_keys.key("unit-other")


def stored(path: str, **options: Any) -> list[dict[str, Any]]:
    return host_key_pin_info.run(Task({"protocol": "sftp", "path": path, "host": None, "port": None, **options}))[
        "pins"
    ]


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A file with one foreign line."""
    file = tmp_path / "known"
    file.write_bytes(b"other.example " + OTHER.public.encode() + b" \xe4\x1b[31m\n")
    return file


def test_the_result_of_a_change(known: Path) -> None:
    result = pin_task(path=str(known), port=2222, keys=[f"{KEY.public} secure_sync:valid_until=2099-01-01"])
    assert result["changed"] is True
    assert result["msg"] == "1 pin added"
    assert result["host"] == "[files.example.com]:2222"
    key = {"kind": "key", "key_type": "ssh-ed25519", "fingerprint": KEY.fingerprint}
    assert result["changes"] == [{"action": "add", **key}]
    assert result["pins"] == [
        {
            "line": 2,
            "hosts": "[files.example.com]:2222",
            "hashed": False,
            "pattern": False,
            **key,
            "comment": "",
            "state": "retiring",
            "valid_from": None,
            "valid_until": "2099-01-01T00:00:00Z",
        }
    ]
    assert result["rotation_report"] == {"active": [], "next": [], "retiring": [key], "expired": []}
    assert result["diff"]["before"] == ""
    assert result["diff"]["after"] == known.read_bytes().decode("latin-1").splitlines()[1] + "\n"
    assert "other.example" not in json.dumps(result)


def test_what_check_mode_says(known: Path) -> None:
    before = known.read_bytes()
    result = pin_task(check=True, path=str(known), keys=[KEY.public])
    assert (result["changed"], result["msg"]) == (True, "1 pin to be added")
    assert known.read_bytes() == before
    pin_task(path=str(known), keys=[KEY.public])
    assert pin_task(check=True, path=str(known), keys=[KEY.public])["msg"] == "nothing to do"
    assert pin_task(check=True, path=str(known), state="absent")["msg"] == "1 pin to be removed"


def test_the_list_is_data_for_reports(known: Path) -> None:
    pin_task(path=str(known), keys=[f"{KEY.public} secure_sync:valid_until=2099-01-01"])
    pins = stored(str(known))
    assert json.loads(json.dumps(pins)) == pins
    assert [pin["comment"] for pin in pins] == ["\\xe4\\x1b[31m", ""], "nothing raw goes to a terminal"
    query = "[?state == 'retiring'].{host: hosts, key: fingerprint, until: valid_until}"
    assert jmespath.search(query, pins) == [
        {"host": "files.example.com", "key": KEY.fingerprint, "until": "2099-01-01T00:00:00Z"}
    ]


def test_a_hashed_name_is_found_by_name(known: Path) -> None:
    pin_task(path=str(known), keys=[KEY.public], hash_host=True)
    (pin,) = stored(str(known), host="files.example.com")
    assert pin["hashed"]
    assert "files" not in pin["hosts"]


def test_a_missing_file_has_no_pins(tmp_path: Path) -> None:
    assert stored(str(tmp_path / "none")) == []


FIRST, LAST = (parse_public_key(*each.public.split()) for each in (KEY, OTHER))


def reported(**parts: Any) -> dict[str, Any]:
    """Return the result of a task that changed nothing."""
    report = PinReport("files.example.com", PinPlan(b"", (), (), b"", b"", ()), **parts)
    return host_key_pin.pin_result(report, path="/known", now=0.0, check_mode=False, diff=False)


@pytest.mark.parametrize(
    ("rotation", "notes"),
    [
        (None, []),
        (Rotation(announced=False), ["the server announces no keys: no key can be learned from it"]),
        (Rotation(announced=True), []),
        (
            Rotation(announced=True, unannounced=(FIRST,)),
            [f"the server no longer announces ssh-ed25519 {KEY.fingerprint}"],
        ),
    ],
)
def test_the_announcement_of_a_server_is_a_note(rotation: Rotation | None, notes: list[str]) -> None:
    assert list(reported(rotation=rotation)["notes"]) == notes


@pytest.mark.parametrize(
    ("pinned", "words"),
    [
        ((True, True), "nothing to do"),
        ((True, False), "nothing to do, 1 offered key is not pinned"),
        ((False, False), "nothing to do, 2 offered keys are not pinned"),
    ],
)
def test_keys_that_are_offered_and_not_pinned_are_counted(pinned: tuple[bool, bool], words: str) -> None:
    assert reported(offered=tuple(zip((FIRST, LAST), pinned, strict=True)))["msg"] == words


@pytest.mark.parametrize("text", ["", "x", "sha256//x", "sha256//" + "A" * 43 + "=\nsha256//" + "B" * 43 + "="])
def test_a_text_that_is_no_pin_of_a_tls_key(tmp_path: Path, text: str) -> None:
    result = pin_task(path=str(tmp_path / "pins"), protocol="ftps", keys=[text])
    assert result["error"]["message"] == f"keys: {text[:80]!r} is not a pin of a TLS key"
