# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd unit of a vault: unlocks it at its start, and locks it at its end, also if the process has died. Pure.

The unit is stopped although files are open: then they cannot be read or written any more.
"""

from __future__ import annotations

from ..system.vault_units import MOUNT_LINE, PREFIX
from .backends import Backend
from .key_custody import passphrase_source, unit_lines
from .request import OPERATOR, TANG, Vault

_NETWORK = "After=network-online.target\nWants=network-online.target\nStartLimitIntervalSec=0\n"
_TEXT = """# Managed by Ansible (secure.ftp_synchronize.at_rest): changes are overwritten.
[Unit]
Description=Vault %(name)s
RequiresMountsFor=%(store)s %(above)s
%(network)s%(mount_line)s%(mount)s

[Service]
Type=%(kind)s
%(lines)s
%(retry)sTimeoutStopSec=10
SuccessExitStatus=15
"""
_INSTALL = """
[Install]
WantedBy=multi-user.target
"""


def unit_name(vault: Vault) -> str:
    """Return the name of the unit and of its file."""
    return "%s%s.service" % (PREFIX, vault.name)


def unit_text(vault: Vault, backend: Backend, custody: str) -> str:
    """Return the text of the unit. Only a vault that the host can unlock by itself starts at a boot."""
    lines = ["RemainAfterExit=yes"] if backend.kind == "oneshot" else []
    lines += unit_lines(vault, custody)
    lines += ["ExecStart=" + command for command in backend.start(vault, passphrase_source(vault, custody))]
    lines += ["ExecStopPost=" + command for command in backend.stop(vault)]
    text = _TEXT % {
        "name": vault.name,
        "store": vault.store,
        "above": vault.mount.rpartition("/")[0],
        "mount": vault.mount,
        "mount_line": MOUNT_LINE,
        "network": _NETWORK if custody == TANG else "",
        "kind": backend.kind,
        "lines": "\n".join(lines),
        "retry": "Restart=on-failure\nRestartSec=30\n" if custody == TANG else "",
    }
    return text if custody == OPERATOR else text + _INSTALL
