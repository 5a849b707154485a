# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pings by the program and by its units: which are sent, with which id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import pings
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import ping

RUN = "8f3ad915dac5f1694e2298139028d7dd"
URL = "https://ping.example.com/canary"
OWN = {"code": "no_space", "path": None, "message": "m", "cure": "c"}
ENDED = {"job": "nightly", "run": RUN, "result": "ok", "error": None}
KILLED = {"code": "killed", "path": None, "message": "m", "cure": "c"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return the pings that are sent; the log of each run is its id."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(ping, "ping_start", lambda url, run: found.append((url, "start", run)))
    monkeypatch.setattr(
        ping, "ping", lambda url, record, log: found.append((url, record["result"], record["run"], log))
    )
    monkeypatch.setattr(ping, "last_lines", lambda run: f"log of {run}")
    return found


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of a unit with a URL."""
    (tmp_path / "ping_url").write_text(URL)
    (tmp_path / "ping_url").chmod(0o600)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def unit(directory: Path, **record: Any) -> dict[str, str]:
    """Return the variables of the unit after a run with this record."""
    (directory / "record").write_text(json.dumps({"run": RUN, "error": None, **record}))
    return {"CREDENTIALS_DIRECTORY": str(directory), "MONITOR_INVOCATION_ID": RUN}


def test_units_ping_without_an_id(credentials: Path, sent: list[tuple[Any, ...]]) -> None:
    pings.ping_unit("nightly", {}, pytest.fail, start=True)
    pings.ping_unit("nightly", unit(credentials, result="ok"), pytest.fail, start=False)
    assert sent == [(URL, "start", ""), (URL, "ok", "", "")]


def test_the_log_goes_with_a_failure_that_has_no_error_of_its_own(
    credentials: Path, sent: list[tuple[Any, ...]]
) -> None:
    pings.ping_unit("nightly", unit(credentials, result="failed", error=OWN), pytest.fail, start=False)
    pings.ping_unit("nightly", unit(credentials, result="killed", error=KILLED), pytest.fail, start=False)
    assert sent == [(URL, "failed", "", ""), (URL, "killed", "", f"log of {RUN}")]


@pytest.mark.usefixtures("sent")
def test_a_unit_without_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(InvalidRequest, match=r"^ping_url: is not stored"):
        pings.ping_unit("nightly", {}, pytest.fail, start=True)


def test_the_program_pings_with_the_id_of_its_run(credentials: Path, sent: list[tuple[Any, ...]]) -> None:
    pings.ping_started(str(credentials), "nightly", RUN, pytest.fail)
    pings.ping_ended(str(credentials), ENDED, pytest.fail)
    assert sent == [(URL, "start", RUN), (URL, "ok", RUN, "")]


def test_a_job_without_a_url_pings_nothing(tmp_path: Path, sent: list[tuple[Any, ...]]) -> None:
    pings.ping_started(str(tmp_path), "nightly", RUN, pytest.fail)
    pings.ping_ended(str(tmp_path), ENDED, pytest.fail)
    assert sent == []


def test_a_dead_service_is_a_warning_at_the_start_too(credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ping, "ping_start", lambda _url, _run: "Connection refused")
    warnings: list[str] = []
    pings.ping_started(str(credentials), "nightly", RUN, warnings.append)
    assert warnings == ["ping_url: Connection refused"]
