#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the pinned host keys of a known_hosts file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_key_pin_info
short_description: List the pinned host keys of a known_hosts file
version_added: 0.2.0
description:
  - Returns the lines of a C(known_hosts) file as data, with the state of each pin, for reports.
  - No server is contacted.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.reader
  - secure.ftp_synchronize.attributes
options:
  protocol:
    description: V(sftp) for a C(known_hosts) file, V(ftps) for a file of pins of TLS keys, which O(path) must name.
    type: str
    choices: [sftp, ftps]
    default: sftp
  host:
    description:
      - Name of the server in the file. Only lines that match it are returned, including hashed names and patterns.
      - If not given, all lines are returned.
    type: str
  port:
    description: Port of the server, if it is not 22, or not 21 for FTPS.
    type: int
  path:
    description:
      - The file. A missing file has no pins.
      - If not given, V(~/.ssh/known_hosts) of the user that runs the module.
    type: path
    aliases: [known_hosts_file]
seealso:
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: List all pins
  secure.ftp_synchronize.host_key_pin_info:
    path: /etc/ssh/partners_known_hosts
  register: partners

- name: List the pins that expire soon
  ansible.builtin.debug:
    msg: "{{ partners.pins | community.general.json_query(query) }}"
  vars:
    query: "[?state == 'retiring'].{host: hosts, key: fingerprint, until: valid_until}"
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: success
  type: str
  sample: "2026-12-01T04:10:00Z"
path:
  description: The file.
  returned: success
  type: str
  sample: ~/.ssh/known_hosts
pins:
  description:
    - The lines that hold a key, in the order of the file and in the form of
      RV(secure.ftp_synchronize.host_key_pin#module:pins).
  returned: always
  type: list
  elements: dict
  sample:
    - line: 3
      hosts: "[files.example.com]:2222"
      hashed: false
      pattern: false
      kind: key
      key_type: ssh-ed25519
      fingerprint: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
      comment: from the operator, ticket 4711
      state: retiring
      valid_from:
      valid_until: "2026-12-31T00:00:00Z"
msg:
  description: The error and its cure.
  returned: failure
  type: str
  sample: '"/etc/ssh/partners_known_hosts": it is a symbolic link. Set path to the file itself.'
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: pin_store_unsafe
    path:
    message: "'/etc/ssh/partners_known_hosts': it is a symbolic link"
    cure: Set path to the file itself.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.pins import host_key_pin_info as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
