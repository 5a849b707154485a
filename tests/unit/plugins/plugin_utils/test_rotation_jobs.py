# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's list of jobs: nothing is delegated to a name that is not in it, and never to the controller."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_jobs import (
    Job,
    Target,
    jobs_of,
    managed_hosts,
    transfer_key,
)

INVENTORY = {"files1": "192.0.2.1", "files2": "files2", "localhost": "localhost", "127.0.0.1": "127.0.0.1"}


def server(host: str, **options: Any) -> dict[str, Any]:
    return {"host": host, "address": None, "port": 22, "managed": True, **options}


def job(*servers: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"name": "nightly", "username": "partner", "servers": list(servers), **options}


def test_a_job_with_its_servers() -> None:
    partner = server("theirs", managed=False, address="192.0.2.9", port=2222)
    (found,) = jobs_of([job(server("files1"), server("files2", address="files.example.com"), partner)], INVENTORY)
    assert found == Job(
        "nightly",
        "partner",
        (
            Target("files1", True, "192.0.2.1", 22),
            Target("files2", True, "files.example.com", 22),
            Target("theirs", False, "192.0.2.9", 2222),
        ),
    )
    assert managed_hosts([found, found]) == ["files1", "files2"]


def test_a_job_without_servers() -> None:
    assert jobs_of([job()], INVENTORY) == (Job("nightly", "partner", ()),)
    assert jobs_of([], INVENTORY) == ()


@pytest.mark.parametrize(
    ("jobs", "why"),
    [
        ([job(server("localhost"))], "localhost is the controller"),
        ([job(server("127.0.0.1"))], r"127\.0\.0\.1 is the controller"),
        ([job(server("127.8.8.8"))], r"127\.8\.8\.8 is the controller"),
        ([job(server("unknown"))], "unknown is not in the inventory"),
        ([job(server("::1"))], "is not valid as the name of a server"),
        ([job(server("a/b", managed=False))], "is not valid as the name of a server"),
        ([job(server("files1"), server("files1"))], "files1 is listed twice"),
        ([job(), job()], "nightly is listed twice"),
        ([job(name="../x")], "is not valid as the name of a job"),
        *(
            ([job(username=name)], "is not valid as the name of an account")
            for name in ("", "a/b", "..", "-x", "a b", "a\n")
        ),
    ],
)
def test_what_cannot_be_is_refused(jobs: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        jobs_of(jobs, INVENTORY)


PATH = "/keys/files1-out/to/files1"
ROLE = {"directory": "/keys/", "passphrase": None}
OPTIONS = {"host": "192.0.2.1", "username": "partner", "private_key_file": PATH, "passphrase": "of the job"}
JOB = {"name": "files1-out", "schedule": "daily", "options": {"host": "192.0.2.1"}, "secrets": {"passphrase": "p"}}


def found(options: dict[str, Any], job: dict[str, Any] | None = JOB, role: dict[str, Any] = ROLE) -> Any:
    """Return the rotation of the key of a transfer."""
    login = {"transfer": "out", "name": "files1-out", "options": options, "job": job}
    return transfer_key(login, "files1", role, managed=True)


def test_the_key_of_a_transfer() -> None:
    server = {"host": "files1", "address": "192.0.2.1", "port": 22, "managed": True}
    assert found(OPTIONS) == {
        "rotation": {"name": "files1-out", "username": "partner", "servers": [server]},
        "owner": "sync-files1-out",
        "passphrase": "of the job",
        "check": {**JOB, "state": "tried"},
    }
    assert found({**OPTIONS, "port": 2222})["rotation"]["servers"][0]["port"] == 2222


def test_the_key_of_a_play_is_checked_by_the_transfer_itself() -> None:
    key = found(OPTIONS, None)
    assert (key["owner"], key["check"]) == (None, OPTIONS)


def test_a_password_proves_no_key() -> None:
    sources = {"password": {"file": "/etc/password"}, "passphrase": {"file": "/etc/passphrase"}}
    job = {**JOB, "options": {"secrets_from": sources}, "secrets": {"password": "p", "passphrase": "q"}}
    check = found({**OPTIONS, "password": "p", "secrets_from": sources}, job)["check"]
    assert check["secrets"] == {"passphrase": "q"}
    assert check["options"] == {"secrets_from": {"passphrase": {"file": "/etc/passphrase"}}}
    assert "password" not in found({**OPTIONS, "password": "p"}, None)["check"]


@pytest.mark.parametrize("options", [{"password": "p"}, {"protocol": "ftps", "private_key": "PEM"}])
def test_a_transfer_without_a_key_that_lasts(options: dict[str, Any]) -> None:
    assert found({"host": "files1", **options}) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"private_key_file": None, "private_key": "KEY"}, "private_key: comes from the inventory or a look-up"),
        ({"private_key_file": "/keys/other/to/files1"}, "private_key_file: /keys/other/to/files1 is not a key of"),
        (
            {"private_key_file": None, "secrets_from": {"private_key": {"command": ["pass"]}}},
            "secrets_from.private_key: no rotation can replace the key of command",
        ),
        ({"certificate_file": "/etc/x-cert.pub"}, "certificate_file: is for a key that is never replaced"),
        ({"username": None}, "username: is not set"),
        ({"passphrase": None}, "passphrase: is not set"),
    ],
)
def test_a_key_that_cannot_be_rotated(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidRequest, match=f"out: {why}") as caught:
        found({**OPTIONS, **changed})
    assert "KEY" not in caught.value.message
    assert caught.value.cure


def test_the_passphrase_of_the_role() -> None:
    assert found({**OPTIONS, "passphrase": None}, role={**ROLE, "passphrase": "of the role"})["passphrase"] is None


def test_a_certificate_for_each_run_of_the_job() -> None:
    with pytest.raises(InvalidRequest, match="out: certificate: is for a key"):
        found(OPTIONS, {**JOB, "certificate": {"source": "file"}})
