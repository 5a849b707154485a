#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that sshd refuses, and the end of the sessions that they opened."""

from __future__ import annotations

DOCUMENTATION = r"""
module: key_revocation
short_description: Revoke SSH keys on a server, and end the sessions that they opened
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.client_key_rotation#role). A task of its own can refuse a key at once.
  - Manages public keys in the file that C(RevokedKeys) of sshd_config(5) names. sshd reads it at every login, and
    refuses these keys for all accounts, even if another file authorizes them.
  - Ends only sessions that were opened with one of these keys. They are found by sshd's own lines in the journal,
    C(Accepted publickey ... SHA256:...), of processes that still run.
  - Fails before it changes anything if sshd does not read the file, if others than root may write to the file, or if it
    holds lines other than public keys and comments.
  - The key that opened this task's own session is refused, because its owner would be locked out.
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
      - The file, in text form. If missing, it is created. It belongs to root, with mode 0644, because sshd refuses
        every key while it cannot read the file. A binary key revocation list is refused.
    type: str
    default: /etc/ssh/revoked_keys
  keys:
    description:
      - Public keys, each the line of a C(.pub) file. With an empty list the file is created and no key is revoked.
    type: list
    elements: str
    required: true
  account:
    description:
      - An account for which sshd must read the file, in addition to V(root). C(Match) blocks can set other files.
    type: str
    default: root
  state:
    description:
      - V(absent) removes the keys from the file. It ends no session.
    type: str
    choices: [present, absent]
    default: present
  end_sessions:
    description:
      - Whether to end sessions that were opened with these keys.
    type: bool
    default: true
notes:
  - Needs root, and systemd's journal for the sessions. sshd must log at least C(INFO), which is its default.
  - Sessions are found as long as the journal keeps the line of their login.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.account_keys
"""

EXAMPLES = r"""
- name: Revoke a lost key, and end its sessions
  secure.ftp_synchronize.key_revocation:
    keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: nothing to do
fingerprints:
  description: Fingerprints of the keys.
  returned: always
  type: list
  elements: str
  sample: ["SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"]
sessions_ended:
  description: Number of sessions that were ended or, in check mode, would be ended.
  returned: always
  type: int
  sample: 1
sessions:
  description: The ended sessions.
  returned: always
  type: list
  elements: dict
  contains:
    user:
      description: The account.
      type: str
      sample: partner
    pid:
      description: Process ID of the session.
      type: int
      sample: 4711
changes:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path or item that changed.
      type: str
      sample: /etc/ssh/revoked_keys
    before:
      description: State before the change.
      type: str
      sample: missing
    after:
      description: State after the change.
      type: str
      sample: ssh-ed25519 AAAA...
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable error code.
      type: str
      sample: not_supported
    path:
      description: Name of the entry, if the message does not hold it already.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "sshd does not read /etc/ssh/revoked_keys for root: RevokedKeys is none"
    cure:
      description: Recommended action; empty if it depends on the cause.
      type: str
      sample: Run the role client_key_rotation with tasks_from server on this host.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import key_revocation as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
