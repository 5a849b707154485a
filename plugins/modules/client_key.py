#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key that a sync job logs in with, one generation after the other."""

from __future__ import annotations

DOCUMENTATION = r"""
module: client_key
short_description: Part of the role client_key_rotation, manages the key generations of a sync job on its client
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.client_key_rotation#role). Playbooks need it only to write such a
    role.
  - Manages the keys with which a sync job of this host logs in to its servers. The job uses C(PATH/JOB/to/SERVER), a
    link to the generation that the server accepts.
  - Between the steps of this module other tasks change the servers. A run can end at any point and the next run
    continues it. A link always names a key that its server accepts.
  - With O(state=prepared) a key is made if it is due, and RV(legs) lists the work for each server. With
    O(state=promoted) the links of servers that accepted the new key are changed. With O(state=settled) the ledger is
    written, and keys that no server uses any more are removed.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  state:
    description: The step of the rotation.
    type: str
    choices: [prepared, promoted, settled]
    required: true
  job:
    description: Name of the job; a-z, 0-9, C(_) and C(-).
    type: str
    required: true
  path:
    description: Directory of all jobs. If missing, it is created. Only root may write to it and to its parents.
    type: str
    default: /etc/secure_ftp_synchronize/keys
  servers:
    description: The servers of the job. Required with O(state=prepared).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the server, and of its link.
        type: str
        required: true
      managed:
        description: Whether tasks can change the server. It is returned in RV(legs).
        type: bool
        default: true
  owner:
    description: Account that runs the job, and owns the private keys.
    type: str
    default: root
  type:
    description: Type of new keys. V(rsa) has 4096 bits.
    type: str
    choices: [ed25519, rsa]
    default: ed25519
  max_age:
    description: Age in days after which a key is replaced.
    type: float
    default: 90.0
  passphrase:
    description:
      - Passphrase of new keys, at least 8 characters. Required with O(state=prepared). C(ssh-keygen) receives it
        through a pipe.
    type: str
  compromised:
    description:
      - Fingerprints of keys that must not be trusted any more. A listed key of the job is replaced, and every server
        must revoke it. Fingerprints of other keys are ignored.
    type: list
    elements: str
    default: []
  proven:
    description: Servers that accepted the new key. Required with O(state=promoted).
    type: list
    elements: str
  cleared:
    description: Servers that hold the new key and no other key of the job.
    type: list
    elements: str
    default: []
  behind:
    description: Servers that did not complete the rotation, for the ledger.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: Name of the server.
        type: str
        required: true
      phase:
        description: The failed step.
        type: str
        required: true
      reason:
        description: Cause of the failure.
        type: str
        required: true
notes:
  - Needs root, and C(ssh-keygen) of OpenSSH 8.5 or newer.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Make a key if it is due
  secure.ftp_synchronize.client_key:
    state: prepared
    job: nightly
    servers:
      - name: files1
    passphrase: "{{ nightly_passphrase }}"
  register: prepared
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: nothing to do
generation:
  description: Name of the key that all servers must accept in the end.
  returned: with state prepared
  type: str
  sample: ed25519-20261125T003000Z
new_because:
  description: Why this key was made in this run; empty if it was not.
  returned: with state prepared
  type: str
  sample: the key is 91 days old
private_key_file:
  description: File of this key.
  returned: with state prepared
  type: str
  sample: /etc/secure_ftp_synchronize/keys/nightly/keys/ed25519-20261125T003000Z
public_key:
  description: Public half of this key; null if check mode did not make it.
  returned: with state prepared
  type: str
  sample: ssh-ed25519 AAAA... nightly/ed25519-20261125T003000Z
fingerprint:
  description: Fingerprint of this key; null if check mode did not make it.
  returned: with state prepared
  type: str
  sample: "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"
public_keys:
  description: Public keys of all keys in RV(known).
  returned: with state prepared
  type: list
  elements: str
  sample: [ssh-ed25519 AAAA... nightly/ed25519-20261125T003000Z]
known:
  description: Fingerprints and names of all present and revoked keys of the job.
  returned: with state prepared
  type: dict
  sample: {"SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc": ed25519-20261125T003000Z}
legs:
  description: The work for each server.
  returned: with state prepared
  type: list
  elements: dict
  contains:
    job:
      description: The job.
      type: str
      sample: nightly
    server:
      description: The server.
      type: str
      sample: files1
    managed:
      description: As given in O(servers[].managed).
      type: bool
      sample: true
    phase:
      description:
        - V(publish), the server must get RV(legs[].published_keys) and the new key must be proven; V(retire), the
          server must hold only the new key; V(done).
      type: str
      sample: publish
    private_key_file:
      description: File of the new key.
      type: str
      sample: /etc/secure_ftp_synchronize/keys/nightly/keys/ed25519-20261125T003000Z
    public_key:
      description: Public half of the new key; null if check mode did not make it.
      type: str
      sample: ssh-ed25519 AAAA... nightly/ed25519-20261125T003000Z
    published_keys:
      description: The keys that the server must hold until the new key is proven.
      type: list
      elements: str
      sample: []
    revoked_keys:
      description: Compromised keys that the server may still accept.
      type: list
      elements: str
      sample: []
behind:
  description: The ledger at the start of the run.
  returned: with state prepared
  type: list
  elements: dict
  sample: []
strangers:
  description: Servers that have a link and are no longer listed.
  returned: with state prepared
  type: list
  elements: str
  sample: []
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/secure_ftp_synchronize/keys/nightly/to/files1
      before: ed25519-20260825T003000Z
      after: ed25519-20261125T003000Z
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import client_key as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
