# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DOWNLOAD,
    LOGIN,
    LOGIN_FAILED,
    REFUSED,
    SESSION_SUMMARY,
    UPLOAD,
    Alert,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.metrics import count, metrics_text

EVENTS = [
    Event(1.0, LOGIN),
    Event(1.0, LOGIN_FAILED),
    Event(1.0, LOGIN_FAILED),
    Event(1.0, REFUSED),
    Event(1.0, UPLOAD, account="partner", received=5),
    Event(1.0, UPLOAD, account='ev"il\\\n', received=6),
    Event(1.0, DOWNLOAD, account="partner", sent=7),
    Event(1.0, SESSION_SUMMARY, received=11, sent=7),
    Event(1.0, UPLOAD, received=1000, alert=Alert("volume_hour", "a", "b")),
]


def counted(*, account_labels: bool) -> dict[str, int]:
    counters: dict[str, int] = {}
    for event in EVENTS:
        count(counters, event, account_labels=account_labels)
    return counters


def test_a_summary_and_an_alert_add_no_bytes() -> None:
    assert counted(account_labels=False) == {
        'logins_total{result="success"}': 1,
        'logins_total{result="failure"}': 2,
        'logins_total{result="refused"}': 1,
        'bytes_total{direction="upload"}': 11,
        'bytes_total{direction="download"}': 7,
        'alerts_total{rule="volume_hour"}': 1,
    }


def test_any_account_is_a_label() -> None:
    """promtool judges the text on a host (tests/hosts/test_transfer_monitoring.py)."""
    text = metrics_text(counted(account_labels=True), {"sessions": 2.0, "events_lag_seconds": 0.5})
    assert 'account_bytes_total{account="ev\\"il\\\\\\n",direction="upload"} 6\n' in text
    assert "# TYPE ftp_synchronize_account_bytes_total counter\n" in text
    assert "ftp_synchronize_unparsed_lines_total 0\n" in text
    assert "ftp_synchronize_sessions 2.0\n" in text
