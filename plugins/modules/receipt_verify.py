#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the signed receipts of runs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: receipt_verify
short_description: Check the signed receipts of runs
version_added: 0.2.0
description:
  - Checks a directory of receipts that M(secure.ftp_synchronize.secure_sync) left with
    O(secure.ftp_synchronize.secure_sync#module:receipts). Every signature is verified, and each receipt must have the
    SHA-256 of the receipt before.
  - If the last receipts were removed, the rest is a shorter, whole chain. That is found only with O(head), the digest
    of a receipt from a witness.
  - "Findings of severity C(critical): C(signature), C(malformed), C(gap), C(wrong_sequence), C(broken_link) and
    C(cut_tail). C(no_receipts) is C(high), and so is C(no_receipt), of one of O(transfers). C(unsigned_tail) is
    C(medium), a signature without its receipt at the end: a run was killed while it wrote, or the receipt was removed.
    C(clock_back) is C(low). C(closed) is C(info), closed by a reset."
  - No server is contacted.
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
    description: The directory of the receipts.
    type: path
    required: true
  verify:
    description: The signer whose receipts count, for the namespace C(receipt@ftp-synchronize).
    required: true
  head:
    description:
      - SHA-256 of a receipt that must be there, from a witness. Witnesses are the result C(receipt.digest) of an
        earlier run, if it is kept on another host, and the result C(set.receipt) of a pull or of
        M(secure.ftp_synchronize.tree_verify).
    type: str
  drill:
    description:
      - Fail with the code C(drill_overdue) unless a drill by M(secure.ftp_synchronize.restore_drill) has passed in this
        time. Only receipts that the chain proves count.
    type: dict
    suboptions:
      max_age:
        description: Greatest age of the newest passed drill, such as V(100d).
        type: str
        required: true
      min_coverage:
        description: Only drills count that restored this percentage of the set. Set V(100) to leave samples out.
        type: int
        default: 0
  transfers:
    description:
      - Transfers that must have left a receipt, as receipts have them. The playbook C(exchange_report) asks for the
        transfers of a partner.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the transfer in the result.
        type: str
        required: true
      direction:
        description: V(push) or V(pull).
        type: str
        required: true
      host:
        description: The server.
        type: str
        required: true
      local_root:
        description: The directory on the host of the runs.
        type: str
        required: true
      remote_root:
        description: The directory at the server.
        type: str
        required: true
  reset:
    description:
      - Close a broken chain. A signed receipt of type V(reset) is added, and the chain continues after it. Nothing is
        removed or repaired. The receipts between the last good receipt and the reset prove nothing.
      - It is a decision of a person, so it has no effect unless O(reset.good) is the last good receipt of this check.
      - A chain that is not broken is left alone.
    type: dict
    suboptions:
      reason:
        description: The reason, on one line.
        type: str
        required: true
      good:
        description: SHA-256 of the last good receipt, as RV(chain.good) has it; V(none) if no receipt is good.
        type: str
        required: true
      private_key_file:
        description:
          - File of the private key that signs.
          - Give exactly one of O(reset.private_key_file), O(reset.private_key) and O(reset.public_key).
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
  fail_on:
    description: The lowest severity that fails the task; V(none) for no failure.
    type: str
    choices: [none, low, medium, high, critical]
    default: high
  max_listed:
    description: Maximum length of RV(findings). RV(counts) always counts all findings.
    type: int
    default: 100
seealso:
  - module: secure.ftp_synchronize.secure_sync
  - module: secure.ftp_synchronize.tree_verify
  - module: secure.ftp_synchronize.restore_drill
notes:
  - Needs C(ssh-keygen) of OpenSSH 8.7 or newer on the host that runs the module.
"""

EXAMPLES = r"""
- name: Check the receipts every week
  secure.ftp_synchronize.receipt_verify:
    path: /var/lib/receipts/nightly
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/receipt_signers

- name: Read the newest signed set, whose manifest is the witness
  secure.ftp_synchronize.tree_verify:
    host: files.example.com
    username: auditor
    private_key_file: ~/.ssh/auditor_ed25519
    known_hosts_file: /etc/ssh/partners_known_hosts
    src: release
    content: listing
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/allowed_signers
  register: audit

- name: Check that no receipt was removed since
  secure.ftp_synchronize.receipt_verify:
    path: /var/lib/receipts/nightly
    head: "{{ audit.set.receipt }}"
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/receipt_signers

- name: Fail unless the whole set was restored for a test in the last hundred days
  secure.ftp_synchronize.receipt_verify:
    path: /var/lib/receipts/drills
    drill:
      max_age: 100d
      min_coverage: 100
    verify:
      principal: drills@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/receipt_signers

- name: Close the chain after its disk was restored from a backup
  secure.ftp_synchronize.receipt_verify:
    path: /var/lib/receipts/nightly
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/receipt_signers
    reset:
      reason: disk restored from the backup of 2026-11-26
      good: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
      private_key_file: /etc/secure_ftp_synchronize/receipts_ed25519
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: when the receipts were checked
  type: str
  sample: "2026-12-01T04:10:00Z"
msg:
  description: Number of findings of each severity or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: no findings
findings:
  description: The faults of the chain, the most severe first; at most O(max_listed) entries.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the kind of fault.
      type: str
      sample: gap
    severity:
      description: One of C(critical), C(high), C(medium), C(low), C(info).
      type: str
      sample: critical
    sequence:
      description: Number of the receipt; null for the whole chain.
      type: int
      sample: 41
    observed:
      description: The state of the receipts.
      type: str
      sample: receipt 41 is missing
    wanted:
      description: The state of a whole chain.
      type: str
      sample: every number once
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {critical: 1, high: 0, medium: 0, low: 0, info: 0}
chain:
  description: The receipts.
  returned: always
  type: dict
  contains:
    job:
      description: Name of the job.
      type: str
      sample: nightly
    last:
      description: Number C(seq) and SHA-256 C(digest) of the receipt with the highest number; null without receipts.
      type: dict
      sample: {seq: 42, digest: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b}
    good:
      description: The last receipt up to which the chain is whole or closed; null if there is none.
      type: dict
      sample: {seq: 42, digest: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b}
    newest:
      description: The values of the last receipt, if the whole chain is good; else null.
      type: dict
      sample: {seq: 42, type: sync, verdict: passed, changed: true, ended: "2026-11-26T22:41:00Z"}
drill:
  description: The values of the newest passed drill; null if there is none.
  returned: with O(drill)
  type: dict
  sample: {seq: 42, type: drill, verdict: passed, rto_seconds: 93, ended: "2026-11-26T22:41:00Z"}
newest_drill:
  description: The values of the newest drill, passed or not; null if there is none. Receipts that a reset closed do not
    count.
  returned: with O(drill)
  type: dict
  sample: {seq: 43, type: drill, verdict: failed, ended: "2026-11-27T22:41:00Z"}
transfers:
  description: Each of O(transfers), with its C(newest) receipt and the newest of a successful run; null without one.
  returned: with O(transfers)
  type: list
  elements: dict
  sample:
    - name: orders
      newest: {seq: 43, type: sync, direction: push, verdict: failed, ended: "2026-11-27T02:15:09Z"}
      passed: {seq: 42, type: sync, direction: push, verdict: passed, ended: "2026-11-26T02:15:04Z"}
receipt:
  description: The receipt of the reset.
  returned: when a reset was written
  type: dict
  contains:
    path:
      description: The file.
      type: str
      sample: /var/lib/receipts/nightly/00000043.json
    sequence:
      description: Its number.
      type: int
      sample: 43
    digest:
      description: SHA-256 of the file.
      type: str
      sample: 9f2c3f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(receipt_broken) for findings.
  returned: failure
  type: dict
  sample:
    code: receipt_broken
    path:
    message: "/var/lib/receipts/nightly: receipt 41: gap: receipt 41 is missing"
    cure: Find out who changed the receipts, then close the chain with reset.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import receipt_verify as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
