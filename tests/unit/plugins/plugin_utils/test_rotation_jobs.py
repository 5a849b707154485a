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
