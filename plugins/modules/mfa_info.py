#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the second factors of accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mfa_info
short_description: Report the second factors that sshd demands from accounts, and the state of their codes
version_added: 0.2.0
description:
  - Asks sshd for its settings for a login of each account, and reads the state of its one-time codes. Nothing is
    changed.
  - If the settings depend on the port, on the client or on the address of the server (C(Match LocalPort),
    C(Match Address), C(Match Host), C(Match LocalAddress)), the settings with the fewest factors count.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.reader
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  accounts:
    description: The accounts.
    type: list
    elements: str
    required: true
  directory:
    description: Directory of the files of the role P(secure.ftp_synchronize.mfa#role).
    type: str
    default: /etc/secure_ftp_synchronize/mfa
notes:
  - Needs root.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.mfa_role
    description: The role that configures second factors.
  - module: secure.ftp_synchronize.totp_account
"""

EXAMPLES = r"""
- name: Look up the second factors
  secure.ftp_synchronize.mfa_info:
    accounts: [alice, bob]
  become: true
  register: found

- name: Require a second factor for each account
  ansible.builtin.assert:
    that: found.accounts | rejectattr('factors') | length == 0
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: all have a second factor
accounts:
  description: The accounts, in the order of O(accounts).
  returned: always
  type: list
  elements: dict
  contains:
    account:
      description: Its name.
      type: str
      sample: alice
    factors:
      description:
        - Factors besides an ordinary key without which no login succeeds, V(fido2) and V(totp).
        - V(totp) needs the file of PAM and the program of pending accounts as the role
          P(secure.ftp_synchronize.mfa#role) writes them.
      type: list
      elements: str
      sample: [totp]
    methods:
      description: sshd's C(AuthenticationMethods) for this account.
      type: str
      sample: publickey,keyboard-interactive:pam
    key_options:
      description: sshd's C(PubkeyAuthOptions) for this account.
      type: str
      sample: none
    service:
      description: sshd's C(PAMServiceName) for this account; empty if sshd does not know the setting.
      type: str
      sample: sshd-mfa
    enrolled:
      description: Whether the account has a seed.
      type: bool
      sample: true
    pending_until:
      description: UTC time until which the account may log in without a code; null if it may not.
      type: str
      sample: "2026-01-31T12:00:00Z"
    accepted:
      description: UTC time of the last login with a code; null if there was none.
      type: str
      sample: "2026-01-24T08:30:12Z"
    codes_left:
      description: Number of recovery codes that are left.
      type: int
      sample: 8
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: sshd_missing
    path:
    message: sshd is not installed
    cure: Install the OpenSSH server and client.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.mfa import mfa_info as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
