# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook audit on a hardened server: each row that has a check passes, a planted defect flips it, and back."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.hosts.ftps_host import PASSWORD, FtpsHost
from support.hosts.host_play import HostPlay
from support.running.playbook_process import Outcome

pytestmark = pytest.mark.one_in(2, 0)
_SECONDS = 1500
"""Time for a play, also on a machine that has other things to do."""
PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks/audit.yml"
MEASURED = {"1.3", "2.1", "5.1", "5.2", "5.3", "6.1", "6.2", "6.3", "7.2", "10.1"}
SELF_SIGNED = """cd /etc/secure_ftp_synchronize
openssl req -x509 -newkey rsa:3072 -nodes -days 90 -subj /CN=files.example.com -out /root/own.pem -keyout /root/own.key
cat /root/own.pem >ftps_certificate.pem
cat /root/own.key >ftps_key.pem
"""
DEFECTS = {
    "1.3": (
        "force_local_logins_ssl is NO",
        "sed -i 's/^force_local_logins_ssl=.*/force_local_logins_ssl=NO/' /etc/vsftpd.conf",
    ),
    "2.1": ("RSA key of 2048 bits", "ssh-keygen -q -t rsa -b 2048 -N '' -f /root/weak; cat /root/weak.pub >>$KEYS"),
    "5.1": ("PermitTTY yes", "printf 'Match User partner\\n PermitTTY yes\\n' >/etc/ssh/sshd_config.d/00-b.conf"),
    "5.2": ("/srv/jail: mode 0775", "chmod 0775 /srv/jail"),
    "5.3": ("host key of 4", "touch -d '400 days ago' /etc/ssh/ssh_host_ed25519_key"),
    "6.1": ("chain_untrusted", SELF_SIGNED),
    "6.2": ("aes128-cbc", "echo 'Ciphers +aes128-cbc' >/etc/ssh/sshd_config.d/00-a.conf"),
    "6.3": ("max_per_ip is 0", "echo max_per_ip=0 >>/etc/vsftpd.conf"),
    "7.2": ("ftps_key.pem: mode 0644", "chmod 0644 /etc/secure_ftp_synchronize/ftps_key.pem"),
    "10.1": ("neither version nor date", "cat /root/weak.pub >/etc/ssh/revoked"),
}
"""Row -> a part of its finding, and the script that plants the defect."""
REVOKED = """set -eu
ssh-keygen -q -t ed25519 -N '' -f /root/lost
ssh-keygen -q -k -z 1 -f /etc/ssh/revoked /root/lost.pub
echo 'RevokedKeys /etc/ssh/revoked' >/etc/ssh/sshd_config.d/03-revoked.conf
"""
KEEP = (
    "tar -C / --xattrs -cpf /root/before.tar etc/ssh etc/vsftpd.conf etc/secure_ftp_synchronize srv/jail root/.ssh home"
)
BACK = "rm -f /etc/ssh/sshd_config.d/00-*; tar -C / -xpf /root/before.tar; systemctl restart vsftpd"


class AuditedHost(FtpsHost):
    """An SFTP and FTPS server with all roles, and the reports about it."""

    def run(self, tasks: Sequence[dict[str, Any]], *options: str) -> Outcome:
        """Run any tasks on the host, as root."""
        return HostPlay(self.directory, self.host).run(tasks, *options, timeout=_SECONDS)

    def audit(self, *options: str, **variables: Any) -> Outcome:
        """Run the playbook; `lost` is a second server, which no one answers for."""
        lost = {"ansible_host": "127.0.0.1", "ansible_port": "1", "ansible_ssh_common_args": "-F none"}
        groups: dict[str, dict[str, Any]] = {"sftp_servers": {"files": self.host}, "ftps_servers": {"files": self.host}}
        if variables.pop("with_lost", False):
            groups["sftp_servers"]["lost"] = lost
        given = {
            "audit_path": str(self.directory / "reports"),
            "audit_accounts": ["partner"],
            "audit_endpoint": {
                "username": "monitor",
                "password": PASSWORD,
                "ca_file": str(self.authority / "ca.pem"),
            },
            **variables,
        }
        play = HostPlay(self.directory, self.host, groups=groups)
        return play.run_text(PLAYBOOK.read_text(), "-e", json.dumps(given), *options, timeout=_SECONDS)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the newest report."""
        data = json.loads((self.directory / "reports/latest/audit.json").read_text())
        return {row["control"]: row for row in data["rows"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedHost]:
    with AuditedHost(tmp_path_factory.mktemp("audit")) as host:
        done = host.converge(hardened=True)
        assert done.status == 0, done.output
        host.inside(REVOKED)
        yield host


def test_a_hardened_server_passes(server: AuditedHost) -> None:
    done = server.audit()
    assert done.status == 0, done.output
    rows = server.rows()
    assert {control: row["findings"] + row["missing"] for control, row in rows.items() if control in MEASURED} == {
        control: [] for control in MEASURED
    }
    assert {control for control, row in rows.items() if row["state"] == "pass"} == MEASURED
    assert PASSWORD not in done.output
    assert all(PASSWORD not in file.read_text() for file in (server.directory / "reports/latest").iterdir())


def test_each_planted_defect_fails_its_row(server: AuditedHost) -> None:
    server.inside(KEEP)
    keys = server.inside("ls /home/*/.ssh/authorized_keys").split()[0]
    for _words, script in DEFECTS.values():
        server.inside(script.replace("$KEYS", keys))
    server.inside("systemctl restart vsftpd")
    done = server.audit()
    assert done.status != 0
    rows = server.rows()
    for control, (words, _script) in DEFECTS.items():
        assert rows[control]["state"] == "fail", control
        assert any(words in each["observed"] for each in rows[control]["findings"]), rows[control]["findings"]


def test_without_the_defects_it_passes_again(server: AuditedHost) -> None:
    server.inside(BACK)
    done = server.audit(audit_fail_on="low", with_lost=True)
    rows = server.rows()
    assert done.status == 0, done.output
    assert {control for control, row in rows.items() if row["state"] == "pass"} == {"1.3", "6.1"}
    for control in MEASURED - {"1.3", "6.1"}:
        assert rows[control]["state"] == "not_measured"
        assert {each["host"] for each in rows[control]["missing"]} == {"lost"}
    assert "unreachable" in rows["6.2"]["missing"][0]["reason"]
    data = json.loads((server.directory / "reports/latest/audit.json").read_text())
    assert {each["before"] for each in data["changes"]} == {"fail"}


def test_nothing_is_changed_on_the_host(server: AuditedHost) -> None:
    state = "find /etc /srv /var/lib/secure_ftp_synchronize -printf '%p %m %u %T@\\n' 2>/dev/null | sort | sha256sum"
    before = server.inside(state)
    done = server.audit("--check", audit_path=str(server.directory / "none"))
    assert done.status == 0, done.output
    assert server.inside(state) == before
    assert not (server.directory / "none").exists()
    assert re.search(r"\d+ pass", done.output)
    assert subprocess.run(["ls", str(server.directory / "reports")], check=False, capture_output=True).stdout
