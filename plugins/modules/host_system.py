#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system of a host and its packages: the state that the action asks for."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_system
short_description: Part of the roles of servers, determines the system of a host and installs missing packages
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.chroot_jail#role), P(secure.ftp_synchronize.ftps_server#role)
    and P(secure.ftp_synchronize.sftp_server#role). Playbooks need it only to write such a role.
  - Reads the state of the host, looks up the family of its system in a table on the controller, and refuses a system
    that the table does not have.
  - Then installs the packages whose programs are missing, with C(ansible.builtin.package). If that fails and the host
    has apt, refreshes the lists of packages and tries again.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  safe_file_operations:
    support: N/A
  platform:
    platforms: linux
options:
  families:
    description:
      - For each supported family, V(Debian) or V(RedHat), a dictionary of values. Its key C(programs) is a list of
        dictionaries with C(path), a path or a pattern, and C(package). A unit of systemd under C(masks) is masked
        before the installation, so that it never runs with its stock configuration.
      - Required without O(packages).
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
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "missing packages: vsftpd"
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
    - The code is V(system_unsupported), V(facts_refused) or V(answer_refused).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import host_system as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
