#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a host for the few facts that a role decides by."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_state
short_description: Part of the module host_system, reads the system, a few files and a service of a host
version_added: 0.2.0
description:
  - A part of the module M(secure.ftp_synchronize.host_system).
  - Reads the facts that a role decides by, in one execution, and changes nothing.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
  safe_file_operations:
    support: N/A
  platform:
    support: full
    platforms: linux
options:
  files:
    description:
      - Files whose time of change is returned. Links are followed.
    type: list
    elements: path
    default: []
  contents:
    description:
      - Files whose content is returned. Links are followed.
    type: list
    elements: path
    default: []
  programs:
    description:
      - Paths, or patterns such as V(/usr/lib/*/security/pam_pwdfile.so).
    type: list
    elements: str
    default: []
  service:
    description:
      - Name of a unit of systemd.
    type: str
seealso:
  - module: secure.ftp_synchronize.host_system
"""

EXAMPLES = r"""
- name: Read the state of the FTP server
  secure.ftp_synchronize.host_state:
    files: [/etc/vsftpd.conf]
    service: vsftpd
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the cause.
  returned: always
  type: str
  sample: nothing to do
system:
  description: The C(id) of the system, and the systems that it is C(like), from os-release(5).
  returned: success
  type: dict
  sample: {"id": "ubuntu", "like": ["debian"]}
files:
  description: For each path of O(files), the time of the last change in seconds since 1970; null if there is no file.
  returned: success
  type: dict
  sample: {"/etc/vsftpd.conf": 1795618963}
contents:
  description: For each path of O(contents), the content in base64; null if there is no regular file.
  returned: success
  type: dict
  sample: {"/etc/vsftpd.conf": "IyB2c2Z0cGQK"}
programs:
  description: For each pattern of O(programs), whether a file matches.
  returned: success
  type: dict
  sample: {"/usr/sbin/vsftpd": true}
service:
  description: Whether O(service) is C(active) and C(enabled), and C(since) when, in seconds since 1970.
  returned: success
  type: dict
  sample: {"active": true, "enabled": true, "since": 1795618963}
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable code of the error.
      type: str
      sample: operation_failed
    path:
      description: Always null.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "systemctl: timed out"
    cure:
      description: Recommended action.
      type: str
      sample: Check systemd on the host.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import host_state as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
