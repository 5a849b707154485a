# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of one controller: sync clients, servers and a host that no role uses, all simulated. Every playbook of the
collection can run there.

estate = Estate(tmp_path)
estate.client.facts("setup", client_key_rotation_mode="compromise")
played = estate.playbook("rotate_keys")
"""

from __future__ import annotations

__all__ = ["ACCOUNT", "JOB", "KEYS", "OTHER_SECRET", "PASSPHRASE", "PASSWORD", "Estate", "legs"]

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.account_ledger import (
    CLOSED,
    Ledger,
    begun,
    format_ledger,
    recorded,
)

from ..scenes.revocation_desk import RevocationDesk
from ..servers import ssh_keys
from .answers import FINGERPRINT
from .played_host import PlayedHost
from .trust_scene import Played, TrustScene

ACCOUNT, PERSON, JOB, KEYS = "partner", "alice", "nightly", "/etc/secure_ftp_synchronize/keys"
PASSPHRASE, PASSWORD = "canary-71c2 of the job", "canary-5b0d of the account"
OTHER_SECRET = "canary-3f7a of another host"
_PLAYBOOKS = Path(__file__).parents[3] / "playbooks"
_SERVERS = ("files1", "files2")


def legs(servers: Sequence[str] = _SERVERS, **words: Any) -> list[dict[str, Any]]:
    """Return the legs of the job as an honest client reports them, with further words in each."""
    leg = {
        "job": JOB,
        "managed": True,
        "phase": "publish",
        "private_key_file": f"{KEYS}/{JOB}/keys/ed25519-20261125T003000Z",
        "public_key": f"{ssh_keys.key('job').public} {JOB}/ed25519-20261125T003000Z",
        "published_keys": [ssh_keys.key("job").public],
        "revoked_keys": [],
    }
    return [{**leg, "server": server, **words} for server in servers]


def _drill() -> dict[str, Any]:
    """Return the options of a restore drill, and of the check of its records."""
    return {
        "restore_drill_server": {"host": "files1.example.com", "username": ACCOUNT, "password": PASSWORD},
        "restore_drill_src": "release",
        "restore_drill_signer": {"principal": "release@example.com", "allowed_signers_file": "/etc/ssh/signers"},
        "restore_drill_record_signer": {"principal": "drill@example.com", "allowed_signers_file": "/etc/ssh/signers"},
        "restore_drill_scratch": "/srv/drill/scratch",
        "restore_drill_live": ["/srv/release"],
        "restore_drill_policy": {"max_age": "100d"},
        "restore_drill_receipts": {"path": "/var/lib/receipts/drills", "private_key_file": "/etc/ssh/drill_ed25519"},
        "restore_drill_report_file": "/srv/drill/report.md",
    }


def _jobs() -> dict[str, Any]:
    """Return the options of scheduled syncs."""
    options = {"host": "files1.example.com", "username": ACCOUNT, "src": "/srv/tree", "dest": "tree"}
    job = {"name": JOB, "schedule": "daily", "options": options, "secrets": {"passphrase": PASSPHRASE}}
    return {"sync_job_jobs": [job], "sync_job_metrics_directory": ""}


class Estate(TrustScene):
    """client and files1, files2 are in the groups of the playbooks; vault is in none.

    clients, servers: names of further hosts like these.
    """

    def __init__(
        self,
        directory: Path,
        core: str = "",
        *,
        clients: Sequence[str] = (),
        servers: Sequence[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(directory, core, **options)
        self.servers = [self._add_server(name) for name in (*_SERVERS, *servers)]
        self.client, *self.clients = [self._add_client(name) for name in ("client", *clients)]
        self.vault = self.host("vault")
        self.local: PlayedHost | None = None
        self._secrets_manager()
        self.watch()

    def with_local(self) -> PlayedHost:
        """Let a witness stand for the controller as a host of the inventory."""
        self.local = self.host("localhost")
        return self.local

    def playbook(
        self,
        name: str,
        *options: str,
        gather_facts: bool = False,
        before: str = "",
        guarded: bool = True,
        **variables: Any,
    ) -> Played:
        """Run a playbook of the collection. options: of ansible-playbook. before: plays that come first. guarded: False
        for plays as a user writes them with the same roles, which do not forget the facts of hosts first.
        """
        if name == "revoke_keys":
            self.desk.good()
        if name == "open_account":
            self._close_account()
        if name == "deploy_exchange":
            variables = {"exchange_hosts": "files1", **variables}
        if name == "incident_drill":
            variables = {"key_revocation_mode": "propose", **variables}
        text = (_PLAYBOOKS / f"{name}.yml").read_text().removeprefix("---\n")
        for word in ("vars_files: [", "import_tasks: "):
            text = text.replace(word, f"{word}{_PLAYBOOKS}/")
        if not guarded:
            text = _CHECK_HOSTS.sub("", text.replace(_GUARD, "")).replace("  pre_tasks:\n  roles:", "  roles:")
        if gather_facts:
            text = text.replace("gather_facts: false", "gather_facts: true")
        return self.run(before + text, *options, **variables)

    def _close_account(self) -> None:
        """Let the ledger have the account closed on every server, and the hosts open it."""
        answers = [(server.name, {"state": CLOSED, "fingerprints": []}) for server in self.servers]
        closed = recorded(begun(Ledger(), CLOSED, (), (), jobs=False), answers, time.time())
        (self.desk.directory / f"account-{ACCOUNT}.json").write_text(format_ledger(closed))
        for host in self.hosts.values():
            host.answer("account_access", {"state": "open"})

    def _add_client(self, name: str) -> PlayedHost:
        servers = [{"host": server} for server in _SERVERS]
        job = {"name": JOB, "username": ACCOUNT, "servers": servers}
        login = {"host": "files1.example.com", "username": ACCOUNT, "password": PASSWORD}
        own = {"name": name, "certificate_file": "/etc/ssl/own.pem", "private_key_file": "/etc/ssl/own.key"}
        client = self.host(
            name,
            "sftp_clients",
            "ftps_clients",
            "drill_hosts",
            "job_hosts",
            client_key_rotation_jobs=[job],
            client_key_rotation_passphrase=PASSPHRASE,
            certificate_rotation_client_certificates=[{**own, "servers": [login]}],
            account_access_account=ACCOUNT,
            account_access_jobs=[JOB],
            account_access_directory=str(self.desk.directory),
            **_drill(),
            **_jobs(),
            sync_host="files1.example.com",
            sync_user=ACCOUNT,
            sync_key="/etc/ssl/key",
            sync_known_hosts="/etc/ssh/partners_known_hosts",
            sync_src="/srv/tree",
            sync_dest="tree",
        )
        key, generation = ssh_keys.key("job").public, "ed25519-20261125T003000Z"
        prepared = {"generation": generation, "legs": legs(), "strangers": [], "behind": []}
        known = {"public_key": key, "public_keys": [key], "known": {FINGERPRINT: generation}}
        client.answer("client_key", {**prepared, **known})
        passwords = [f"secret password of {server.name}-prices" for server in self.servers]
        other = {"before": "other content", "after": "stored"}
        client.answer("sync_job", {"changes": [{"path": path, **other} for path in passwords]})
        return client

    def _add_server(self, name: str) -> PlayedHost:
        return self.host(name, "sftp_servers", "ftps_servers", **self._server(name))

    def _server(self, name: str) -> dict[str, Any]:
        prices = {"name": "prices", "protocol": "ftps", "password": f"{PASSWORD} at {name}", "dest": "prices"}
        orders = {"name": "orders", "dest": "inbox"}
        pinning = {"host": "client", "name": f"{name}.example.com", "username": ACCOUNT, "path": "/etc/ssl/pins"}
        return {
            "at_rest_vaults": [{"name": "jails", "store": "/var/lib/vaults/jails", "mount": "/srv/jail"}],
            "at_rest_key": {"custody": "operator", "passphrase": f"{PASSWORD} at {name}"},
            "chroot_jail_accounts": [{"name": ACCOUNT, "authorized_keys": [ssh_keys.key("job").public]}],
            "exchange_job_host": "client",
            "exchange_schedule": "daily",
            "exchange_host_keys": [ssh_keys.key("host").public],
            "exchange_password": PASSWORD,
            "exchange_transfers": [{**each, "src": "/srv/outbox", "username": ACCOUNT} for each in (orders, prices)],
            "ftps_server_accounts": [{"name": ACCOUNT}],
            "ftps_server_names": [f"{name}.example.com"],
            "ftps_server_test_account": {"username": ACCOUNT, "password": f"{PASSWORD} at {name}"},
            "host_key_rotation_clients": [{**pinning, "passphrase": PASSPHRASE}],
            "certificate_rotation_clients": [{**pinning, "password": PASSWORD}],
            "mfa_people": [{"name": PERSON, "methods": ["totp"], "totp_secret": f"ftps/{name}/{PERSON}"}],
            "mfa_manager": str(self.manager),
            "password_rotation_accounts": [{"name": ACCOUNT, "secret": f"ftps/{name}/{ACCOUNT}"}],
            "password_rotation_manager": str(self.manager),
            "account_access_account": ACCOUNT,
            "account_access_password": f"{PASSWORD} at {name}",
            "account_access_directory": str(self.desk.directory),
            "key_revocation_directory": str(self.desk.directory),
            "key_revocation_sign": self.desk.signing,
            "key_revocation_drill": {"account": ACCOUNT},
        }

    @property
    def desk(self) -> RevocationDesk:
        """The signed list of revoked keys."""
        return RevocationDesk(self._directory / "revocation")

    @property
    def manager(self) -> Path:
        """The tasks of a secrets manager that keeps its secrets in the controller's files."""
        return self._directory / "manager"

    def _secrets_manager(self) -> None:
        stored = self.controller / "secrets" / "ftps"
        for server in (host.name for host in self.servers):
            (stored / server).mkdir(parents=True)
            for account in (ACCOUNT, PERSON):
                (stored / server / account).write_text(f"{PASSWORD} at {server}")
        self.manager.mkdir()
        (self.manager / "read.yml").write_text(_READ.replace("STORED", str(stored.parent)))
        (self.manager / "write.yml").write_text(_WRITE)


_GUARD = "    - name: Forget the facts of the hosts\n      ansible.builtin.meta: clear_facts\n"
_CHECK_HOSTS = re.compile(r"- name: Check that a host is in this run\n(?:  .*\n)+")  # forgets facts too
_READ = """---
- name: Read
  ansible.builtin.set_fact:
    password_rotation_stored:
      fields:
        password: "{{ lookup('ansible.builtin.file', 'STORED/' ~ password_rotation_place.secret) }}"
        totp_secret: "{{ lookup('ansible.builtin.file', 'STORED/' ~ password_rotation_place.secret) }}"
        recovery_codes: ""
      written: "{{ now(utc=true).strftime('%Y-%m-%dT%H:%M:%S') }}"
  no_log: true
"""
_WRITE = """---
- name: Write nothing
  ansible.builtin.meta: noop
"""
