#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mounts of jailed accounts: nothing runs in a jail, and the system's log is reachable from it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jail_mount
short_description: Part of the role chroot_jail, mounts the directory of all jails, and the system log in each jail
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.chroot_jail#role). Playbooks need it only to write such a role.
  - Mounts O(path) on itself with C(nosuid), C(nodev) and C(noexec), by a systemd mount unit that starts with the
    system.
  - Mounts the socket of the system's log as C(dev/log) in each jail, also by a unit, so that the SFTP server in the
    jail can log the actions of its account.
  - The module checks the mounts themselves, not systemd's view of them. Options that were removed by hand, and a log
    socket that was created again since, are found and restored. A change of options leaves the mounts below alone.
  - If O(path) is a separate file system, from C(/etc/fstab) or mounted by other means, that mount must have the three
    options, and the module writes no unit for it.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  safe_file_operations:
    support: full
  platform:
    support: full
    platforms: linux
options:
  path:
    description:
      - Directory of all jails, see O(secure.ftp_synchronize.jail_tree#module:path).
    type: str
    default: /srv/jail
  jails:
    description:
      - Names of the jails to manage. Other jails are left alone.
    type: list
    elements: str
    required: true
  state:
    description:
      - With V(absent) the logs of these jails are unmounted and their units removed; the mount of O(path) is kept.
    type: str
    choices: [present, absent]
    default: present
notes:
  - Needs root and systemd. The directories must exist, except in check mode.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.chroot_jail_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.jail_tree
"""

EXAMPLES = r"""
- name: Mount the jails without programs, and log the actions in them
  secure.ftp_synchronize.jail_mount:
    jails: [partner, collector]

- name: Unmount the log of a jail that will be removed
  secure.ftp_synchronize.jail_mount:
    jails: [former]
    state: absent
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 change made
changes:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path or item that changed.
      type: str
      sample: /srv/jail
    before:
      description: State before the change.
      type: str
      sample: not mounted
    after:
      description: State after the change.
      type: str
      sample: nosuid,nodev,noexec
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable error code.
      type: str
      sample: refused
    path:
      description: Name of the entry, if the message does not hold it already.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: /srv/jail is mounted without noexec
    cure:
      description: Recommended action; empty if it depends on the cause.
      type: str
      sample: Add the options to its line in /etc/fstab, and remount it.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.jail import jail_mount as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
