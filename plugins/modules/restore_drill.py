#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signed set restored for a test."""

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_drill
short_description: Restore a signed set for a test, measure it, and leave a signed record
version_added: 0.2.0
description:
  - Shows that a signed set on an SFTP or FTPS server can be restored, and how long that takes. It pulls the set into an
    empty directory as O(secure.ftp_synchronize.secure_sync#module:verify) does, proves every file, measures the phases,
    and removes everything again.
  - Every drill leaves a signed receipt of the type C(drill), also if it fails. A drill that was killed leaves a marker
    in O(scratch), and the next drill writes its receipt with the verdict C(aborted).
  - The drill fails if a file is not proven, if a number of O(policy) is exceeded, or if one of O(checks) failed.
  - The recovery time starts before the login and ends with the last check, by the monotonic clock. It is measured for
    whole content only. A sample gives an estimate and its basis. The recovery point is the age of the set at the start
    of the drill.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.verify
  - secure.ftp_synchronize.progress
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    details: In check mode the manifest is fetched and verified, and nothing is restored, recorded or written.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each drill restores the set again and leaves a receipt. The files of the host are the same afterwards.
options:
  state:
    description:
      - V(finished) restores, records and removes in one task.
      - V(restored) restores and leaves the tree for checks of your own. Nothing is recorded yet, unless the restore
        fails. The path is returned as RV(tree).
      - V(checked) ends a drill that was begun with V(restored). It needs only O(scratch), O(receipts) and O(checks).
        The time of the checks is part of the recovery time.
      - A tree that waits for its checks for more than four hours is recorded as aborted by the next drill.
    type: str
    choices: [finished, restored, checked]
    default: finished
  src:
    description:
      - The directory at the server that was signed. A relative path starts at the login directory. Required unless
        O(state=checked).
    type: str
  verify:
    description: The signer whose set is restored. Required unless O(state=checked).
  decrypt:
    description:
      - Decrypt each file after it was proven, as O(secure.ftp_synchronize.secure_sync#module:decrypt). The drill then
        shows too that the keys of the runbook open the files.
      - The decrypted files of a drill that was killed stay in O(scratch), with mode 0700, until the next drill.
    type: dict
    suboptions:
      format:
        description: Format of the encrypted files.
        type: str
        choices: [age, openpgp]
        default: age
      identities:
        description:
          - Private keys. They are never written to a disk.
          - Give one of O(decrypt.identities) and O(decrypt.identities_file).
        type: list
        elements: str
      identities_file:
        description: File of private keys on the host of the task. No other user may have access to it.
        type: path
      passphrase:
        description: Passphrase of the private keys, in the format V(openpgp) only.
        type: str
      extension:
        description: End of the names of encrypted files. The default is C(.age), or C(.pgp) in the format V(openpgp).
        type: str
  scratch:
    description:
      - Directory for the restored tree, for drills only. It must be missing, or be empty with mode 0700 and belong to
        the user of the task. It must not be a link. Its parent directory must exist.
      - It must be neither inside nor above a path of O(live), the directory of receipts, or O(state_dir).
      - A directory that the drill makes is removed at its end.
    type: path
    required: true
  live:
    description:
      - Paths that the drill must not touch, such as the directory that the set is a copy of. Required unless
        O(state=checked).
    type: list
    elements: path
  content:
    description: Restore the V(whole) set, or a V(sample) of its files.
    type: str
    choices: [whole, sample]
    default: whole
  sample:
    description: The size of the sample with O(content=sample).
    type: dict
    suboptions:
      rotate:
        description:
          - Restore one part of so many parts, the next part in each drill, so that every file is restored once in so
            many drills. The part follows from the number of the receipt. V(20) if no suboption is set.
        type: int
      percent:
        description: Restore so many percent of the files, chosen by chance.
        type: float
      bytes:
        description: Restore at most so many bytes, such as V(10G), chosen by chance.
        type: str
  policy:
    description: Numbers that a drill must meet. Times are written as V(90s), V(15m), V(4h), V(14d) or V(2w).
    type: dict
    suboptions:
      max_age:
        description:
          - Time until the next drill must have passed. RV(drill) returns the date, and
            M(secure.ftp_synchronize.receipt_verify) finds a drill that is overdue.
        type: str
      rto:
        description: Longest recovery time. It is not judged for a sample.
        type: str
      rpo:
        description: Greatest age of the set.
        type: str
      min_coverage:
        description: Percentage of the files, and of the bytes, of the set that must be restored.
        type: int
        default: 0
  cold:
    description:
      - Use only the options of the task, as on a new host. No record of earlier runs, no C(ssh-agent), and no
        known_hosts, keys or configuration of the user.
      - A cold drill has no memory of the last accepted set. It is protected against an old set by the end of validity,
        O(verify.max_age) and O(verify.min_sequence).
    type: bool
    default: true
  checks:
    description: The outcome of your checks on the restored tree, with O(state=checked).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the check, in a few words. It becomes part of the receipt.
        type: str
        required: true
      passed:
        description: Whether it passed.
        type: bool
        required: true
  receipts:
    description:
      - Where and with which key the record of each drill is left.
      - The directory and the key are tried first. If no record can be left, the task fails before any contact with the
        server.
    type: dict
    required: true
    suboptions:
      path:
        description:
          - Directory of the receipts on the host that runs the module. It is made with mode 0700 if it is missing. Only
            the user that runs the module, or root, may write to it.
        type: path
        required: true
      private_key_file:
        description:
          - File of the private key that signs.
          - Give exactly one of O(receipts.private_key_file), O(receipts.private_key) and O(receipts.public_key).
        type: path
      private_key:
        description:
          - Text of the private key that signs. It is held by an C(ssh-agent) of this run and never written to a disk.
        type: str
      public_key:
        description:
          - Line of the public key that signs. The C(ssh-agent) of the user holds the private key, also for a cold
            drill.
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
        default: restore_drill
  parallel:
    description: Number of connections, as O(secure.ftp_synchronize.secure_sync#module:parallel).
    type: str
    default: auto
  bandwidth_limit:
    description:
      - Limit in bytes a second, as O(secure.ftp_synchronize.secure_sync#module:bandwidth_limit). It makes the recovery
        time longer.
    type: str
  max_listed:
    description: Maximum length of RV(failed_items).
    type: int
    default: 100
  state_dir:
    description:
      - Directory of the last accepted manifest, as in M(secure.ftp_synchronize.secure_sync). A cold drill does not use
        it.
    type: path
requirements:
  - C(ssh-keygen) of OpenSSH 8.7 or newer on the host that runs the module.
notes:
  - Links of the set are restored if they lead to a place inside the tree.
  - The receipt has no names of files and no secrets. Times are whole seconds, phases are milliseconds.
seealso:
  - module: secure.ftp_synchronize.secure_sync
  - module: secure.ftp_synchronize.receipt_verify
  - module: secure.ftp_synchronize.tree_verify
"""

EXAMPLES = r"""
- name: Restore the whole set every quarter
  secure.ftp_synchronize.restore_drill:
    host: files.example.com
    username: restore
    private_key_file: /etc/ssh/restore_ed25519
    known_hosts_file: /etc/ssh/restore_known_hosts
    src: release
    scratch: /srv/drill/scratch
    live:
      - /srv/release
    policy:
      rto: 4h
      rpo: 26h
      max_age: 100d
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/ssh/release_signers
    receipts:
      path: /var/lib/receipts/drills
      private_key_file: /etc/ssh/drill_signing_ed25519

- name: Restore a tenth of the files each week, every file once in ten drills
  secure.ftp_synchronize.restore_drill:
    host: files.example.com
    username: restore
    private_key_file: /etc/ssh/restore_ed25519
    known_hosts_file: /etc/ssh/restore_known_hosts
    src: release
    scratch: /srv/drill/scratch
    live: [/srv/release]
    content: sample
    sample:
      rotate: 10
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/ssh/release_signers
    receipts:
      path: /var/lib/receipts/weekly_drills
      job: weekly
      private_key_file: /etc/ssh/drill_signing_ed25519

- name: End a drill after checks of the restored tree
  secure.ftp_synchronize.restore_drill:
    state: checked
    scratch: /srv/drill/scratch
    checks:
      - name: the database starts
        passed: "{{ database_start is success }}"
    receipts:
      path: /var/lib/receipts/drills
      private_key_file: /etc/ssh/drill_signing_ed25519
"""

RETURN = r"""
msg:
  description: The verdict with its numbers or, if the drill failed, the cause.
  returned: always
  type: str
  sample: "passed: restored 1,204 of 1,204 files (3.1 GiB) in 93 s; the set was 2 h 10 min old"
drill:
  description: The values of the record. Empty if the drill could not begin.
  returned: always
  type: dict
  contains:
    job:
      description: Name of the job.
      type: str
      sample: restore_drill
    verdict:
      description: C(passed), C(failed) or C(aborted). Missing while the tree waits for checks, and in check mode.
      type: str
      sample: passed
    content:
      description: C(whole) or C(sample).
      type: str
      sample: whole
    cold:
      description: Whether only the options of the task were used.
      type: bool
      sample: true
    started:
      description: Start of the drill in UTC.
      type: str
      sample: "2026-12-01T04:00:00Z"
    ended:
      description: End of the drill in UTC.
      type: str
      sample: "2026-12-01T04:01:34Z"
    rto_seconds:
      description: Recovery time, from before the login to the last check. Null for a sample and for a failed restore.
      type: int
      sample: 93
    estimate:
      description: Estimated recovery time of the whole set by a sample, and the files and bytes it is based on.
      type: dict
      sample: {seconds: 900, basis: {files: 120, of_files: 1204, bytes: 3221225, of_bytes: 32212254, percent: 9}}
    rpo_seconds:
      description: Age of the set at the start of the drill.
      type: int
      sample: 7800
    coverage:
      description: Files and bytes that were restored and proven, files and bytes of the set, and the lower percentage.
      type: dict
      sample: {files: 1204, of_files: 1204, bytes: 32212254, of_bytes: 32212254, percent: 100}
    rate:
      description: Bytes a second of the transfer.
      type: int
      sample: 38000000
    phases:
      description: Milliseconds of each phase.
      type: dict
      sample: {prepare: 12, connect: 240, manifest: 310, transfer: 91800, checks: 600}
    checks:
      description: Your checks.
      type: list
      elements: dict
      sample: [{name: the database starts, passed: true}]
    policy:
      description: O(policy), with times in seconds.
      type: dict
      sample: {max_age: 8640000, rto: 14400, rpo: 93600, min_coverage: 0}
    causes:
      description: The parts of O(policy) and O(checks) that were not met.
      type: list
      elements: dict
      sample: [{id: rto_exceeded, text: "rto is 15000 s, policy.rto is 14400 s"}]
    next_due:
      description: When the next drill must have passed, in UTC. Null without O(policy.max_age) or if the drill failed.
      type: str
      sample: "2027-03-11T04:01:34Z"
tree:
  description: Path of the restored tree.
  returned: with O(state=restored)
  type: str
  sample: /srv/drill/scratch/tree
failed_items:
  description: Errors of single files, at most O(max_listed); each with path, code, message and cure.
  returned: always
  type: list
  elements: dict
  sample: []
notes:
  description: Limits of the drill, such as a missing memory of earlier sets. Empty if there are none.
  returned: always
  type: list
  elements: str
  sample: []
set:
  description: The signed set that was verified, as from M(secure.ftp_synchronize.secure_sync).
  returned: when a manifest was accepted
  type: dict
  sample: {path: MANIFEST/000017.mtree, sequence: 17, principal: release@example.com}
peer:
  description: The server's identity, as from M(secure.ftp_synchronize.secure_sync).
  returned: when a connection was made
  type: dict
  sample: {protocol: SSH-2.0, host_key_type: ssh-ed25519}
receipt:
  description: The record of this drill.
  returned: when it was written
  type: dict
  contains:
    path:
      description: Path of the receipt.
      type: str
      sample: /var/lib/receipts/drills/00000042.json
    sequence:
      description: Its number.
      type: int
      sample: 42
    digest:
      description: SHA-256 of the file.
      type: str
      sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
aborted:
  description: The record of an earlier drill that was killed, as RV(receipt).
  returned: when this drill found its marker
  type: dict
  sample: {sequence: 41}
from_inventory:
  description:
    - Options that were taken from variables of the inventory host because O(host) was not given. Each has its value and
      the variable that holds it.
  returned: if O(host) was taken from the inventory
  type: dict
  sample:
    host: {value: sftp.partner04.example, variable: ansible_host}
    port: {value: 2222, variable: ansible_port}
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met) for O(policy) and O(checks).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.sync import restore_drill as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
