#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the seed and the recovery codes of an account's one-time codes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: totp_account
short_description: Part of the role mfa, keeps the seed and the recovery codes of an account's one-time codes
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.mfa#role). Playbooks need it only to write such a role.
  - Keeps a file of C(pam_google_authenticator) for an account of this host. A new seed makes the former seed invalid at
    once. With the same seed, the state of the PAM module is kept, such as used codes.
  - Seed and recovery codes are in no program argument and no result.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    details: It names the part that changes, and shows neither seed nor codes.
  platform:
    platforms: linux
options:
  account:
    description: The account. It must exist, except in check mode.
    type: str
    required: true
  state:
    description:
      - V(pending) lets the account log in without a code until its first code is accepted, but not after O(deadline).
      - V(enforced) demands a code. V(absent) removes all files of the account.
    type: str
    choices: [pending, enforced, absent]
    default: enforced
  secret:
    description: The seed, Base32 text. Required unless O(state=absent).
    type: str
  recovery_codes:
    description:
      - Codes of 8 digits that do not begin with 0, each valid once. A list that the file already got is not written
        again, so used codes stay invalid. An empty list keeps the codes of the file.
    type: list
    elements: str
    default: []
  window:
    description:
      - Number of codes that are accepted, from 1 to 21. V(3) accepts the code before and the code after the present
        code, so a clock may be 30 seconds off.
    type: int
    default: 3
  deadline:
    description: UTC time, as in V(2026-01-31T12:00:00Z). Required with O(state=pending).
    type: str
  directory:
    description: Directory of the files. It must exist, with the directories C(seeds), C(pending) and C(accepted).
    type: str
    default: /etc/secure_ftp_synchronize/mfa
  end_sessions:
    description: Whether to end the SSH sessions of the account if the seed replaces another seed.
    type: bool
    default: false
notes:
  - Needs root.
  - Ansible writes a module's arguments to a temporary file on the host, unless C(ansible_pipelining) is true. The role
    P(secure.ftp_synchronize.mfa#role) sets it.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.mfa_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.mfa_info
"""

EXAMPLES = r"""
- name: Demand a code
  secure.ftp_synchronize.totp_account:
    account: alice
    secret: "{{ lookup('community.hashi_vault.vault_kv2_get', 'mfa/files1/alice').secret.totp_secret }}"
  vars:
    ansible_pipelining: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: nothing to do
accepted:
  description: Whether a code of this seed was accepted before.
  returned: always
  type: bool
  sample: true
codes_left:
  description: Number of recovery codes that are left.
  returned: always
  type: int
  sample: 8
sessions_ended:
  description: Number of sessions that were ended.
  returned: always
  type: int
  sample: 0
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/secure_ftp_synchronize/mfa/seeds/alice
      before: no seed
      after: this seed
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.mfa import totp_account as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
