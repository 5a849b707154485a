# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which name the SSH client looks a server up in known_hosts: its configuration may have aliases and ports."""

from __future__ import annotations

import subprocess
from typing import Dict, List

from ..errors import ClientMissing, InvalidRequest
from ..model.display import display_text
from ..model.endpoint import Endpoint
from ..model.local_path import local_path
from ..trust.known_hosts import host_name
from .inputs import Hop, check_hop
from .paramiko_config import find_route
from .stream import OPENSSH, find_openssh, ssh_client

_SECONDS = 30


def known_name(endpoint: Endpoint) -> str:
    """Return the name in the form of `host_name`. Asks no server. Raises InvalidRequest for a configuration that is
    broken."""
    check_hop(Hop(endpoint.host, endpoint.port), "host")
    try:
        client = ssh_client(endpoint.ssh_client)
    except ClientMissing:
        return host_name(endpoint.host, endpoint.port)
    if client == OPENSSH:
        return _of_openssh(endpoint)
    return host_name(*find_route(endpoint).known[-1])


def dns_name(endpoint: Endpoint) -> str:
    """Return the name that is asked of DNS. Needs the OpenSSH client; raises as `known_name`."""
    check_hop(Hop(endpoint.host, endpoint.port), "host")
    return _followed(endpoint).get("hostname", endpoint.host)


def _of_openssh(endpoint: Endpoint) -> str:
    words = _followed(endpoint)
    if not words:
        return host_name(endpoint.host, endpoint.port)
    return words.get("hostkeyalias", "").lower() or host_name(words["hostname"], int(words["port"]))


def _followed(endpoint: Endpoint) -> Dict[str, str]:
    """Return the configuration that would be used, as ssh -G prints it; nothing if ssh cannot be asked."""
    config = endpoint.ssh_config_file
    command: List[str] = [find_openssh() or "ssh", "-G"]
    command += [] if config is None else ["-F", config if config == "none" else local_path(config)]
    command += [] if endpoint.port is None else ["-p", str(endpoint.port)]
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        done = subprocess.run(
            [*command, "--", endpoint.host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    words = _words(done.stdout.decode("utf-8", "surrogateescape"))
    if done.returncode or "hostname" not in words or not words.get("port", "").isdigit():
        lines = done.stderr.decode("utf-8", "surrogateescape").strip().splitlines()
        raise InvalidRequest(
            "ssh_config cannot be followed: %s" % (display_text(lines[-1]) if lines else "ssh -G prints nothing"),
            cure="Correct the SSH client's configuration, or set ssh_config_file to none.",
        )
    return words


def _words(text: str) -> Dict[str, str]:
    pairs = (line.partition(" ") for line in text.splitlines())
    return {name: value.strip() for name, _space, value in pairs}
