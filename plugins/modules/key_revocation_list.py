#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a signed list of revoked SSH keys and certificates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: key_revocation_list
short_description: Keep a signed list of revoked SSH keys and certificates
version_added: 0.2.0
description:
  - Keeps one list for all servers on the controller, as a key revocation list (KRL) in ssh-keygen's form.
    M(secure.ftp_synchronize.key_revocation) installs it on a server with
    O(secure.ftp_synchronize.key_revocation#module:format=krl).
  - "The directory O(path) has four files: C(revoked.yml), the source with who revoked an entry, when and why;
    C(revoked.krl), the list; C(revoked.krl.sig), its signature in OpenSSH's form, for the namespace
    C(krl@secure.ftp_synchronize); and C(revoked.krl.history), the version and digest of each earlier list."
  - Each new list has a higher version, which is read from the header of the present list. Servers refuse a list with a
    lower version. They also refuse a list that lacks entries of a list from which it was not made, by its history.
  - A list is also made again when half of O(max_age) is over, so that its date shows that it is current. Otherwise a
    second run changes nothing.
  - C(revoked.yml) may be edited, and entries may be added by hand. An entry only leaves the list by O(state=absent), so
    that a lost or damaged source never makes keys good again.
  - Each new list is compared with its source before it is signed. The files are replaced only after that, each as a
    whole.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.revoked_entries
  - secure.ftp_synchronize.signing.key
attributes:
  diff_mode:
    details: The diff shows C(revoked.yml).
options:
  path:
    description: The directory. It must exist.
    type: path
    required: true
  reason:
    description: The reason, on one line, for the record of new entries. Required if an entry is new.
    type: str
  responder:
    description:
      - The person who revokes, for the record of new entries. The default is the name of the user that runs the module.
    type: str
  state:
    description:
      - V(present) adds the named entries. Other entries stay. Without entries, the list is only kept current.
      - V(absent) removes the named entries. Their keys are good again on every server that gets the new list.
    type: str
    choices: [present, absent]
    default: present
  max_age:
    description:
      - Greatest age of a list, such as V(24h). Half of it is the age at which a list is made again; run the task at
        least that often.
    type: str
    default: 24h
  min_version:
    description: Lowest version of the list. Set it to more than the version on the servers if C(revoked.krl) was lost.
    type: int
    default: 1
  sign:
    description: The key that signs the list.
    required: true
notes:
  - Needs C(ssh-keygen) of OpenSSH 8.2 or newer and the Python library C(yaml), which every controller has.
  - A list of 100,000 fingerprints has 3.6 MB and takes about 10 seconds.
seealso:
  - module: secure.ftp_synchronize.key_revocation
"""

EXAMPLES = r"""
- name: Revoke a key by the fingerprint in sshd's log, and two certificates
  secure.ftp_synchronize.key_revocation_list:
    path: /srv/revocation
    fingerprints:
      - SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    certificates:
      - ca: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX
        serials: [7-12]
        ids: [partner@example.com]
    reason: laptop stolen
    sign:
      private_key_file: /etc/ssh/incident_ed25519
  delegate_to: localhost
  run_once: true

- name: Keep the list current, every 12 hours
  secure.ftp_synchronize.key_revocation_list:
    path: /srv/revocation
    sign:
      private_key_file: /etc/ssh/incident_ed25519
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "version 8 with 3 entries: the entries differ"
version:
  description: Version of the list or, in check mode, the version that it would have.
  returned: always
  type: int
  sample: 8
date:
  description: Time when the list was made, in UTC.
  returned: success
  type: str
  sample: "2026-12-01T04:00:00Z"
sha256:
  description: SHA-256 of the list; empty if check mode makes no list.
  returned: success
  type: str
  sample: 6dd4d3b20cc045ca964ad6b9aaff39963dd845ae9713730a6c13fcf6f1d776a5
entries:
  description: Number of entries.
  returned: always
  type: int
  sample: 3
added:
  description: New entries.
  returned: always
  type: list
  elements: str
  sample: ["fingerprint SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"]
removed:
  description: Removed entries.
  returned: always
  type: list
  elements: str
  sample: []
files:
  description: Paths of the files.
  returned: success
  type: dict
  contains:
    source:
      description: Who revoked each entry, when, and why.
      type: str
      sample: /srv/revocation/revoked.yml
    list:
      description: The list.
      type: str
      sample: /srv/revocation/revoked.krl
    signature:
      description: The signature.
      type: str
      sample: /srv/revocation/revoked.krl.sig
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
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: krl_incomplete
    path:
    message: "revoked.yml: lacks 1 entry of revoked.krl, such as SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc"
    cure: "Restore revoked.yml. To make a key good again, use state: absent."
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import key_revocation_list as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
