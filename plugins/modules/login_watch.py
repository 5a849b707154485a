#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins and a live session of an account at an SFTP server, watched from this host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: login_watch
short_description: Part of the role key_revocation, watches whether an SFTP server lets an account in
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.key_revocation#role). Playbooks need it only to write such a role.
  - Opens a session with an SFTP server and works in it all the time, and logs in again and again. Each observation is
    added to a file, with its time by the monotonic clock of this host.
  - Ends when a login was refused and the session has ended, when the file is removed, or after O(duration). After a
    refused login it does not try again, because sshd punishes an address that fails often.
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
    details: Check mode watches nothing.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run watches again.
options:
  path:
    description: The file of the observations. It must not exist; its directory must.
    type: path
    required: true
  every:
    description: Seconds between two logins.
    type: float
    default: 0.5
  duration:
    description: Seconds after which the watch ends in any case.
    type: float
    default: 600.0
notes:
  - O(protocol=ftps) is refused. O(retries) has no effect.
  - Use it with C(async) and C(poll=0), so that the play goes on.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.key_revocation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.incident_drill
  - module: secure.ftp_synchronize.sftp_probe
"""

EXAMPLES = r"""
- name: Watch the account of the drill
  secure.ftp_synchronize.login_watch:
    host: files.example.com
    username: canary
    private_key_file: /srv/revocation/drill/compromised
    ssh_agent: false
    known_hosts_file: /etc/ssh/partners_known_hosts
    path: /srv/revocation/drill/watch-files.jsonl
  async: 900
  poll: 0
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: the login was refused, and the session ended
refused:
  description: Whether a login was refused.
  returned: success
  type: bool
  sample: true
session_ended:
  description: Whether a session that had worked came to an end.
  returned: success
  type: bool
  sample: true
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
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.incident import login_watch as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
