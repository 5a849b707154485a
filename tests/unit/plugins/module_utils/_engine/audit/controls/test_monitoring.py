# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import FTPS_SERVER
from support.scenes.audit_site import AuditSite, good_site

MARKS: list[tuple[Any, str, str]] = [
    (lambda site: site.values()["marks"].clear(), "not_measured", "there is no answer about the mark "),
    (
        lambda site: site.values()["marks"][0]["events"].clear(),
        "fail",
        "there is no event of the login or file that is marked ",
    ),
    (
        lambda site: site.values()["marks"][0]["forged"].append(
            {"action": "login", "account": "root", "address": "192.0.2.66"}
        ),
        "fail",
        "login of root from 192.0.2.66, which only a hostile name has",
    ),
    (
        lambda site: site.change("marks", value=None, reason="events are not collected"),
        "not_measured",
        "marks: events are not collected",
    ),
]
"""Answers about marks, of any server."""


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (
            lambda site: site.values()["monitoring"].update(installed=False, last_run=""),
            "fail",
            "events are not collected",
        ),
        (
            lambda site: site.values()["monitoring"].update(timer=False),
            "fail",
            "the timer of the collector is not active",
        ),
        (
            lambda site: site.values()["monitoring"].update(last_run="2025-12-01T02:59:00Z"),
            "fail",
            "the collector last read all logs at 2025-12-01T02:59:00Z",
        ),
        (
            lambda site: site.values()["monitoring"].update(last_run="2026-12-01T03:59:00Z"),
            "fail",
            "the collector last read all logs at 2026-12-01T03:59:00Z",
        ),
        (
            lambda site: site.values()["monitoring"].update(failed=True),
            "fail",
            "the newest run of the collector has failed",
        ),
        (lambda site: site.values()["monitoring"].update(last_run=""), "not_measured", "the time  cannot be read"),
        (lambda site: site.values()["monitoring"].update(files="none"), "fail", "events of files are off"),
        (lambda site: site.values()["monitoring"].update(sshd=False), "fail", "the journal of sshd is not read"),
        (lambda site: site.values()["monitoring"].update(ftp_logs=[]), "fail", "/var/log/vsftpd.log is not read"),
        (lambda site: site.settings("root").update(loglevel=["INFO"]), "fail", "root: LogLevel INFO"),
        *MARKS,
        (
            lambda site: site.values()["marks"][0].update(mark="probe-0000000000000000"),
            "not_measured",
            "there is no answer about the mark probe-51ab",
        ),
        (
            lambda site: site.values()["attacks"][0].update(mark="jail_probe-1"),
            "not_measured",
            "there is no answer about the mark jail_probe-1",
        ),
        (
            lambda site: (
                site.values()["marks"].clear(),
                site.values()["ssh_attacks"].update(mark=""),
                site.values()["tls"].update(mark=""),
            ),
            "pass",
            "",
        ),
        (
            lambda site: (
                site.values()["marks"].clear(),
                site.change("ssh_attacks", value=None, reason="no attack was allowed"),
                site.change("tls", value=None, reason="the server does not answer"),
            ),
            "pass",
            "",
        ),
        (
            lambda site: site.values()["monitoring"].update(last_run="then"),
            "not_measured",
            "the time then cannot be read",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("6.4")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def ftps_site(mark: str = "tls_probe-51ab0f0a9d1c5be2") -> AuditSite:
    """Return a site whose server is an FTPS server alone, with the mark of tls_policy."""
    site = good_site()
    site.kinds = (FTPS_SERVER,)
    del site.values()["marks"][0]
    site.values()["tls"].update(mark=mark)
    return site


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        *MARKS,
        (lambda site: (site.values()["tls"].update(mark=""), site.values()["marks"].clear()), "pass", ""),
        (lambda site: (site.values()["tls"].update(mark=5), site.values()["marks"].clear()), "pass", ""),
    ],
)
def test_the_mark_of_an_ftps_server(change: Any, state: str, words: str) -> None:
    site = ftps_site()
    change(site)
    row = site.row("6.4")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_a_mark_without_an_event_is_severe() -> None:
    site = ftps_site()
    site.values()["marks"][0]["events"].clear()
    assert [each.severity for each in site.row("6.4").findings] == ["high"]


def test_the_row_says_why_nothing_marked_is_sought() -> None:
    site = ftps_site(mark="")
    assert "the marked login of tls_policy, nothing marked is sought" in site.row("6.4").beyond
    site.values()["tls"]["not_checked"].append({"what": "marked login", "why": "the server is not proven"})
    row = site.row("6.4")
    assert row.state == "pass"
    assert row.beyond.endswith(" files1: nothing marked is sought over FTPS: the server is not proven.")
