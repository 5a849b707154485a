# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's reported settings, compared with the dev-sec SSH baseline, which `compatible` follows."""

from __future__ import annotations

import pytest
from testinfra.host import Host

BASELINE = {
    "permitrootlogin": "no",
    "passwordauthentication": "no",
    "kbdinteractiveauthentication": "no",
    "permitemptypasswords": "no",
    "pubkeyauthentication": "yes",
    "hostbasedauthentication": "no",
    "ignorerhosts": "yes",
    "ignoreuserknownhosts": "yes",
    "kerberosauthentication": "no",
    "gssapiauthentication": "no",
    "strictmodes": "yes",
    "loglevel": "VERBOSE",
    "syslogfacility": "AUTH",
    "logingracetime": "30",
    "maxauthtries": "2",
    "maxsessions": "10",
    "maxstartups": "10:30:60",
    "tcpkeepalive": "no",
    "clientaliveinterval": "300",
    "clientalivecountmax": "3",
    "permittunnel": "no",
    "permituserenvironment": "no",
    "permituserrc": "no",
    "compression": "no",
    "usedns": "no",
    "allowtcpforwarding": "no",
    "allowagentforwarding": "no",
    "x11forwarding": "no",
    "x11uselocalhost": "yes",
    "gatewayports": "no",
    "printmotd": "no",
    "printlastlog": "no",
}
MINE = {
    "requiredrsasize": "3072",
    "disableforwarding": "yes",
    "banner": "/etc/ssh/secure_ftp_synchronize_banner",
    "subsystem": "sftp internal-sftp -f AUTHPRIV -l VERBOSE",
}
CIPHERS = {"chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com"} | {
    f"aes{bits}-ctr" for bits in (128, 192, 256)
}
MACS = {f"hmac-sha2-{bits}{etm}" for bits in (256, 512) for etm in ("", "-etm@openssh.com")} | {
    "umac-128-etm@openssh.com"
}


def effective(host: Host, user: str) -> dict[str, str]:
    """Return sshd's settings for a login."""
    told = host.check_output(f"sshd -T -C user={user},host=198.51.100.1,addr=198.51.100.1")
    return dict(line.split(" ", 1) for line in told.splitlines() if " " in line)


@pytest.mark.parametrize("user", ["root", "admin", "stranger"])
def test_the_baseline_holds_for_everybody(host: Host, user: str) -> None:
    found = effective(host, user)
    assert {key: found.get(key) for key in {**BASELINE, **MINE}} == {**BASELINE, **MINE}


def test_the_baseline_s_algorithms_are_the_only_ones(host: Host) -> None:
    found = effective(host, "admin")
    assert set(found["ciphers"].split(",")) <= CIPHERS
    assert set(found["macs"].split(",")) <= MACS
    assert found["kexalgorithms"].split(",")[0].startswith(("mlkem768x25519-", "sntrup761x25519-"))
    assert not [name for name in found["kexalgorithms"].split(",") if "sha1" in name or "nistp" in name]


def test_the_files_are_closed_and_the_moduli_long(host: Host) -> None:
    for name in ("ssh_host_ed25519_key", "ssh_host_rsa_key", "sshd_config.d/10-secure_ftp_synchronize.conf"):
        file = host.file(f"/etc/ssh/{name}")
        assert (file.mode, file.user) == (0o600, "root"), name
    lines = host.file("/etc/ssh/moduli").content_string.splitlines()
    sizes = [int(line.split()[4]) for line in lines if line and not line.startswith("#")]
    assert len(sizes) > 100
    assert min(sizes) >= 3071


def test_the_change_was_confirmed_and_nothing_waits(host: Host) -> None:
    assert not host.file("/var/lib/secure_ftp_synchronize/sshd_guard").exists
    assert not host.file("/etc/systemd/system/secure_ftp_synchronize-restore-boot.service").exists
    assert "secure_ftp_synchronize" not in host.check_output("systemctl list-timers --all --no-pager")
