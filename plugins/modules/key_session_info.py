#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live SSH sessions of certain keys."""

from __future__ import annotations

DOCUMENTATION = r"""
module: key_session_info
short_description: Report the live SSH sessions that were opened with certain keys or certificates
version_added: 0.2.0
description:
  - Reports the sessions on a server that M(secure.ftp_synchronize.key_revocation) would end. Nothing is changed.
  - Sessions are found by sshd's own lines in the journal, C(Accepted publickey ... SHA256:...), of processes that still
    run. Fails with C(not_supported) if the key of a live session is not in the journal, and names the session.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.reader
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.revoked_entries
attributes:
  platform:
    platforms: linux
notes:
  - Needs root, and systemd's journal.
seealso:
  - module: secure.ftp_synchronize.key_revocation
  - ref: ansible_collections.secure.ftp_synchronize.key_revocation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Look up the sessions of a lost key
  secure.ftp_synchronize.key_session_info:
    fingerprints:
      - SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
  become: true
  register: found
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 session
sessions:
  description: The sessions.
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
    fingerprint:
      description: Fingerprint of the key.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    key_id:
      description: Key id of the certificate; empty without a certificate.
      type: str
      sample: bob
    serial:
      description: Serial number of the certificate.
      type: int
      sample: 7
    own:
      description: Whether it is the session of this task.
      type: bool
      sample: false
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: not_supported
    path:
    message: journalctl cannot read sshd's log
    cure: Run the task as root.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import key_session_info as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
