#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that sshd refuses, and the end of the sessions that they opened."""

from __future__ import annotations

DOCUMENTATION = r"""
module: key_revocation
short_description: Part of the role client_key_rotation, revokes SSH keys and ends the sessions that they opened
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.client_key_rotation#role). A task of its own can refuse a key at once.
  - Manages public keys in the file that C(RevokedKeys) of sshd_config(5) names. sshd reads it at every login, and
    refuses these keys for all accounts, even if another file authorizes them.
  - Ends only sessions that were opened with one of these keys. They are found by sshd's own lines in the journal,
    C(Accepted publickey ... SHA256:...), of processes that still run.
  - Fails before it changes anything if sshd does not read the file, if others than root may write to the file, or if it
    holds lines other than public keys and comments.
  - With O(format=krl), installs a signed key revocation list of M(secure.ftp_synchronize.key_revocation_list) instead.
    It also refuses certificates by their serial numbers or ids, and keys of which only the fingerprint is known.
  - Fails with C(not_supported) if sshd's log does not have the key of a live session, and names the session. The keys
    are revoked and the other sessions ended by then.
  - The key that opened this task's own session, and the authority of its certificate, are refused, because its owner
    would be locked out.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.verify.signer
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  path:
    description:
      - The file. If missing, it is created. It belongs to root, with mode 0644, because sshd refuses every key while it
        cannot read the file.
      - If it is a signed list, O(format=text) changes the keys that only this server refuses. A key revocation list
        from elsewhere is refused.
    type: str
    default: /etc/ssh/revoked_keys
  format:
    description:
      - V(text) adds or removes lines with public keys.
      - V(krl) installs O(list). Its signature must be valid, and its version must not be lower than the installed
        version. C(ssh-keygen -Q) must refuse a revoked key and accept an innocent key. The list is written next to the
        file and renamed.
      - The list must have all entries of the installed list, unless it was made from that list, by its history. So no
        list of another directory makes a key good.
      - A server that had lines keeps all its keys. They move to the file O(path) with the suffix C(.local), and stay in
        force together with the list.
    type: str
    choices: [text, krl]
    default: text
    version_added: 0.2.0
  keys:
    description:
      - Public keys, each the line of a C(.pub) file. With an empty list the file is created and no key is revoked.
      - Required with O(format=text). With O(format=krl), keys that the list must refuse; the task fails if it does not.
    type: list
    elements: str
  list:
    description:
      - The list, a file on the controller. Its signature has the same name with the suffix C(.sig), and its history,
        which may be missing, the suffix C(.history).
      - Required with O(format=krl).
    type: path
    version_added: 0.2.0
  verify:
    description:
      - The signer of O(list), for the namespace C(krl@secure.ftp_synchronize).
      - Required with O(format=krl).
    version_added: 0.2.0
  account:
    description:
      - An account for which sshd must read the file, in addition to V(root). C(Match) blocks can set other files.
    type: str
    default: root
  state:
    description: V(absent) removes the keys from the file. It ends no session. It has no meaning with O(format=krl).
    type: str
    choices: [present, absent]
    default: present
  end_sessions:
    description:
      - Whether to end sessions that were opened with these keys or, with O(format=krl), with any key or
        certificate that the list refuses. Logins that wait for a further factor after a key end, too.
    type: bool
    default: true
notes:
  - Needs root, and systemd's journal for the sessions. sshd must log at least C(INFO), which is its default.
  - If sshd demands several factors (C(AuthenticationMethods)), it logs the key of a first factor only at the level
    C(VERBOSE).
  - O(format=krl) needs C(ssh-keygen) of OpenSSH 8.7 or newer on the host.
  - An old list is not refused for its age if its version is not lower, because it revokes more keys than no list.
    RV(list.age) has the age.
seealso:
  - module: secure.ftp_synchronize.key_revocation_list
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.account_keys
"""

EXAMPLES = r"""
- name: Revoke a lost key, and end its sessions
  secure.ftp_synchronize.key_revocation:
    keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX

- name: Install the signed list, and end the sessions that it refuses
  secure.ftp_synchronize.key_revocation:
    format: krl
    list: /srv/revocation/revoked.krl
    verify:
      principal: incident@example.com
      allowed_signers:
        - incident@example.com namespaces="krl@secure.ftp_synchronize" ssh-ed25519
          AAAAC3NzaC1lZDI1NTE5AAAAIOvNfQgoftrA03CBgN9TX5g6CfkiSzQvGkH9fFrBgnfM
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
list:
  description: The list.
  returned: success, with O(format=krl)
  type: dict
  contains:
    version:
      description: Its version.
      type: int
      sample: 8
    date:
      description: Time when it was made, in UTC.
      type: str
      sample: "2026-12-01T04:00:00Z"
    age:
      description: Seconds since then, by the clock of the host.
      type: int
      sample: 40
    local_keys:
      description: Number of keys that only this server refuses.
      type: int
      sample: 0
times:
  description: Begin and end of the task by the clock of the controller, in seconds since 1970.
  returned: success
  type: dict
  contains:
    began:
      description: When the controller began it.
      type: float
      sample: 1796097600.1
    ended:
      description: When the controller had the answer.
      type: float
      sample: 1796097602.4
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/ssh/revoked_keys
      before: missing
      after: ssh-ed25519 AAAA...
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import key_revocation as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
