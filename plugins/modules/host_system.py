#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system of a host, its packages, and files of root: the state that the action asks for."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_system
short_description: Part of the roles of servers, system, packages, directories and text files of a host
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.chroot_jail#role), P(secure.ftp_synchronize.ftps_server#role)
    and P(secure.ftp_synchronize.sftp_server#role). Playbooks need it only to write such a role.
  - With O(directories) or O(texts), makes directories, then writes files, each as a whole under a temporary name first.
    A file or directory with another owner or mode is corrected. Opens every directory on the way without following
    links, and refuses a directory that others may write. Nothing else is done.
  - With O(families), reads the state of the host, looks up the family of its system in a table on the controller, and
    refuses a system that the table does not have.
  - Then installs the packages whose programs are missing, with C(ansible.builtin.package). If that fails and the host
    has apt, refreshes the lists of packages and tries again.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs root for O(directories) and O(texts).
options:
  families:
    description:
      - For each supported family, V(Debian) or V(RedHat), a dictionary of values. Its key C(programs) is a list of
        dictionaries with C(path), a path or a pattern, and C(package). A unit of systemd under C(masks) is masked
        before the installation, so that it never runs with its stock configuration.
      - Required without O(packages), O(directories) and O(texts).
    type: dict
  packages:
    description:
      - Packages to install on any system. Nothing else is done, and the result of C(ansible.builtin.package) is
        returned.
    type: list
    elements: str
  recommends:
    description: Whether the packages that O(packages) recommend are installed too. V(false) needs a host with apt.
    type: bool
    default: true
  programs:
    description: Paths or patterns that the host looks for. The action fills them in.
    type: list
    elements: str
    default: []
  files:
    description: Files whose time of change is returned. Links are followed.
    type: list
    elements: str
    default: []
  contents:
    description: Files whose content is returned. Links are followed.
    type: list
    elements: str
    default: []
  service:
    description: Unit of systemd whose state is returned.
    type: str
  install:
    description: Install the packages of missing programs.
    type: bool
    default: true
  directories:
    description: Directories that belong to root, each after its parent.
    type: list
    elements: dict
    suboptions:
      path:
        description: Absolute path.
        type: str
        required: true
      mode:
        description: Permissions, octal.
        type: str
        default: "0755"
  texts:
    description: Text files that belong to root.
    type: list
    elements: dict
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
  - ref: ansible_collections.secure.ftp_synchronize.chroot_jail_role
    description: A role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.ftps_server_role
    description: A role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.sftp_server_role
    description: A role that uses this module.
"""

EXAMPLES = r"""
- name: Determine the system and install the server
  secure.ftp_synchronize.host_system:
    families:
      Debian:
        programs:
          - path: /usr/sbin/vsftpd
            package: vsftpd
            masks: vsftpd
        config: /etc/vsftpd.conf
    service: vsftpd
  register: system

- name: Install fail2ban
  secure.ftp_synchronize.host_system:
    packages: [fail2ban, nftables]

- name: Write the permissions of accounts
  secure.ftp_synchronize.host_system:
    directories:
      - path: /etc/partners
    texts:
      - path: /etc/partners/one
        content: |
          write_enable=NO
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "missing packages: vsftpd"
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with C(before) and C(after).
  returned: success, with O(directories) or O(texts)
  type: list
  elements: dict
  sample:
    - path: /etc/partners/one
      before: missing
      after: "write_enable=NO\n"
family:
  description: The values of the family of the system, from O(families).
  returned: success
  type: dict
  sample: {"config": "/etc/vsftpd.conf"}
missing:
  description: Packages whose programs were missing. They are installed, unless O(install=false).
  returned: success
  type: list
  elements: str
  sample: [vsftpd]
files:
  description:
    - For each path of O(files), the time of the last change before the installation, in seconds since 1970; null if
      there is no file.
  returned: success
  type: dict
  sample: {"/etc/vsftpd.conf": 1795618963}
contents:
  description: For each path of O(contents), the content in base64; null if there is no regular file.
  returned: success
  type: dict
  sample: {"/etc/vsftpd.conf": "IyB2c2Z0cGQK"}
service:
  description: Whether O(service) is C(active) and C(enabled), and C(since) when, in seconds since 1970.
  returned: success
  type: dict
  sample: {"active": true, "enabled": true, "since": 1795618963}
system:
  description: The C(id) of the system, and the systems that it is C(like), from os-release(5).
  returned: by the host to the action
  type: dict
  sample: {"id": "ubuntu", "like": ["debian"]}
programs:
  description: For each pattern of O(programs), whether a file matches.
  returned: by the host to the action
  type: dict
  sample: {"/usr/sbin/vsftpd": true}
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is V(system_unsupported), V(facts_refused), V(answer_refused), V(unsafe_path), V(not_found) or
      V(invalid_request).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import host_system as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
