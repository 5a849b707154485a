#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an SFTP server serves an account, tried from this host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sftp_probe
short_description: Test an SFTP server with an account, from this host
version_added: 0.2.0
description:
  - Logs in to an SFTP server with exactly the credentials of the task, and lists the login directory. With
    O(directory) it also stores a small file of random bytes there, finds it in a listing, retrieves it, compares it and
    removes it.
  - The server is proven by its pinned host key before any credential is sent, as with
    M(secure.ftp_synchronize.secure_sync).
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    support: partial
    details: Check mode tests nothing.
  diff_mode:
    support: none
options:
  directory:
    description:
      - A directory in which the account may store, list, retrieve and remove files. If not given, nothing is stored.
    type: str
notes:
  - O(protocol=ftps) is refused; use M(secure.ftp_synchronize.ftps_probe). The login is tried once, regardless of
    O(retries).
seealso:
  - module: secure.ftp_synchronize.ftps_probe
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Test that the server accepts the new key
  secure.ftp_synchronize.sftp_probe:
    host: files.example.com
    username: partner
    private_key_file: /etc/secure_ftp_synchronize/keys/nightly/to/files
    passphrase: "{{ nightly_passphrase }}"
    ssh_agent: false
    known_hosts_file: /etc/ssh/partners_known_hosts
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: partner logged in and listed at files.example.com
peer:
  description: The server, as returned by M(secure.ftp_synchronize.secure_sync).
  returned: success, without check mode
  type: dict
  sample: {protocol: SSH-2.0, host_key_type: ssh-ed25519}
from_inventory:
  description:
    - Options that were taken from variables of the inventory host because O(host) was not given. Each has its value and
      the variable that holds it.
  returned: if O(host) was taken from the inventory
  type: dict
  sample:
    host: {value: sftp.partner04.example, variable: ansible_host}
    port: {value: 2222, variable: ansible_port}
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: authentication_failed
    path:
    message: "files.example.com does not accept the key of partner"
    cure: Check username, and that the key or password belongs to the account.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.login_probe import sftp_probe as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
