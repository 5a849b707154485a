# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is an SFTP server, an FTPS server and a client with a job, with everything that the audit measures.

with AuditedHost(directory) as host:
    host.set_up()
    assert host.audit().status == 0
    host.rows()["6.2"]["state"]
"""

from __future__ import annotations

__all__ = ["AuditedHost"]

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify, secret_scan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import (
    restore_drill,
    secure_sync,
    tree_verify,
)

from ..running.playbook_process import Outcome
from ..running.tasks import run_task
from ..scenes.revocation_desk import RevocationDesk
from ..servers import ssh_keys
from ..trees.receipt_chain import LINE
from ..trees.signed_tree import PRINCIPAL, Sender
from .ftps_host import HASH, PASSWORD, FtpsHost
from .host_play import HostPlay, role
from .vault_host import VaultHost

_SECONDS = 1500
"""Time for a play, also on a machine that has other things to do."""
_PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
_CANARY = "canary"
"""The account of drills of a revocation. It has neither a key nor a password of its own."""
_RIGHTS = {"writable": ["data"]}
_PASSPHRASE = "a passphrase of the vault"
_SERVERS = """set -eu
: >/etc/ssh/revoked_keys
echo 'RevokedKeys /etc/ssh/revoked_keys' >/etc/ssh/sshd_config.d/03-revoked.conf
useradd --create-home person
cat >/etc/ssh/sshd_config.d/02-person.conf <<END
Match User person
 AuthenticationMethods publickey
 PubkeyAuthOptions verify-required
 PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com
END
"""
_CLIENT = """set -eu
cat >/etc/ssh/job_authority.pub
useradd --create-home peer
echo 'TrustedUserCAKeys /etc/ssh/job_authority.pub' >/etc/ssh/sshd_config.d/01-authority.conf
systemctl reload ssh
mkdir -p /srv/out
echo hello >/srv/out/a
echo "localhost $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >/etc/known_peer
chmod 644 /etc/known_peer
"""
_LISTS = """set -eu
rm -rf /etc/apt/sources.list.d/* /etc/apt/sources.list
mkdir -p /var/local/repository
touch /var/local/repository/Packages
echo 'deb [trusted=yes] file:/var/local/repository ./' >/etc/apt/sources.list
apt-get -q update
"""


class AuditedHost(FtpsHost):
    """One host with all roles, and the reports about it."""

    def __init__(self, directory: Path) -> None:
        self.key = ssh_keys.key("audited")
        accounts = [
            {"name": "partner", "password_hash": HASH, "authorized_keys": [self.key.public]},
            {"name": "monitor", "password_hash": HASH},
            {"name": _CANARY},
        ]
        super().__init__(directory, accounts=accounts)
        self.host = VaultHost("debian13")

    def variables(self, **variables: Any) -> dict[str, Any]:
        """Return the variables of ftps_server, which the account of drills does not use."""
        partners = [each for each in self.accounts if each["name"] != _CANARY]
        return super().variables(ftps_server_accounts=partners, **variables)

    def set_up(self) -> None:
        """Run the roles and the job, publish a signed set, and drill its restore and a revocation."""
        done = self.converge(hardened=True)
        assert done.status == 0, done.output
        self.inside(_SERVERS)
        self._certify()
        done = self.run([role("transfer_monitoring", transfer_monitoring_history=0), self._vault(), self._job()])
        assert done.status == 0, done.output
        # systemd refuses the sixth start in ten seconds; the roles have just made several.
        self.inside("systemctl reset-failed; systemctl start secure-sync-nightly secure-ftp-events.service")
        self.inside(_LISTS)
        self._publish()
        self._drill_revocation()

    def run(self, tasks: Sequence[dict[str, Any]], *options: str) -> Outcome:
        """Run any tasks on the host, as root."""
        return HostPlay(self.directory, self.host).run(tasks, *options, timeout=_SECONDS)

    def _certify(self) -> None:
        """Let the account of the job log in with a certificate of 12 hours, and with nothing else."""
        authority = ssh_keys.key("audited-authority")
        signed = ssh_keys.certify_user(ssh_keys.key("audited-job"), authority, principals="peer", validity="-5m:+12h")
        self.inside(_CLIENT, input=authority.public + "\n")
        self.inside("cat >/etc/job-cert.pub", input=signed.certificate_text + "\n")

    def _vault(self) -> dict[str, Any]:
        vault = {"name": "data", "store": "/srv/store", "mount": "/srv/data"}
        return role("at_rest", at_rest_vaults=[vault], at_rest_key={"custody": "operator", "passphrase": _PASSPHRASE})

    def _job(self) -> dict[str, Any]:
        options = {
            "host": "localhost",
            "username": "peer",
            "known_hosts_file": "/etc/known_peer",
            "ssh_config_file": "none",
            "ssh_agent": False,
            "src": "/srv/out",
            "dest": "nightly",
        }
        job = {
            "name": "nightly",
            "schedule": "*-*-* 02:15:00",
            "options": options,
            "secrets": {"private_key": ssh_keys.key("audited-job").text},
            "certificate": {"source": "file", "file": "/etc/job-cert.pub"},
        }
        return role("sync_job", sync_job_jobs=[job], sync_job_metrics_directory="")

    def _endpoint(self) -> dict[str, Any]:
        return {
            "host": self.host.address,
            "username": "partner",
            "private_key_file": str(self.key.path),
            "known_hosts_file": str(self.host.known_hosts),
            "ssh_config_file": "none",
            "ssh_agent": False,
        }

    def _publish(self) -> None:
        """Publish a signed set in the jail of the partner, and restore it."""
        live = self.directory / "live"
        live.mkdir()
        (live / "report.csv").write_text("1,2\n")
        sign = {"private_key_file": str(ssh_keys.key("release").path)}
        place = {"src": str(live), "dest": "data/release", "state_dir": str(self.directory / "sender")}
        pushed = run_task(secure_sync, **self._endpoint(), **place, sign=sign)
        assert "failed" not in pushed, pushed["msg"]
        drilled = run_task(
            restore_drill,
            **self._endpoint(),
            src="data/release",
            scratch=str(self.directory / "scratch"),
            live=[str(live)],
            verify=self._verify(),
            receipts={"path": str(self.receipts), "private_key_file": str(ssh_keys.key("receipts").path)},
        )
        assert drilled["drill"]["verdict"] == "passed", drilled["msg"]

    def _drill_revocation(self) -> None:
        """Install a list of revoked keys, and drill a revocation."""
        desk = RevocationDesk(self.directory / "desk")
        given = {
            "directory": str(desk.directory),
            "sign": desk.signing,
            "drill": {
                "account": _CANARY,
                "directory": str(self.directory / "canary"),
                "receipts": {"path": str(self._revocations), "private_key_file": str(ssh_keys.key("receipts").path)},
                "proof": {"host": self.host.address, "known_hosts_file": str(self.host.known_hosts)},
            },
        }
        options = json.dumps({f"key_revocation_{name}": value for name, value in given.items()})
        play = HostPlay(self.directory, self.host, groups={"sftp_servers": {"files": self.host}})
        done = play.run_text((_PLAYBOOKS / "incident_drill.yml").read_text(), "-e", options, timeout=_SECONDS)
        assert done.status == 0, done.output

    @property
    def _revocations(self) -> Path:
        return self.directory / "revocations"

    @property
    def receipts(self) -> Path:
        """The directory of the records of restore drills."""
        return self.directory / "drills"

    def _verify(self) -> dict[str, Any]:
        return {"principal": PRINCIPAL, "allowed_signers": [Sender(ssh_keys.key("release")).line]}

    def measure(self) -> dict[str, Any]:
        """Return the results of the other modules, as a playbook before the audit registers them."""
        signers = {"principal": PRINCIPAL, "allowed_signers": [LINE]}
        return {
            "audit_jail_probes": {
                "files": [
                    run_task(jail_probe, **self._endpoint(), expect=_RIGHTS, marked_file=True, fail_on="none"),
                ]
            },
            "audit_secret_scan": self._scanned(),
            "audit_pins": {"site": run_task(host_key_pin_info, path=str(self.host.known_hosts))},
            "audit_sets": {
                "release": run_task(
                    tree_verify,
                    **self._endpoint(),
                    src="data/release",
                    content="whole",
                    verify=self._verify(),
                    state_dir=str(self.directory / "state"),
                )
            },
            "audit_receipts": {
                path.name: run_task(receipt_verify, path=str(path), verify=signers, drill={"max_age": "100d"})
                for path in (self.receipts, self._revocations)
            },
        }

    @property
    def project(self) -> Path:
        """A project of Ansible on the controller."""
        path = self.directory / "project"
        path.mkdir(exist_ok=True)
        return path

    def _scanned(self) -> dict[str, Any]:
        (self.project / "site.yml").write_text("- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n")
        return run_task(secret_scan, paths=[str(self.project)], fail_on="none")

    def audit(self, *options: str, **variables: Any) -> Outcome:
        """Run the playbook; `lost` is a second server, which no one answers for."""
        lost = {"ansible_host": "127.0.0.1", "ansible_port": "1", "ansible_ssh_common_args": "-F none"}
        groups: dict[str, dict[str, Any]] = {
            name: {"files": self.host} for name in ("sftp_servers", "ftps_servers", "sync_clients")
        }
        if variables.pop("with_lost", False):
            groups["sftp_servers"]["lost"] = lost
        document = {"text": "A text.", "approved_by": "A. Person", "approved": time.strftime("%Y-%m-%d", time.gmtime())}
        names = ("retention", "access", "encryption", "rotation", "contacts")
        given = {
            "audit_path": str(self.directory / "reports"),
            "audit_accounts": ["partner"],
            "audit_people": ["person"],
            "audit_encrypted": ["/srv/data/reports"],
            "audit_attacks": True,
            # The address below is of this host, and not of `lost`.
            "audit_scan_allowed": "{{ inventory_hostname == 'files' }}",
            "audit_ssh_endpoint": {
                "host": self.host.address,
                "known_hosts_file": str(self.host.known_hosts),
                "ssh_config_file": "none",
            },
            "audit_endpoint": {
                "username": "monitor",
                "password": PASSWORD,
                "ca_file": str(self.authority / "ca.pem"),
            },
            **{f"policy_{name}": document for name in names},
            **variables,
        }
        (self.directory / "given.json").write_text(json.dumps(given))
        play = HostPlay(self.directory, self.host, groups=groups)
        words = ("-e", f"@{self.directory / 'given.json'}", *options)
        ours = json.dumps([{"import_playbook": "secure.ftp_synchronize.audit"}])
        return play.run_text(ours, *words, timeout=_SECONDS)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the newest report."""
        data = json.loads((self.directory / "reports/latest/audit.json").read_text())
        return {row["control"]: row for row in data["rows"]}
