#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep directories and text files of root, all in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_files
short_description: Part of the role ftps_server, keeps directories and text files that belong to root
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.ftps_server#role). Playbooks need it only to write such a role.
  - Makes directories, then writes files, each as a whole under a temporary name first. A file or directory with another
    owner or mode is corrected.
  - Opens every directory on the way without following links, and refuses a directory that others may write.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs root.
options:
  directories:
    description: Directories, each after its parent.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: str
        required: true
      mode:
        description: Permissions, octal.
        type: str
        default: "0755"
  files:
    description: Files.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: str
        required: true
      content:
        description: The whole text.
        type: str
        required: true
      mode:
        description: Permissions, octal.
        type: str
        default: "0644"
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.ftps_server_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Write the permissions of accounts
  secure.ftp_synchronize.host_files:
    directories:
      - path: /etc/partners
    files:
      - path: /etc/partners/one
        content: |
          write_enable=NO
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 2 changes made
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/partners/one
      before: missing
      after: "write_enable=NO\n"
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(unsafe_path), C(not_found), C(invalid_request) or C(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import host_files as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
