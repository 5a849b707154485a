# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rehearsals of failures: harm to a host in the middle of a change of sshd, and the checks that the owner gets in.

before = configuration(host)
with harmed(host, "echo 'AllowUsers x' > /etc/ssh/sshd_config.d/00-other.conf"):
    HostPlay(directory, host).run([role("mfa", ...)])
    undone(host, before)
"""

from __future__ import annotations

__all__ = ["BACK_SECONDS", "configuration", "harmed", "owner_gets_in", "undone"]

import time
from collections.abc import Iterator
from contextlib import contextmanager

from .systemd_host import SystemdHost
from .systemd_image import OWNER

BACK_SECONDS = 180.0
_UNIT, _HARM = "/etc/systemd/system/ssh.service.d", "/root/harm"
_PLACES = "/etc/ssh"


def configuration(host: SystemdHost, places: str = _PLACES) -> str:
    """Return the state of sshd's files: names, modes and contents."""
    files = f"find {places} -type f -printf '%p %m ' -exec sha256sum {{}} ';' | sort"
    return host.enter("/bin/sh", "-c", files).stdout


def owner_gets_in(host: SystemdHost, seconds: float = BACK_SECONDS) -> None:
    """Wait until the owner logs in."""
    deadline = time.monotonic() + seconds
    while host.run("true", user=OWNER, check=False).returncode:
        assert time.monotonic() < deadline, "the owner is locked out"
        time.sleep(1)


def undone(host: SystemdHost, before: str, places: str = _PLACES) -> None:
    """Wait until the configuration is restored and the administrator can log in; then once more after a restart of
    sshd."""
    deadline = time.monotonic() + BACK_SECONDS
    while configuration(host, places) != before:
        assert time.monotonic() < deadline, "the configuration was not put back"
        time.sleep(1)
    owner_gets_in(host)
    host.restart_sshd()
    owner_gets_in(host)
    assert configuration(host, places) == before


@contextmanager
def harmed(host: SystemdHost, harm: str) -> Iterator[None]:
    """Let systemd do harm when it reloads sshd for a change, before sshd reads its configuration."""
    host.enter("/bin/sh", "-c", f"cat > {_HARM}", input=harm + "\n")
    text = f"[Service]\nExecReload=\nExecReload=/bin/sh {_HARM}\nExecReload=/bin/kill -HUP $MAINPID\n"
    host.enter("/bin/sh", "-c", f"mkdir -p {_UNIT}; cat > {_UNIT}/harm.conf; systemctl daemon-reload", input=text)
    try:
        yield
    finally:
        host.enter("/bin/sh", "-c", f"rm -r {_UNIT} {_HARM}; systemctl daemon-reload")
