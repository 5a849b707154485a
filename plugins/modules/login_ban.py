#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ban addresses that guess passwords or keys, by fail2ban."""

from __future__ import annotations

DOCUMENTATION = r"""
module: login_ban
short_description: Part of the roles sftp_server and ftps_server, bans addresses that guess passwords or keys
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.sftp_server#role) and P(secure.ftp_synchronize.ftps_server#role).
    Playbooks need it only to write such a role.
  - Manages one jail of fail2ban in its own drop-in. fail2ban tests a copy of its configuration first. If the jail
    does not start afterwards, the previous drop-in is restored.
  - The address from which this play connects is never banned. It is in the file before the service starts, and applies
    to the other jails as well unless C(jail.local) sets C(ignoreip) for all of them.
  - The roles P(secure.ftp_synchronize.ftps_server#role) and P(secure.ftp_synchronize.sftp_server#role) use it.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs systemd and root.
options:
  name:
    description: Name of the drop-in, C(/etc/fail2ban/jail.d/00-secure_ftp_synchronize_NAME.conf).
    type: str
    required: true
  jail:
    description: The jail. If not given, C(secure_ftp_synchronize_NAME).
    type: str
  state:
    description:
      - V(present) writes the drop-in and starts the jail. If fail2ban is not installed and O(packages) is empty, only
        the drop-in is written and RV(missing) is true.
      - V(absent) removes the drop-in; its bans end.
    type: str
    choices: [present, absent]
    default: present
  settings:
    description: Options of the jail by their names in C(jail.conf(5)).
    type: dict
    default: {}
  spared:
    description: Further addresses and networks that this jail never bans.
    type: list
    elements: str
    default: []
  packages:
    description:
      - Packages to install if fail2ban is missing. The drop-in is written before, and the jail starts afterwards.
    type: list
    elements: str
    default: []
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.sftp_server_role
    description: The role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.ftps_server_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.tls_policy
  - module: secure.ftp_synchronize.sshd_change
"""

EXAMPLES = r"""
- name: Ban addresses that guess passwords of vsftpd
  secure.ftp_synchronize.login_ban:
    name: ftps
    settings:
      filter: vsftpd
      backend: systemd
      journalmatch: _SYSTEMD_UNIT=vsftpd.service
      port: 21
    spared: [203.0.113.0/24]
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: addresses that guess are banned
missing:
  description: Whether fail2ban must be installed.
  returned: success
  type: bool
  sample: false
controller:
  description: The address from which this play connects, which is never banned; empty if it has none.
  returned: success
  type: str
  sample: 203.0.113.7
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(ban_failed), C(invalid_request), C(operation_failed) or C(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import login_ban as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
