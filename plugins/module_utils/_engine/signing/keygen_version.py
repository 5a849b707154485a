# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check whether ssh-keygen is new enough to verify signatures.

ssh-keygen does not print a version; the `ssh` that is installed with it does.
"""

from __future__ import annotations

from ..errors import ClientMissing
from ..ssh.openssh_version import openssh_version

OLDEST_KEYGEN = (8, 7)
"""valid-after and valid-before came with 8.7, -Y verify with 8.2. An older ssh-keygen refuses every line with them."""

INSTALL = "Install an OpenSSH client, %d.%d or newer, on this host." % OLDEST_KEYGEN


def require_new_keygen() -> None:
    """Raise ClientMissing if the OpenSSH on PATH is known to be too old."""
    version = openssh_version()
    if version is not None and version < OLDEST_KEYGEN:
        raise ClientMissing("verify: the ssh-keygen of OpenSSH %d.%d is too old" % version, cure=INSTALL)
