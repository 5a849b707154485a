#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of a host, in an archive on that host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_capture
short_description: Part of the module evidence, captures the evidence of a host in an archive on that host
version_added: 0.2.0
description:
  - A part of M(secure.ftp_synchronize.evidence), which runs it on the host. Playbooks need only that action.
  - Makes an archive in C(/var/lib/secure_ftp_synchronize/evidence), returns it in parts, and removes it. Archives that
    were not removed go with the first capture after a day.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.evidence
attributes:
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run makes another archive.
  platform:
    platforms: linux
options:
  name:
    description: Name of the archive, 16 hexadecimal digits that the controller chooses.
    type: str
    required: true
  state:
    description: V(captured) makes the archive, V(read) returns the part at O(offset), V(absent) removes the archive.
    type: str
    choices: [captured, read, absent]
    default: captured
  offset:
    description: First byte of the part.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Make an archive on the host
  secure.ftp_synchronize.evidence_capture:
    name: 0123456789abcdef
    since: 2d
  become: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 41 outputs and files, 6 left out, 0 cut
size:
  description: Size of the archive in bytes.
  returned: with O(state=captured)
  type: int
  sample: 1843200
sha256:
  description: SHA-256 of the archive.
  returned: with O(state=captured)
  type: str
  sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
members:
  description: Number of outputs and files in the archive.
  returned: with O(state=captured)
  type: int
  sample: 41
moment:
  description: Seconds since 1970 by the clock of the host.
  returned: with O(state=captured)
  type: str
  sample: "1795618963.250000"
data:
  description: The part, in BASE64; at most 8 MiB.
  returned: with O(state=read)
  type: str
  sample: H4sIAAAA
left_out:
  description: Files that are not in the archive, at most 500; each with C(path) and C(reason).
  returned: with O(state=captured)
  type: list
  elements: dict
  sample: [{path: /etc/ssh/ssh_host_ed25519_key, reason: private key}]
cut:
  description:
    - Logs and outputs of which only parts are in the archive, at most 500; each with C(name), C(size) and the bytes of
      the C(first) and the C(newest) part.
  returned: with O(state=captured)
  type: list
  elements: dict
  sample: [{name: files/var/log/auth.log, size: 5368709120, first: 524282496, newest: 524265088}]
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.evidence import evidence_capture as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
