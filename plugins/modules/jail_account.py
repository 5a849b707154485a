#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of jails, all in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jail_account
short_description: Part of the role chroot_jail, makes and corrects the accounts of jails
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.chroot_jail#role). Playbooks need it only to write such a role.
  - Each account has a group of its own, no further groups, no home directory that it could write, and no shell. An
    account that exists and is not a jail's is refused, as M(secure.ftp_synchronize.jail_tree) does.
  - Passwords are passed as hashes, to chpasswd(8) on its standard input. An account that was locked stays locked.
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
    details:
      - Needs root, and the programs useradd, usermod and chpasswd.
options:
  path:
    description:
      - Directory of all jails, see O(secure.ftp_synchronize.jail_tree#module:path).
    type: str
    default: /srv/jail
  shell:
    description:
      - Shell of the accounts.
    type: str
    default: /usr/sbin/nologin
  accounts:
    description:
      - The accounts. Other accounts are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the account, and of its group.
        type: str
        required: true
      password_hash:
        description:
          - Hash of the password, as in shadow(5). If not given, no password is valid.
        type: str
      update_password:
        description:
          - V(on_create) leaves the password of an existing account as it is.
        type: str
        choices: [always, on_create]
        default: always
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.chroot_jail_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.jail_tree
"""

EXAMPLES = r"""
- name: Make the accounts, without passwords
  secure.ftp_synchronize.jail_account:
    accounts:
      - name: partner
      - name: collector
        update_password: on_create
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 change made
changes:
  description: Changes that were made or, in check mode, would be made. Hashes are not shown.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The account, or its password.
      type: str
      sample: account partner
    before:
      description: State before the change.
      type: str
      sample: missing
    after:
      description: State after the change.
      type: str
      sample: home /srv/jail/partner, shell /usr/sbin/nologin, further groups none
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description: V(account_taken), V(invalid_request), V(operation_failed) or V(internal).
      type: str
      sample: account_taken
    path:
      description: Always null.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "name: an account backup exists already, and is not a jail's account"
    cure:
      description: Recommended action.
      type: str
      sample: Set another name for the jail; accounts of others are never changed.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.jail import jail_account as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
