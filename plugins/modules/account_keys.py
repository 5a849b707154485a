#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of one holder in the file of keys that may log in to an account."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_keys
short_description: Part of the role client_key_rotation, manages the keys of one holder in a file of authorized keys
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.client_key_rotation#role). Playbooks need it only to write such a
    role.
  - Manages the keys with which a holder, such as a sync job on a client, may log in to an account of this host. The
    file is outside the account's reach, as set up by P(secure.ftp_synchronize.chroot_jail#role).
  - The holder's keys are identified by their comment. In the file they become exactly O(keys), in one step. All other
    lines are kept as they are.
  - The file is replaced as a whole under a lock, so that tasks of several clients can be delegated to one server at the
    same time. Links, and paths that accounts other than root can change, are refused.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  path:
    description:
      - The file. sshd must read it for the account (C(AuthorizedKeysFile)), unless O(keys) is empty. If missing, it is
        created; its directory must exist. It belongs to root, with mode 0640 and the group of the account.
    type: str
    required: true
  account:
    description: The account of the keys. It must exist, except in check mode.
    type: str
    required: true
  holder:
    description: Holder of the private keys. It becomes a part of the comment of each key.
    type: str
    required: true
  keys:
    description:
      - All public keys of the holder, each the line of a C(.pub) file. Comments are removed, and each key is written
        with C(restrict). With an empty list all keys of the holder are removed.
      - A key that is also in another line of the file with options, such as C(from), is refused.
    type: list
    elements: str
    required: true
notes:
  - Needs root.
  - For the keys of people, use C(ansible.posix.authorized_key). It does not distinguish holders, takes no lock, and
    follows links in paths.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.key_revocation
"""

EXAMPLES = r"""
- name: Set the key of the nightly job
  secure.ftp_synchronize.account_keys:
    path: /etc/ssh/authorized_keys.d/partner
    account: partner
    holder: batch1/nightly
    keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: nothing to do
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/ssh/authorized_keys.d/partner
      before: missing
      after: restrict ssh-ed25519 AAAA... client_key_rotation:batch1/nightly
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import account_keys as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
