#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of custody of collected evidence."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_custody
short_description: Check the chain of custody of collected evidence
version_added: 0.2.0
description:
  - Checks a case of M(secure.ftp_synchronize.evidence). Each line of C(custody.jsonl) must have the SHA-256 of the line
    before and a valid signature, and each bundle must be the bundle of its line, with all files that C(SHA256SUMS)
    lists and no other.
  - "Findings of severity C(critical): C(malformed), C(broken_link) and C(signature) name a line; C(missing), C(changed)
    and C(not_in_custody) name a bundle; C(cut_tail) is a line that was removed at the end, or that a killed run did not
    write. C(no_custody) is C(high). The task fails with each of them."
  - If the last lines were removed together with their signatures and bundles, the rest is a shorter, whole chain. That
    is found only with O(head).
  - With O(hand_over), adds a line for evidence that another person gets, after the check.
  - Runs on the host that has the case, usually with C(delegate_to=localhost). No server is contacted.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.verify.signer
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    support: none
options:
  path:
    description: Directory of all cases.
    type: path
    required: true
  case:
    description: Name of the incident.
    type: str
    required: true
  verify:
    description: The signer whose bundles and lines count, for the namespace C(evidence@secure.ftp_synchronize).
    required: true
  head:
    description: SHA-256 of a line that must be there, from a witness, such as RV(head) of an earlier check.
    type: str
  hand_over:
    description:
      - A bundle that another person gets. The task only writes the line of custody, after a check without findings.
    type: dict
    suboptions:
      bundle:
        description: Name of the bundle, as in RV(bundles).
        type: str
        required: true
      to:
        description: The person who gets it.
        type: str
        required: true
      reason:
        description: Why.
        type: str
        required: true
      responder:
        description: The person who gives it. The default is the name of the user that runs the module.
        type: str
      private_key_file:
        description:
          - File of the private key that signs.
          - Give exactly one of O(hand_over.private_key_file), O(hand_over.private_key) and O(hand_over.public_key).
        type: path
      private_key:
        description:
          - Text of the private key that signs. It is held by an C(ssh-agent) of this run and never written to a disk.
        type: str
      public_key:
        description:
          - Line of the public key that signs. The C(ssh-agent) of the user holds the private key, which may be in a
            PKCS#11 token or a FIDO device.
        type: str
      passphrase:
        description: Passphrase of the private key.
        type: str
      certificate_file:
        description: Certificate of an SSH authority for the key.
        type: path
seealso:
  - module: secure.ftp_synchronize.evidence
"""

EXAMPLES = r"""
- name: Check the chain of custody
  secure.ftp_synchronize.evidence_custody:
    path: /srv/evidence
    case: 2026-041
    verify:
      principal: incident@example.com
      allowed_signers_file: /etc/ssh/incident_signers
  delegate_to: localhost
  run_once: true

- name: Hand a bundle over
  secure.ftp_synchronize.evidence_custody:
    path: /srv/evidence
    case: 2026-041
    verify:
      principal: incident@example.com
      allowed_signers_file: /etc/ssh/incident_signers
    hand_over:
      bundle: 0001-before-files1
      to: Sergeant Miller, police
      reason: criminal complaint
      private_key_file: /etc/ssh/incident_ed25519
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
msg:
  description: Number of findings or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: no findings
findings:
  description: The findings.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the kind of finding.
      type: str
      sample: changed
    severity:
      description: C(critical) or C(high).
      type: str
      sample: critical
    place:
      description: The line of custody, or the bundle.
      type: str
      sample: 0001-before-files1
    observed:
      description: The fact.
      type: str
      sample: evidence.tar.gz is changed
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {critical: 1, high: 0, medium: 0, low: 0, info: 0}
custody:
  description: The lines of custody.
  returned: always
  type: list
  elements: dict
  sample: [{seq: 1, action: collected, who: alice, from: files1, bundle: 0001-before-files1}]
head:
  description: SHA-256 of the last line. Keep it elsewhere, for O(head).
  returned: always
  type: str
  sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
bundles:
  description: Names of the bundles of the case.
  returned: always
  type: list
  elements: str
  sample: [0001-before-files1]
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: custody_broken
    path:
    message: "2026-041: line 2: broken_link: it does not follow the line before"
    cure: Find out who changed the case; compare it with your copy, and with head.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.evidence import evidence_custody as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
