#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace the password of an account so that a valid password exists at every moment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_password
short_description: Part of the role password_rotation, replaces the password of an account without a gap
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.password_rotation#role). Playbooks need it only to write such a role.
  - Adds a second valid password for FTPS logins to an account of this host, and later makes it the only password.
    Between the two steps both passwords are valid, so that a login can prove the new password and jobs can change over.
  - The hash of the second password is stored in a separate file, which PAM must read with C(pam_pwdfile). The role
    P(secure.ftp_synchronize.ftps_server#role) configures it with C(ftps_server_rotated_passwords).
  - Hashes are of the kind that the host's C library prefers. The password itself is in no file, no program argument and
    no result.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    details: It names the password that is replaced, and shows neither passwords nor hashes.
  platform:
    platforms: linux
options:
  account:
    description:
      - The account. It must exist in F(/etc/shadow), except in check mode. A locked account (C(usermod --lock)) is
        refused, and loses its second password.
    type: str
    required: true
  password:
    description: The password, of 16 to 127 printable characters, from a look-up.
    type: str
    required: true
  state:
    description:
      - V(beside) makes the password valid, and keeps the password of F(/etc/shadow).
      - V(sole) moves the password to F(/etc/shadow), and removes the second password. No other password is valid then.
    type: str
    choices: [beside, sole]
    required: true
  second_file:
    description:
      - The file of second passwords. If missing, it is created; its directory must exist. It belongs to root, with mode
        0600.
    type: str
    default: /etc/secure_ftp_synchronize/ftps_passwords
  end_sessions:
    description: Whether to end FTPS sessions (vsftpd) of the account that were opened before.
    type: bool
    default: false
notes:
  - Needs root, C(chpasswd) and libxcrypt.
  - Ansible writes a module's arguments to a temporary file on the host, unless C(ansible_pipelining) is true. The role
    P(secure.ftp_synchronize.password_rotation#role) sets it.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.password_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.ftps_probe
"""

EXAMPLES = r"""
- name: Add the new password as a second password
  secure.ftp_synchronize.account_password:
    account: partner
    password: "{{ lookup('community.hashi_vault.vault_kv2_get', 'ftps/files1/partner').secret.next }}"
    state: beside
  vars:
    ansible_pipelining: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: nothing to do
settled:
  description: Whether the password is the only password of the account; in check mode, as if the change was made.
  returned: always
  type: bool
  sample: false
sessions_ended:
  description: Number of sessions that were ended or, in check mode, would be ended.
  returned: always
  type: int
  sample: 0
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: "/etc/secure_ftp_synchronize/ftps_passwords: partner"
      before: no password
      after: this password
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import account_password as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
