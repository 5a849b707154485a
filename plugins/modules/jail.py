#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of jails; their directories, keys and quotas; or their mounts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jail
short_description: Part of the role chroot_jail, manages the accounts, trees or mounts of jails
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.chroot_jail#role). Playbooks need it only to write such a role.
  - "Manages one part of the jails of a host: O(accounts), O(jails) or O(mounts). A jail is a directory owned by root,
    with the name of its account, below O(path). sshd and vsftpd use it as the root of the account's sessions."
  - "Accounts: each has a group of its own, no further groups, no home directory that it could write, and no shell. An
    account that exists and is not a jail's is refused. Passwords are passed as hashes, to chpasswd(8) on its standard
    input. An account that was locked stays locked."
  - "Jails: the account can write to the given directories, and cannot change, rename or remove these directories. Every
    path is opened component by component. A symbolic link, a component that root does not own, and a component that
    others may write are refused, because an account that can change a component controls where the jail is. The
    authorized keys are stored outside the jail, so that an upload cannot add a key. A jail that is removed is archived
    first, the archive is read back, and only then are the data removed. All checks that can refuse the task run before
    anything is changed."
  - "Mounts: O(path) is mounted on itself with C(nosuid), C(nodev) and C(noexec), and the socket of the system's log as
    C(dev/log) in each jail, so that the SFTP server in the jail can log the actions of its account. Mount units of
    systemd do both. The module checks the mounts themselves, not systemd's view of them. Options that were removed by
    hand, and a log socket that was created again since, are found and restored. A change of options leaves the mounts
    below alone. If O(path) is a separate file system, from C(/etc/fstab) or mounted by other means, that mount must
    have the three options, and the module writes no unit for it."
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    details: Also if the accounts do not exist yet.
  platform:
    platforms: linux
options:
  path:
    description: Directory of all jails, at least two levels deep. If missing, it is created with its parents.
    type: str
    default: /srv/jail
  accounts:
    description: The accounts. Other accounts are left alone.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the account, and of its group.
        type: str
        required: true
      password_hash:
        description: Hash of the password, as in shadow(5). If not given, no password is valid.
        type: str
      update_password:
        description: V(on_create) leaves the password of an existing account as it is.
        type: str
        choices: [always, on_create]
        default: always
  shell:
    description: Shell of the accounts.
    type: str
    default: /usr/sbin/nologin
  mounts:
    description: Names of the jails whose mounts are managed. Other jails are left alone.
    type: list
    elements: str
  state:
    description:
      - With V(absent) the logs of O(mounts) are unmounted and their units removed; the mount of O(path) is kept.
    type: str
    choices: [present, absent]
    default: present
  keys_path:
    description: Directory of the authorized keys, with a file for each account. It must not be below O(path).
    type: str
    default: /etc/ssh/authorized_keys.d
  archive_path:
    description: Directory of the archives of removed jails, created with mode 0700. It must not be below O(path).
    type: str
    default: /var/backups/chroot_jail
  jails:
    description: The directories, keys and quotas of these jails. Other jails are left alone.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the account, which is also the name of its group and of its directory.
          - a-z, 0-9, C(_) and C(-), at most 32, beginning with a letter or C(_).
          - The account must exist, except in check mode. An account that does not belong to a jail is refused.
        type: str
        required: true
      state:
        description:
          - With V(closed) the keys and the quota are removed, and the data are kept. Use it for an account that will be
            removed; its user number may be assigned to another account later.
          - With V(absent) the keys are removed first, then the sessions in the jail are ended, and then the jail is
            removed as set by O(jails[].removal). The account must already be removed.
        type: str
        choices: [present, closed, absent]
        default: present
      access:
        description: Purpose of the account. It is the default for O(jails[].directories[].writable).
        type: str
        choices: [upload, download, both]
        default: both
      directories:
        description: Directories in the jail. Directories that are no longer listed are kept, and reported in RV(notes).
        type: list
        elements: dict
        default: [{name: data}]
        suboptions:
          name:
            description: A single name, not a path.
            type: str
            required: true
          writable:
            description:
              - Whether the account may write there. If not, it can read the files of O(jails[].directories[].owner).
              - If not given, V(true), except with O(jails[].access=download).
            type: bool
          owner:
            description: Account that owns a directory which the jailed account may not write.
            type: str
            default: root
      authorized_keys:
        description:
          - Public keys that may log in, each the line of a C(.pub) file. Options before the key are refused; each key
            is written with C(restrict).
          - RSA keys below 3072 bits and DSA keys are refused.
        type: list
        elements: str
        default: []
      certificate_authorities:
        description:
          - Public keys of authorities, each the line of a C(.pub) file. A key may log in with a certificate that
            an authority of the list signed, and that has a name of O(jails[].principals). Each authority is written
            with C(restrict) and C(cert-authority).
          - Without O(jails[].authorized_keys), nothing but a certificate logs in.
        type: list
        elements: str
        default: []
      principals:
        description: Names of which a certificate must have at least one. If empty, the name of the account.
        type: list
        elements: str
        default: []
      quota:
        description:
          - Hard limit for the data that the account may store, such as V(2G), by the user quota of the file system.
          - If the file system has no quotas, if limits are not enforced, or if a container may not query them,
            RV(notes) reports it, as a warning. If not given, there is no limit.
        type: str
      quota_files:
        description: Hard limit of the number of files; see O(jails[].quota).
        type: int
      removal:
        description:
          - How to treat the data with O(jails[].state=absent). V(delete) keeps no archive.
          - With V(archive), entries that a program changes in the run, or has open for writing, are kept in O(path) and
            reported in RV(notes). The next run archives them.
        type: str
        choices: [archive, delete]
        default: archive
      rotated:
        description:
          - Whether another role keeps the keys of the account, such as
            P(secure.ftp_synchronize.client_key_rotation#role).
            The file of keys is made if it is missing, and its content is left as it is. O(jails[].authorized_keys) and
            O(jails[].certificate_authorities) are refused.
        type: bool
        default: false
  refuse_unlisted:
    description: Whether to fail if this host has accounts of jails in O(path) that are not listed in O(jails).
    type: bool
    default: false
notes:
  - Needs root, for accounts the programs useradd, usermod and chpasswd, for quotas Linux 5.14 or newer, and for mounts
    systemd.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.chroot_jail_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Make the accounts, without passwords
  secure.ftp_synchronize.jail:
    accounts:
      - name: partner
      - name: collector
        update_password: on_create

- name: Create a jail with a directory for uploads and a directory for downloads
  secure.ftp_synchronize.jail:
    jails:
      - name: partner
        directories:
          - name: incoming
          - name: outgoing
            writable: false
        authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX partner@example.com
        quota: 2G

- name: Remove a jail, and keep its data in an archive
  secure.ftp_synchronize.jail:
    jails:
      - name: former
        state: absent

- name: Mount the jails without programs, and log the actions in them
  secure.ftp_synchronize.jail:
    mounts: [partner, collector]
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 3 changes made
changes:
  description:
    - Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
      Hashes are not shown.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/jail/partner/incoming
      before: missing
      after: directory 0:1001 2770
archives:
  description: Archives with the data of removed jails.
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
  description: Accounts of jails in O(path) that are not listed in O(jails). They are left alone.
  returned: always
  type: list
  elements: str
  sample: [former]
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.jail import jail as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
