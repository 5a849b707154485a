# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Days, names and files in the form of an option, and the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import certificate_rotation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.scenes.certificate_model import NAMES, CertificateModel

DEFAULTS = {name: spec.get("default") for name, spec in certificate_rotation.spec()["argument_spec"].items()}


def params(tmp_path: Path, **options: Any) -> dict[str, Any]:
    place = CertificateModel(tmp_path / "host").provide().place
    return {**DEFAULTS, "certificate_file": place.certificate, "private_key_file": place.key, "names": NAMES, **options}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *((name, -1.0) for name in ("max_age", "renew_before", "announce", "overlap")),
        ("max_age", float("nan")),
        ("overlap", 36501.0),
        ("names", []),
        ("names", ["files example"]),
        ("names", ["a,DNS:b"]),
        ("names", ["a/CN=b"]),
        ("certificate_file", ""),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, option: str, value: object) -> None:
    with pytest.raises(InvalidRequest, match=option):
        certificate_rotation.run(Task(params(tmp_path, **{option: value}), check_mode=True))


def test_a_certificate_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="certificate: is required for state certified"):
        certificate_rotation.run(Task(params(tmp_path, state="certified")))


def test_check_mode_says_what_would_be_and_does_nothing(tmp_path: Path) -> None:
    options = params(tmp_path, state="advanced", max_age=0.0)
    before = sorted(tmp_path.rglob("*"))
    result = certificate_rotation.run(Task(options, check_mode=True))
    assert (result["changed"], result["phase"], result["successor"]["pin"]) == (True, "announced", None)
    assert sorted(tmp_path.rglob("*")) == before
    done = certificate_rotation.run(Task(options))
    assert done["changes"] == result["changes"]
    assert [each["pin"] for each in done["wanted"]] == [done["current"]["pin"], done["successor"]["pin"]]
    assert "BEGIN CERTIFICATE REQUEST" in done["wanted"][0]["request"]
    again = certificate_rotation.run(Task(options))
    assert (again["changed"], again["diff"]) == (False, [])


def test_a_key_with_a_passphrase_that_is_told_to_nobody(tmp_path: Path) -> None:
    options = params(tmp_path, purpose="client", passphrase="canary-55e1", max_age=0.0)
    made = certificate_rotation.run(Task({**options, "state": "advanced"}))
    (key,) = [path for path in tmp_path.rglob("*Z/key.pem") if "ENCRYPTED" in path.read_text()]
    assert key.stat().st_mode & 0o777 == 0o600
    assert "canary-55e1" not in repr(made)


def test_check_mode_takes_no_certificate_over(tmp_path: Path) -> None:
    options = params(tmp_path, state="advanced", max_age=0.0)
    model = CertificateModel(tmp_path / "host")
    wanted = certificate_rotation.run(Task(options))["wanted"][0]
    (tmp_path / "request.pem").write_text(wanted["request"])
    certified = {**options, "state": "certified", "certificate": model.signed(tmp_path / "request.pem")}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    foreseen = certificate_rotation.run(Task(certified, check_mode=True))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    done = certificate_rotation.run(Task(certified))
    assert (foreseen["changed"], done["changed"]) == (True, True)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} != before


def test_check_mode_begins_no_server(tmp_path: Path) -> None:
    options = params(tmp_path, state="begun")
    for name in ("certificate.pem", "key.pem"):
        (tmp_path / "host" / name).unlink()
    assert certificate_rotation.run(Task(options, check_mode=True))["changed"]
    assert list((tmp_path / "host").iterdir()) == []
    assert certificate_rotation.run(Task(options))["changed"]
    assert certificate_rotation.run(Task(options))["changed"] is False
