# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts with the names of all variables of the roles, with values that would help an attacker."""

from __future__ import annotations

__all__ = ["EVIL_DIRECTORY", "evil_facts"]

from typing import Any

from .estate import ACCOUNT, JOB
from .our_names import ROLES, names_of, options_of

EVIL_DIRECTORY = "/root/.ssh"
_CLIENT = {"name": "files1.example.com", "username": "root", "path": "/etc/other/pins", "password": "evil"}
_CLIENTS = [{"host": host, **_CLIENT} for host in ("vault", "localhost")]
_SERVERS = [{"host": host} for host in ("vault", "localhost")]
_LEGS = [{"server": host, "username": "root", "managed": True, "phase": "publish"} for host in ("vault", "localhost")]
_TRIAL = {"certificate_file": "/etc/shadow", "private_key_file": "/etc/shadow"}
_VALUES: dict[str, Any] = {
    "client_key_rotation_jobs": [{"name": JOB, "username": "root", "servers": _SERVERS}],
    "client_key_rotation_mode": "compromise",
    "password_rotation_mode": "compromise",
    "client_key_rotation_compromised": ["SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"],
    "host_key_rotation_clients": _CLIENTS,
    "certificate_rotation_clients": _CLIENTS,
    "certificate_rotation_client_certificates": [],
    "password_rotation_accounts": [{"name": ACCOUNT, "secret": f"ftps/files1/{ACCOUNT}"}],
    "host_key_rotation_types": ["rsa"],
    "client_key_rotation_passphrase": "evil",
    "ftps_server_names": ["files1.example.com", "*.example.com"],
    "ftps_server_accounts": [],
    "ftps_server_settings": {"anonymous_enable": True},
    "chroot_jail_accounts": [],
    "sftp_server_settings": {},
    "sftp_server_change_files": [{"path": "/etc/ssh/sshd_config.d/00-evil.conf", "content": "PermitRootLogin yes"}],
    "__client_key_rotation_judged": {"legs": _LEGS, "known": {}},
    "__client_key_rotation_progress": {"to_publish": _LEGS, "to_revoke": _LEGS, "to_retire": _LEGS, "jobs": []},
    "__certificate_rotation_behind": [],
    "__host_key_rotation_behind": [],
    "password_rotation_place": {"secret": f"ftps/files1/{ACCOUNT}", "mount": "evil"},
    "ftps_server_trial": _TRIAL,
    "__ftps_server_authority": {"name": "evil", "directory": EVIL_DIRECTORY, "passphrase": "evil"},
}


def evil_facts(*roles: str) -> dict[str, Any]:
    """Return a fact for every variable of the roles, of all roles if none is named."""
    facts: dict[str, Any] = {"exchange_job_host": "vault", "exchange_password": "evil"}
    for role in roles or ROLES:
        typed = {name: _typed(option) for name, option in options_of(role).items()}
        facts |= {name: _VALUES.get(name, typed.get(name, EVIL_DIRECTORY)) for name in names_of(role)}
    return facts


def _typed(option: dict[str, Any]) -> Any:
    """Return a value that passes the validation of an option's type."""
    of_type = {"int": 7, "float": 7.0, "bool": True, "list": [], "dict": {}}
    return option["choices"][-1] if "choices" in option else of_type.get(option["type"], EVIL_DIRECTORY)
