# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the role: the service, its configuration, and who may log in."""

from __future__ import annotations

import pytest
from testinfra.host import Host


def test_the_service_runs_now_and_after_a_boot(host: Host) -> None:
    service = host.service("vsftpd")
    assert service.is_running
    assert service.is_enabled
    assert not host.file("/etc/systemd/system/vsftpd.service").exists


@pytest.mark.parametrize(
    "line",
    [
        "ssl_enable=YES",
        "force_local_logins_ssl=YES",
        "force_local_data_ssl=YES",
        "require_ssl_reuse=YES",
        "anonymous_enable=NO",
        "chroot_local_user=YES",
        "allow_writeable_chroot=NO",
        "port_enable=NO",
        "local_umask=027",
        "userlist_deny=NO",
    ],
)
def test_its_configuration(host: Host, line: str) -> None:
    lines = host.file("/etc/vsftpd.conf").content_string.splitlines()
    name = line.partition("=")[0]
    assert [each for each in lines if each.startswith(f"{name}=")] == [line]


def test_who_may_log_in(host: Host) -> None:
    place = "/etc/secure_ftp_synchronize"
    listed = host.file(f"{place}/ftps_accounts.list").content_string.splitlines()
    assert [line for line in listed if not line.startswith("#")] == ["partner", "collector"]
    assert host.file(f"{place}/ftps_accounts/collector").content_string == (
        "download_enable=NO\nidle_session_timeout=300\n"
    )
    for path in (place, f"{place}/ftps_accounts", f"{place}/ftps_accounts.list", "/etc/pam.d/secure_ftp_synchronize"):
        assert (host.file(path).user, host.file(path).mode & 0o022) == ("root", 0)


def test_it_listens(host: Host) -> None:
    assert host.socket("tcp://:::21").is_listening or host.socket("tcp://0.0.0.0:21").is_listening
