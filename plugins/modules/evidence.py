#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin evidence."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence
short_description: Collect signed evidence of a host, with a chain of custody
version_added: 0.2.0
description:
  - "Collects evidence of a host for an incident: the journal of its servers and logins, the events of
    P(secure.ftp_synchronize.transfer_monitoring#role), logs of FTP servers, settings of sshd and the FTP servers, keys
    that accounts accept, units and jobs of this collection, digests of its programs, open sockets, processes, changed
    files of packages, records of logins, and the clock. Run it before anything is changed on the host, and again
    after."
  - "The bundle is a directory below O(path)/O(case) on the controller, with C(evidence.tar.gz), C(capture.json) (the
    facts about the collection), C(SHA256SUMS) and its signature C(SHA256SUMS.sig) for the namespace
    C(evidence@secure.ftp_synchronize). Its files have mode 0400. A bundle is never changed or replaced."
  - C(custody.jsonl) in the directory of the case gets a line with the person, the time, the reason and the host. Each
    line has the SHA-256 of the line before, and a signature. M(secure.ftp_synchronize.evidence_custody) checks it.
  - Private keys, password hashes, encrypted credentials and files that are not text are left out under any name, and
    listed in RV(left_out). Logs are taken as they are; a log that is too large for O(max_size) is cut.
  - The host may be compromised. It learns neither the case nor the reason. The controller compares size and SHA-256 of
    the archive with the announcement of the host, unpacks nothing, and uses no name from the host. Evidence is the
    state that the host shows; a compromised host may hide something.
  - The archive is whole, or there is no bundle. A full disk of either side, or a connection that is cut, leaves
    nothing.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.evidence
  - secure.ftp_synchronize.signing.key
attributes:
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run collects a new bundle.
  platform:
    platforms: linux
options:
  path:
    description:
      - Directory of all cases on the controller. It is created with mode 0700; others must not be able to write to it.
    type: path
    required: true
  case:
    description: Name of the incident, of up to 64 letters, digits, dots, C(-) and C(_).
    type: str
    required: true
  stage:
    description: Whether the host was changed since the incident; a part of the name of the bundle.
    type: str
    choices: [before, after]
    default: before
  reason:
    description: Why the evidence is collected, for the chain of custody. It is not sent to the host.
    type: str
    required: true
  responder:
    description: The person who collects. The default is the name of the user that runs Ansible.
    type: str
  sign:
    description: The key of the responder. Files are on the controller.
    required: true
  recipients:
    description:
      - Public keys of age or SSH (C(age1...), C(ssh-ed25519 ...)). The archive is stored encrypted for them, as
        C(evidence.tar.gz.age), and never in plain form.
    type: list
    elements: str
    default: []
notes:
  - Needs root on the host (C(become)), and space for the archive in C(/var/lib/secure_ftp_synchronize) there.
  - Set the keyword C(timeout) of the task to limit the time that a host may take.
  - The journal and logs hold texts that clients sent, also a password that was typed as an account name.
seealso:
  - module: secure.ftp_synchronize.evidence_custody
  - module: secure.ftp_synchronize.key_revocation_list
"""

EXAMPLES = r"""
- name: Collect the evidence before anything is changed
  secure.ftp_synchronize.evidence:
    path: /srv/evidence
    case: 2026-041
    reason: key of partner04 seen from a strange address
    since: 14d
    sign:
      private_key_file: /etc/ssh/incident_ed25519
    recipients:
      - age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
  become: true
  timeout: 1800
"""

RETURN = r"""
msg:
  description: Size of the archive and number of files left out or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: collected 1843200 bytes, 6 files left out, 0 logs and outputs cut
bundle:
  description: Directory of the bundle on the controller.
  returned: success
  type: str
  sample: /srv/evidence/2026-041/0001-before-files1
archive:
  description: Name of the archive in it.
  returned: success
  type: str
  sample: evidence.tar.gz
size:
  description: Size of the stored archive in bytes.
  returned: success
  type: int
  sample: 1843200
sha256:
  description: SHA-256 of the stored archive.
  returned: success
  type: str
  sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
step:
  description: Number of its line in C(custody.jsonl).
  returned: success
  type: int
  sample: 1
clock_offset:
  description: Seconds that the clock of the host is ahead of the clock of the controller.
  returned: success
  type: str
  sample: "-0.214"
left_out:
  description: Files that are not in the archive, at most 500; each with C(path) and C(reason).
  returned: success
  type: list
  elements: dict
  sample: [{path: /etc/ssh/ssh_host_ed25519_key, reason: private key}]
cut:
  description:
    - Logs and outputs of which only the first and the newest part are in the archive, as C(NAME.first) and
      C(NAME.newest), because O(max_size) has no room for more; at most 500. The file C(capture.json) of the bundle has
      them too, and C(cut.jsonl) in the archive has the SHA-256 of the parts. A warning names their number.
  returned: success
  type: list
  elements: dict
  sample: [{name: files/var/log/auth.log, size: 5368709120, first: 524282496, newest: 524265088}]
  contains:
    name:
      description: Name in the archive, without the ending of the parts.
      type: str
      sample: files/var/log/auth.log
    size:
      description: Bytes of the whole log.
      type: int
      sample: 5368709120
    first:
      description: Bytes of its first part.
      type: int
      sample: 524282496
    newest:
      description: Bytes of its newest part, which ends at the end of the log.
      type: int
      sample: 524265088
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: evidence_changed
    path:
    message: "the host announced 1843200 bytes, and sent another SHA-256"
    cure: Treat the host as compromised, and look for a second run of this task on it.
"""
