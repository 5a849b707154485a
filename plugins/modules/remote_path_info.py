#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One path at a server, its listing, and a wait for it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: remote_path_info
short_description: Look at a path on an SFTP or FTPS server, and wait for it
version_added: 0.2.0
description:
  - Returns whether a path exists at a server, with kind, size and time, and the listing of a directory. It can wait
    until the path exists, is gone, or is unchanged for some time.
  - A symbolic link at O(path) is not followed; links in the directories above are.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.attributes.reader
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
options:
  path:
    description: The path at the server. A relative path starts at the login directory, which is V(.).
    type: str
    required: true
  recurse:
    description: Whether the listing has the entries of all directories below O(path) too. Links are not followed.
    type: bool
    default: false
  max_listed:
    description: Maximum length of RV(entries). RV(total) always counts all entries.
    type: int
    default: 1000
  wait_for:
    description:
      - Wait until O(path) exists (V(present)), does not exist (V(absent)), or exists and is unchanged for
        O(stable_for) seconds (V(stable)). If not given, the module does not wait.
      - A file is unchanged if its size, time and mode are; a directory if its whole listing is, see O(recurse).
      - The server is asked after 0.5, 1, 2 and 4 seconds, then every 5 seconds, because it reports no events. A file
        that is V(stable) may still be half of an upload that has stalled.
    type: str
    choices: [present, absent, stable]
  stable_for:
    description: Seconds without a change, for O(wait_for=stable).
    type: float
    default: 10.0
  wait_timeout:
    description: Seconds after which the task fails with the code C(wait_timeout).
    type: float
    default: 300.0
notes:
  - In a listing, the lock files of C(secure_sync) are left out.
seealso:
  - module: secure.ftp_synchronize.remote_path
"""

EXAMPLES = r"""
- name: Wait at most an hour for the file of a partner, whose login is in the inventory
  secure.ftp_synchronize.remote_path_info:
    path: outbox/rates.csv
    wait_for: stable
    wait_timeout: 3600
  delegate_to: localhost

- name: List everything below the login directory
  secure.ftp_synchronize.remote_path_info:
    path: .
    recurse: true
  delegate_to: localhost
"""

RETURN = r"""
msg:
  description: The kind of the entry or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "outbox/rates.csv: file"
exists:
  description: Whether something is at O(path); null if that is not known.
  returned: always
  type: bool
  sample: true
kind:
  description: C(directory), C(file), C(link) or C(special); null without an entry.
  returned: always
  type: str
  sample: file
size:
  description: Bytes of a file; null for others.
  returned: always
  type: int
  sample: 40960
mode:
  description: The permissions. Null for the login directory and for V(/).
  returned: always
  type: str
  sample: "0640"
mtime:
  description: Time of the last change by the server's clock, in UTC. Null for the login directory and for V(/).
  returned: always
  type: str
  sample: "2026-12-01T04:00:00Z"
entries:
  description:
    - The entries of a directory, ordered by C(path), which begins with O(path) and has unprintable characters escaped;
      at most O(max_listed). C(kind), C(size), C(mode) and C(mtime) are as above.
  returned: always
  type: list
  elements: dict
  sample:
    - {path: outbox/rates.csv, kind: file, size: 40960, mode: "0640", mtime: "2026-12-01T04:00:00Z"}
total:
  description: The number of entries, whether listed or not.
  returned: always
  type: int
  sample: 1
waited:
  description: Seconds between the first look and the last.
  returned: always
  type: float
  sample: 12.5
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
    code: wait_timeout
    path: outbox/rates.csv
    message: "wait_for: present: nothing is there after 300 s"
    cure: Find out why, or raise wait_timeout.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.sync import remote_path_info as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
