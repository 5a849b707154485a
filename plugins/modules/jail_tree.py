#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories, keys and quota of jailed accounts; every path is checked component by component."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jail_tree
short_description: Directories, keys and quota of jailed accounts, with paths that nobody else can turn
version_added: 0.2.0
description:
  - Keeps the jails of a host, as the role P(secure.ftp_synchronize.chroot_jail#role) uses them. A jail is a directory
    of root's, with the name of its account, below O(path). sshd and vsftpd take it as the root of the account's
    sessions.
  - In it the account writes to the directories that you name, and cannot change, rename or remove these directories.
  - Every path is opened component by component. A symbolic link, a component that is not root's, and one that others
    may write are refused, because whoever can change a component decides where the jail is.
  - The keys that may log in lie outside of the jail, so that an upload cannot add one.
  - A jail that goes is archived first, the archive is read back, and only then are the data removed.
  - What can be refused is refused before anything is changed.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
    details:
      - Also where the accounts are not there yet.
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
      - Directory of all jails, at least two levels deep. Missing, it is made, with what leads to it.
    type: str
    default: /srv/jail
  keys_path:
    description:
      - Directory of the authorized keys, a file for each account. It may not be below O(path).
    type: str
    default: /etc/ssh/authorized_keys.d
  archive_path:
    description:
      - Directory of the archives of removed jails, made with mode 0700. It may not be below O(path).
    type: str
    default: /var/backups/chroot_jail
  jails:
    description:
      - The jails to look after. Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the account, which is also the name of its group and of its directory.
          - a-z, 0-9, C(_) and C(-), at most 32, beginning with a letter or C(_).
          - The account must be there, but for check mode. An account that is no jail's is refused.
        type: str
        required: true
      state:
        description:
          - With V(closed) the keys and the quota go, and the data stay. It is meant for an account that is about to be
            removed; its number may be another account's later.
          - With V(absent) the keys go first, then whoever is still in the jail is thrown out, and then the jail goes as
            O(jails[].removal) says. The account must be gone already.
        type: str
        choices: [present, closed, absent]
        default: present
      access:
        description:
          - What the account is for. It decides where O(jails[].directories[].writable) is not given.
        type: str
        choices: [upload, download, both]
        default: both
      directories:
        description:
          - Directories in the jail. Those that are not named any more stay, and RV(notes) tells them.
        type: list
        elements: dict
        default: [{name: data}]
        suboptions:
          name:
            description:
              - One name, not a path.
            type: str
            required: true
          writable:
            description:
              - Whether the account may write there. If not, it may read what O(jails[].directories[].owner) puts there.
              - If not given, it may, but for O(jails[].access=download).
            type: bool
          owner:
            description:
              - Account that owns a directory which is not writable for the jail.
            type: str
            default: root
      authorized_keys:
        description:
          - Public keys that may log in, each the line of a C(.pub) file. Options before the key are not taken; each key
            is written with C(restrict).
          - RSA keys below 3072 bits and DSA keys are refused.
        type: list
        elements: str
        default: []
      quota:
        description:
          - Hard limit of what the account may store, such as V(2G), by the user quota of the file system.
          - If the file system keeps none, if limits do not count there, or if a container may not ask it, RV(notes)
            says so, as a warning. If not given, there is no limit.
        type: str
      quota_files:
        description:
          - Hard limit of the number of files; see O(jails[].quota).
        type: int
      removal:
        description:
          - What becomes of the data with O(jails[].state=absent). V(delete) keeps no archive.
        type: str
        choices: [archive, delete]
        default: archive
      rotated:
        description:
          - Whether another role keeps the keys of the account, such as
            P(secure.ftp_synchronize.client_key_rotation#role).
            The file of keys is made if it is missing, and its content is left as it is. O(jails[].authorized_keys) is
            refused.
        type: bool
        default: false
  refuse_unlisted:
    description:
      - Whether to fail if this host has accounts of jails in O(path) that O(jails) does not name.
    type: bool
    default: false
notes:
  - Needs root, and Linux 5.14 or newer for quotas.
seealso:
  - module: secure.ftp_synchronize.jail_mount
"""

EXAMPLES = r"""
- name: A jail with a directory to fill and one to read
  secure.ftp_synchronize.jail_tree:
    jails:
      - name: partner
        directories:
          - name: incoming
          - name: outgoing
            writable: false
        authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX partner@example.com
        quota: 2G

- name: Take a jail away, and keep its data in an archive
  secure.ftp_synchronize.jail_tree:
    jails:
      - name: former
        state: absent
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 3 changes made
changes:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path or item that changed.
      type: str
      sample: /srv/jail/partner/incoming
    before:
      description: State before the change.
      type: str
      sample: missing
    after:
      description: State after the change.
      type: str
      sample: directory 0:1001 2770
archives:
  description: Files with the data of jails that were removed.
  returned: always
  type: list
  elements: str
  sample: [/var/backups/chroot_jail/former-20261125T003000Z.tar.gz]
notes:
  description: Further messages for the operator, also shown as warnings. Empty if there are none.
  returned: always
  type: list
  elements: str
  sample:
    - "/srv/jail/partner has no quota: its file system has no user quotas, or this system may not set them"
unlisted:
  description: Accounts of jails in O(path) that O(jails) does not name. They are left alone.
  returned: always
  type: list
  elements: str
  sample: [former]
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable error code.
      type: str
      sample: unsafe_path
    path:
      description: Name of the entry, if the message does not hold it already.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: /srv/jail is a symbolic link, not a directory
    cure:
      description: Recommended action; empty if it depends on the cause.
      type: str
      sample: Name the real directory, or remove it.
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._edge import boundary
from ..module_utils._edge.jail import jails as jail
from ..module_utils._edge.jail import params as jail_params


def main() -> None:
    module = AnsibleModule(argument_spec=jail_params.jail_tree(), supports_check_mode=True)
    work = partial(jail.tree, module.params, module.warn, check_mode=module.check_mode, diff=module._diff)
    boundary.run(module, work, blank=jail.blank_trees())


if __name__ == "__main__":
    main()
