# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("kind", "without", "control"),
    [
        ("sftp_server", "host", "5.3"),
        ("sftp_server", "host", "7.2"),
        ("ftps_server", "tls", "7.2"),
        ("client", "job", "5.3"),
        ("client", "job", "7.2"),
    ],
)
def test_a_host_without_its_kind_of_key_is_not_measured(kind: str, without: str, control: str) -> None:
    site = good_site()
    site.kinds = (kind,)
    assert site.row(control).state == "pass"
    files = site.values()["key_files"]
    files[:] = [each for each in files if each["kind"] != without]
    row = site.row(control)
    assert (row.state, row.missing[0].reason) == ("not_measured", f"key_files: there is no {without} key")
