# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of AIDE; the report of this file is of AIDE 0.19.1, shortened."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.configuration import parse_report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    CONFIGURATION_ADDED,
    CONFIGURATION_CHANGED,
)

REPORT = rb"""{
  "start_time": "2026-11-27 23:09:27 +0000",
  "aide_version": "0.19.1",
  "outline": "AIDE found differences between database and filesystem!!",
  "number_of_entries": {"total": 8, "added": 2, "removed": 0, "changed": 1},
  "different_attributes": {"/etc/ssh/b": "-p-u-g-s-acl-sha512"},
  "added": {
    "/etc/ssh/new\nline \"": "f++++++++++++++++++",
    "/etc/ssh/\u001b[2K~": "f++++++++++++++++++"
  },
  "changed": {"/etc/ssh/a": "f > ...     H.     "},
  "details": {"/etc/ssh/a": {"size": {"old": 2, "new": 4}, "sha512": {"old": "Fis", "new": "oQr"}}},
  "databases": {"/var/lib/aide.db": {"sha256": "yocNVvvl+liQwrFZ8LcjOSzynE/k9QPly9vWb4H2nhg=", "sha512": "/ff"}},
  "end_time": "2026-11-27 23:09:27 +0000",
  "run_time_seconds": 0
}
""".replace(b"~", b"\xff")


def test_a_report() -> None:
    report = parse_report(REPORT)
    assert [(each.action, each.path, each.observed) for each in report.differences] == [
        (CONFIGURATION_ADDED, b'/etc/ssh/new\nline "', "a new file"),
        (CONFIGURATION_ADDED, b"/etc/ssh/\x1b[2K\xff", "a new file"),
        (CONFIGURATION_CHANGED, b"/etc/ssh/a", "another size, sha512"),
    ]
    assert (report.state, report.uncompared) == ("yocNVvvl+liQwrFZ8LcjOSzynE/k9QPly9vWb4H2nhg=", 1)


def test_a_further_change_has_another_digest() -> None:
    again, other = (parse_report(REPORT.replace(b'"oQr"', new)).differences[2] for new in (b'"oQr"', b'"oQs"'))
    assert parse_report(REPORT).differences[2] == again != other


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"WARNING: x\n" + REPORT,
        REPORT[:-300],
        b"[]",
        b"{}",
        b"[" * 99999,
        REPORT.replace(b'"added": 2', b'"added": 3'),
        REPORT.replace(b'"changed": 1', b'"changed": "1"'),
        REPORT.replace(b'{"size"', b'[{"size"').replace(b'"oQr"}}}', b'"oQr"}}]}'),
        REPORT.replace(b"sha256", b"md5"),
        REPORT.replace(b"databases", b"nothing"),
    ],
)
def test_other_texts_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_report(text)
