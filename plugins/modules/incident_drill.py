#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a drill of a revocation."""

from __future__ import annotations

DOCUMENTATION = r"""
module: incident_drill
short_description: Part of the role key_revocation, measures and records a drill of a revocation
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.key_revocation#role), which the playbook C(incident_drill) runs.
    Playbooks need it only to write such a role.
  - Measures by the monotonic clock of the controller, with the observations of
    M(secure.ftp_synchronize.login_watch). No time comes from a server.
  - Every drill leaves a signed receipt of the type C(drill), also if it fails. A drill that was killed leaves its state
    in O(directory), and the next drill writes its receipt with the verdict C(aborted).
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: partial
    details: Check mode does nothing.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each drill makes new keys and leaves a receipt.
options:
  state:
    description:
      - V(begun) tries the key and the directory of the records, and makes two key pairs in O(directory).
      - V(marked) waits until every server lets the account in with the first key. From here on the times count.
      - V(awaited) waits until every server refuses that key and has ended its session, or until
        O(limits.all_hosts) is over.
      - V(noted) notes the time of O(event).
      - V(finished) judges the drill, writes its record, and removes the keys.
    type: str
    choices: [begun, marked, awaited, noted, finished]
    required: true
  directory:
    description:
      - Directory of the drill, for drills only. It is made with mode 0700 if it is missing.
      - It has the private keys C(compromised) and C(restored), and C(watch-HASH.jsonl) for each server, where HASH is
        the SHA-256 of its name.
    type: path
    required: true
  account:
    description: The account of the drill. Required with O(state=begun).
    type: str
  servers:
    description: Names of the servers. Required with O(state=begun).
    type: list
    elements: str
  limits:
    description: Limits of the times. A drill that exceeds a limit fails.
    type: dict
    suboptions:
      refused:
        description: Greatest time until the first login is refused.
        type: str
        default: 60s
      all_hosts:
        description: Greatest time until every server refuses the key, at most V(600s).
        type: str
        default: 300s
  receipts:
    description: Where and with which key the record is left. Required with O(state=begun) and O(state=finished).
    type: dict
    suboptions:
      path:
        description:
          - Directory of the receipts. It is made with mode 0700 if it is missing. Only the user that runs the module,
            or root, may write to it.
        type: path
        required: true
      private_key_file:
        description:
          - File of the private key that signs.
          - Give exactly one of O(receipts.private_key_file), O(receipts.private_key) and O(receipts.public_key).
        type: path
      private_key:
        description: Text of the private key that signs.
        type: str
      public_key:
        description: Line of the public key that signs. The C(ssh-agent) of the user holds the private key.
        type: str
      passphrase:
        description: Passphrase of the private key.
        type: str
      certificate_file:
        description: Certificate of an SSH authority for the key.
        type: path
      job:
        description: Name of the job, which each receipt has. Use one directory of receipts for each job.
        type: str
        default: incident_drill
  event:
    description: The event that all servers reached, with O(state=noted).
    type: str
    choices: [detected, access_back]
  answers:
    description: Results of tasks by the names of the servers, with O(state=noted).
    type: dict
    default: {}
  refusals:
    description:
      - Results of M(secure.ftp_synchronize.sftp_probe) by the names of the servers, a dictionary for each key of the
        drill, with O(state=finished). A server counts as closed only if each login failed with
        C(authentication_failed).
    type: list
    elements: dict
    default: []
  patience:
    description: Seconds until every server must let the account in, with O(state=marked).
    type: float
    default: 60.0
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.key_revocation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.login_watch
  - module: secure.ftp_synchronize.receipt_verify
  - module: secure.ftp_synchronize.key_revocation
"""

EXAMPLES = r"""
- name: Begin a drill
  secure.ftp_synchronize.incident_drill:
    state: begun
    directory: /srv/revocation/drill
    account: canary
    servers: [files1, files2]
    receipts:
      path: /srv/revocation/drills
      private_key_file: /etc/ssh/incident_ed25519
  register: drill

- name: Wait until every server lets the account in
  secure.ftp_synchronize.incident_drill:
    state: marked
    directory: /srv/revocation/drill
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "passed: detected not measured, refused after 2.4 s, all hosts after 2.9 s, sessions ended after 3.0 s,
    access back after 6.1 s"
fingerprint:
  description: Fingerprint of the key that is marked as compromised.
  returned: with O(state=begun)
  type: str
  sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
fingerprints:
  description: Fingerprints of the keys to revoke, also of the key of a drill that was killed.
  returned: with O(state=begun)
  type: list
  elements: str
  sample: [SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc]
public_key:
  description: The public key to revoke.
  returned: with O(state=begun)
  type: str
  sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOvNfQgoftrA03CBgN9TX5g6CfkiSzQvGkH9fFrBgnfM
new_public_key:
  description: The public key that opens the account again.
  returned: with O(state=begun)
  type: str
  sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX
aborted:
  description: The record of an earlier drill that was killed, as RV(receipt).
  returned: with O(state=begun), if there was one
  type: dict
  sample: {sequence: 3}
drill:
  description: The values of the record.
  returned: with O(state=finished)
  type: dict
  contains:
    job:
      description: Name of the job.
      type: str
      sample: incident_drill
    verdict:
      description: C(passed) or C(failed).
      type: str
      sample: passed
    started:
      description: Start of the drill in UTC.
      type: str
      sample: "2026-12-01T04:00:00Z"
    ended:
      description: End of the drill in UTC.
      type: str
      sample: "2026-12-01T04:00:20Z"
    account:
      description: The account of the drill.
      type: str
      sample: canary
    key:
      description: Fingerprint of the key that was revoked.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    limits:
      description: O(limits) in seconds.
      type: dict
      sample: {refused: 60, all_hosts: 300}
    phases:
      description:
        - Milliseconds from the moment when the key was marked as compromised. Null for a time that was not measured.
        - C(refused) is the first server's, C(all_hosts), C(sessions_ended) and C(access_back) are the last server's.
      type: dict
      sample: {detected: null, refused: 2400, sessions_ended: 3000, all_hosts: 2900, access_back: 6100}
    servers:
      description: The times of each server, and whether it refuses both keys of the drill at the end.
      type: list
      elements: dict
      sample: [{name: files1, refused: 2400, sessions_ended: 2500, closed: true}]
    causes:
      description: Why the drill failed. Empty if it passed.
      type: list
      elements: dict
      sample: [{id: canary_open, text: a key of the drill may still open the account on files2}]
receipt:
  description: The record of this drill.
  returned: with O(state=finished)
  type: dict
  contains:
    path:
      description: Path of the receipt.
      type: str
      sample: /srv/revocation/drills/00000004.json
    sequence:
      description: Its number.
      type: int
      sample: 4
    digest:
      description: SHA-256 of the file.
      type: str
      sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met) for a drill that failed.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.incident import incident_drill as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
