# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own trial of a configuration, where no login over SSH can confirm it.

sshd serves the configuration to one client on this host over a pipe, without a port. The client accepts only the host
keys of this host, and logs in nowhere: it must come to the point at which sshd offers the login by key.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import Iterator

from ..errors import NotAsWanted
from ..system.program import ask_program
from .administrators import LOOPBACK
from .daemon import SSHD, Client, effective

UNPROVEN = (
    "the change of sshd's configuration was not confirmed by a login, because this connection does not use SSH. The "
    "host itself tried the configuration: sshd serves it and offers the login by key. Not proven: that an "
    "administrator can log in over SSH"
)
_NAME = "trial"
_OFFERED = re.compile(r"Permission denied \(([^()]*)\)")
_SECONDS = 30.0


def try_configuration(config: str) -> None:
    """Raise NotAsWanted unless sshd serves a configuration up to the login by key."""
    with tempfile.TemporaryDirectory(prefix="sshd-trial-") as directory:
        pins = os.path.join(directory, "known_hosts")
        with open(pins, "w", encoding="ascii") as stream:
            stream.writelines(_pins(config))
        completed = ask_program(*_client(config, pins), seconds=_SECONDS)
    offered = _OFFERED.search(completed.err)
    if offered is None or "publickey" not in offered[1].split(","):
        raise NotAsWanted(
            "sshd does not serve the configuration on this host: %s"
            % (" ".join(completed.err.split())[-300:] or "no answer"),
            cure="Correct the given settings; nothing was changed.",
        )


def _pins(config: str) -> Iterator[str]:
    for path in effective(Client("root", LOOPBACK), config).get("hostkey", ()):
        completed = ask_program("ssh-keygen", "-y", "-P", "", "-f", path)
        if not completed.status:
            yield "%s %s\n" % (_NAME, " ".join(completed.out.split()[:2]))


def _client(config: str, pins: str) -> Iterator[str]:
    options = {
        "ProxyCommand": "%s -i -f %s" % (SSHD, config),
        "HostKeyAlias": _NAME,
        "UserKnownHostsFile": pins,
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "BatchMode": "yes",
        "PreferredAuthentications": "none",
        "ControlPath": "none",
    }
    yield from ("ssh", "-F", "none", "-l", "root")
    for name, value in options.items():
        yield from ("-o", "%s=%s" % (name, value))
    yield from (_NAME, "true")
