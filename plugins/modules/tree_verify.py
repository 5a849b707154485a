#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree at a server, held against the set that its sender signed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tree_verify
short_description: Check a tree on an SFTP or FTPS server against its signed set
version_added: 0.2.0
description:
  - Answers whether anything changed at the server that the sender did not do. It holds the server's listing, and the
    content of files, against the newest signed manifest of the tree. It only reads.
  - The manifest is verified as on a pull with O(secure.ftp_synchronize.secure_sync#module:verify). A manifest that a
    reader must not take is itself a finding of severity C(critical), with the code of the error as its C(id).
  - "Other findings: C(changed_content) and C(kind) are C(critical). C(missing), C(unexpected), C(size),
    C(link_target) and C(unreadable) are C(high). C(mode) and C(expires_soon) are C(medium), C(mtime) is C(low).
    C(not_read), C(info), counts the files whose content was not read. C(first_seen), C(info), means that no set of this
    tree was accepted here before, so that an older set would not be noticed. Modes and times are only compared if the
    manifest has them."
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.verify
  - secure.ftp_synchronize.receipts
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    details: In check mode O(state_dir) and O(receipts) are not written.
  diff_mode:
    support: none
options:
  verify:
    description: The signer whose manifest counts. Its O(verify.unsigned) has no effect, see O(allow).
    required: true
  src:
    description: The directory at the server that was signed. A relative path starts at the login directory.
    type: str
    required: true
  content:
    description:
      - V(listing) reads no file. V(sample) reads some files, and all files that are newer than the manifest.
        V(whole) reads every file.
      - Content is hashed by the server if it can (see O(secure.ftp_synchronize.secure_sync#module:proof)), else it is
        read and hashed here. The finding's C(evidence) has the method. A server that is not honest can lie about its
        own hashes.
    type: str
    choices: [listing, sample, whole]
    default: sample
  sample:
    description: The size of the sample with O(content=sample).
    type: dict
    suboptions:
      rotate:
        description:
          - Read one part of so many parts, the next part each time, so that every file is read once in so many checks.
            The progress is kept in O(state_dir). V(20) if no suboption is set.
        type: int
      percent:
        description: Read so many percent of the files, chosen by chance. Some files may never be read.
        type: float
      bytes:
        description: Read at most so many bytes, such as V(10G), chosen by chance. Some files may never be read.
        type: str
  allow:
    description:
      - Patterns of entries that may exist without being signed, in the form of
        O(secure.ftp_synchronize.secure_sync#module:exclude).
    type: list
    elements: str
  fail_on:
    description: The lowest severity that fails the task; V(none) for no failure.
    type: str
    choices: [none, low, medium, high, critical]
    default: high
  max_listed:
    description: Maximum length of RV(findings). RV(counts) always counts all findings.
    type: int
    default: 100
  state_dir:
    description:
      - Directory of the last accepted manifest and of the progress of the sample, as in
        M(secure.ftp_synchronize.secure_sync).
    type: path
seealso:
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Find changes at the server every night; every file is read once in 30 nights
  secure.ftp_synchronize.tree_verify:
    host: files.example.com
    username: auditor
    private_key_file: ~/.ssh/auditor_ed25519
    known_hosts_file: /etc/ssh/partners_known_hosts
    src: release
    sample:
      rotate: 30
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/allowed_signers
  delegate_to: localhost

- name: Read every file each week, and leave a signed receipt of the check
  secure.ftp_synchronize.tree_verify:
    host: files.example.com
    username: auditor
    private_key_file: ~/.ssh/auditor_ed25519
    known_hosts_file: /etc/ssh/partners_known_hosts
    src: release
    content: whole
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/allowed_signers
    receipts:
      path: /var/lib/receipts/audit
      job: audit
      private_key_file: /etc/ssh/audit_signing_ed25519

- name: Read every file, permit files that partners leave, and only report
  secure.ftp_synchronize.tree_verify:
    protocol: ftps
    host: ftp.example.com
    username: auditor
    password: "{{ auditor_password }}"
    ca_file: /etc/ssl/partners/ca.pem
    src: outgoing
    content: whole
    allow:
      - /receipts/
    fail_on: none
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/secure_ftp_synchronize/allowed_signers
      revoked_keys_file: /etc/secure_ftp_synchronize/revoked_keys
  register: audit
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: when the set was checked
  type: str
  sample: "2026-12-01T04:10:00Z"
msg:
  description: Number of findings of each severity or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 critical, 1 info; compared with set 7, 210 files were read
findings:
  description: The differences, the most severe first; at most O(max_listed) entries.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the kind of difference.
      type: str
      sample: changed_content
    severity:
      description: One of C(critical), C(high), C(medium), C(low), C(info).
      type: str
      sample: critical
    path:
      description: Path below O(src), with unprintable characters escaped; null for the whole tree.
      type: str
      sample: bin/tool
    observed:
      description: The state at the server.
      type: str
      sample: sha256 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
    wanted:
      description: The signed state.
      type: str
      sample: sha256 9f2c3f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
    evidence:
      description: How it was found, such as C(read_back) or C(server_hash) for content.
      type: str
      sample: read_back
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {critical: 1, high: 0, medium: 0, low: 0, info: 1}
coverage:
  description: The files whose content was read.
  returned: always
  type: dict
  contains:
    files:
      description: Number of files in this check.
      type: int
      sample: 512
    bytes:
      description: Their bytes.
      type: int
      sample: 5368709120
    since:
      description:
        - Every file was read at this time or later, by this check or by earlier checks with a rotating sample, in UTC.
          Null if some files were never read.
      type: str
      sample: "2026-11-01T02:00:00Z"
set:
  description: The signed set, as returned by M(secure.ftp_synchronize.secure_sync).
  returned: when a manifest was accepted
  type: dict
  sample: {path: MANIFEST/000017.mtree, sequence: 17, principal: release@example.com}
peer:
  description: The server, as returned by M(secure.ftp_synchronize.secure_sync).
  returned: when a connection was made
  type: dict
  sample: {protocol: SSH-2.0, host_key_type: ssh-ed25519}
receipt:
  description: The receipt of this check.
  returned: when O(receipts) is set and the receipt was written
  type: dict
  contains:
    path:
      description: Path of the receipt.
      type: str
      sample: /var/lib/receipts/audit/00000042.json
    sequence:
      description: Its number.
      type: int
      sample: 42
    digest:
      description: SHA-256 of the file.
      type: str
      sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
from_inventory:
  description:
    - Options that were taken from variables of the inventory host because O(host) was not given. Each has its value and
      the variable that holds it.
  returned: if O(host) was taken from the inventory
  type: dict
  sample:
    host: {value: sftp.partner04.example, variable: ansible_host}
    port: {value: 2222, variable: ansible_port}
notes:
  description: Limits of the check, such as a missing state. Empty if there are none.
  returned: always
  type: list
  elements: str
  sample: []
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met) for findings.
  returned: failure
  type: dict
  sample:
    code: policy_not_met
    path:
    message: "release: 1 of severity high or more against its signed set: sha256 51ab0f0a"
    cure: Read findings; fail_on sets the severity that fails the task.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.sync import tree_verify as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
