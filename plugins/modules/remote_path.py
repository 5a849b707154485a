#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories made, files moved, and entries removed at a server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: remote_path
short_description: Make directories, move files and remove entries on an SFTP or FTPS server
version_added: 0.2.0
description:
  - Brings one path at a server into a state, as C(ansible.builtin.file) does on a host.
  - A symbolic link at O(path) is never followed. V(absent) removes the link itself; with V(directory) and V(file) it is
    an error. Links in the directories above are followed.
  - The answers of the server are not believed. Afterwards the path is looked up, and another state is an error.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
options:
  path:
    description:
      - The path at the server. A relative path starts at the login directory, which itself cannot be named.
    type: str
    required: true
  state:
    description:
      - V(directory) makes a missing directory.
      - V(file) requires a regular file. With O(src), a missing file is moved there.
      - V(absent) removes a file, a link or a directory with everything in it, see O(max_delete). The login directory,
        directories above it, and a directory with the lock of a running C(secure_sync) in it are refused.
    type: str
    choices: [directory, file, absent]
    default: file
  src:
    description:
      - The present path of the file, for O(state=file). An existing O(path) is never replaced. If only O(path) exists,
        the file was moved before, and nothing is changed.
      - Over FTPS, another client that creates O(path) at the same moment can still lose its file, because FTP has no
        rename that never replaces.
    type: str
  mode:
    description:
      - Permissions as four octal digits in quotes, such as V('0750'). A server that cannot set them is an error.
      - If not given, an existing entry keeps its permissions, and new directories get V('0700') if the server sets
        permissions. If given, it also applies to missing directories above a new directory.
    type: str
  create_parents:
    description: Whether missing directories above O(path) are made.
    type: bool
    default: false
  max_delete:
    description:
      - How many files may be removed with a directory, for O(state=absent). Links and special files count as files,
        directories do not. With more, nothing is removed.
    type: int
    default: 0
seealso:
  - module: secure.ftp_synchronize.remote_path_info
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Make the inbox of a partner, whose login is in the inventory
  secure.ftp_synchronize.remote_path:
    path: partner04/inbox
    state: directory
    mode: '0770'
    create_parents: true
  delegate_to: localhost

- name: Move a file once it is complete
  secure.ftp_synchronize.remote_path:
    host: files.example.com
    username: reports
    private_key_file: ~/.ssh/reports_ed25519
    known_hosts_file: /etc/ssh/partners_known_hosts
    src: upload/report.csv
    path: ready/report.csv

- name: Remove a directory with at most 20 files
  secure.ftp_synchronize.remote_path:
    path: partner04/outbox/2025
    state: absent
    max_delete: 20
  delegate_to: localhost
"""

RETURN = r"""
msg:
  description: The changes or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "partner04/inbox: make 2 directories, set mode 0770"
state:
  description: C(directory), C(file) or C(absent); in check mode, the present state. Null if the task failed.
  returned: always
  type: str
  sample: directory
mode:
  description: The permissions; in check mode, the present permissions. Null without an entry.
  returned: always
  type: str
  sample: "0770"
removed:
  description: The number of C(files) and C(directories) that were removed. Links and special files count as files.
  returned: always
  type: dict
  sample: {files: 12, directories: 3}
peer:
  description: The server, as returned by M(secure.ftp_synchronize.secure_sync).
  returned: when a connection was made
  type: dict
  sample: {protocol: SSH-2.0, host_key_type: ssh-ed25519}
from_inventory:
  description: Options that were taken from the inventory host, with their variables.
  returned: if O(host) was taken from the inventory
  type: dict
  sample: {host: {value: sftp.partner04.example, variable: ansible_host}}
notes:
  description: Abilities that the server lacks. Empty if there are none.
  returned: always
  type: list
  elements: str
  sample: []
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: too_many_deletions
    path: delivery-2025
    message: "max_delete: 31 files would be deleted with the directory, and the limit is 20"
    cure: Check that path is right, then raise max_delete.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.sync import remote_path as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
