#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the rotation of the host keys of an SSH server one step on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_key_rotation
short_description: Part of the role host_key_rotation, advances the rotation of host keys by one step
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.host_key_rotation#role). Playbooks need it only to write such a role.
  - Determines the phase of the rotation for each type of host key, from the existing files and the output of
    C(sshd -T), and makes the changes that are due to the key files.
  - A key that is due gets a successor in a second file. sshd first serves it after the old key (C(announced)), then
    before it (C(promoted)). In the end it replaces the old key (C(retired)). There is no other record, so a killed run
    can simply be run again.
  - An unconfirmed change of sshd's configuration is not taken into account. Undo it first with
    M(secure.ftp_synchronize.sshd_change) and C(state=undone).
  - The served keys are changed with M(secure.ftp_synchronize.sshd_change), with RV(files), and clients learn new keys
    with M(secure.ftp_synchronize.host_key_pin). Use the role P(secure.ftp_synchronize.host_key_rotation#role), which
    does both.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    details: Names the files, never their content.
  platform:
    platforms: linux
    details: Needs root and the OpenSSH server.
options:
  state:
    description:
      - V(observed) changes nothing.
      - V(advanced) makes the keys that are due, and puts keys in place when their overlap is over.
      - V(finished) removes the second file of keys that are in place, when every client has dropped the old key.
    type: str
    choices: [observed, advanced, finished]
    default: observed
  types:
    description: The types of keys to rotate. New RSA keys have 4096 bits.
    type: list
    elements: str
    choices: [ed25519, rsa]
    default: [ed25519]
  max_age:
    description: Age in days after which a key gets a successor. The age of a key is the age of its file.
    type: float
    default: 365
  announce:
    description: Days between the announcement of a new key and its first use.
    type: float
    default: 14
  overlap:
    description: Days for which the old key remains announced after that.
    type: float
    default: 14
  hold:
    description: Whether a client lacks a new key. If V(true), no key is promoted and no key is retired.
    type: bool
    default: false
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.host_key_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.sshd_change
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: Show the phase of the host key rotation
  secure.ftp_synchronize.host_key_rotation:
    types: [ed25519, rsa]
  become: true
  register: host_keys
"""

RETURN = r"""
msg:
  description: The changes and the phase of each type or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: ed25519 is announced until 2026-12-15T04:00:00Z
changes:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: str
  sample: ["made: /etc/ssh/ssh_host_ed25519_key_20261201T040000Z"]
rotations:
  description: The phase of each type, after the changes.
  returned: always
  type: list
  elements: dict
  contains:
    type:
      description: Type of the key.
      type: str
      sample: ed25519
    phase:
      description:
        - C(idle); C(made), a successor exists and is not served; C(announced), it is served after the old key;
          C(promoted), it is served first; C(retired), it has replaced the old key.
      type: str
      sample: announced
    next:
      description: Earliest start of the next phase; null if it depends only on the clients.
      type: str
      sample: "2026-12-15T04:00:00Z"
    path:
      description: The file of the key.
      type: str
      sample: /etc/ssh/ssh_host_ed25519_key
    fingerprint:
      description: Fingerprint of the key; null if sshd could not load it.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    new_path:
      description: The file of its successor; null if there is none.
      type: str
      sample: /etc/ssh/ssh_host_ed25519_key_20261201T040000Z
    new_fingerprint:
      description: Fingerprint of the successor; null if there is none or it is not made yet.
      type: str
      sample: SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8
host_keys:
  description: The HostKey lines that sshd must have, in this order.
  returned: success
  type: list
  elements: str
  sample: [/etc/ssh/ssh_host_ed25519_key, /etc/ssh/ssh_host_ed25519_key_20261201T040000Z]
serving:
  description: Whether sshd is configured to serve exactly these keys.
  returned: success
  type: bool
  sample: false
files:
  description: The sshd configuration files with these lines, for O(secure.ftp_synchronize.sshd_change#module:files).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path of the file.
      type: str
      sample: /etc/ssh/sshd_config.d/04-secure_ftp_synchronize_host_keys.conf
    mode:
      description: Permissions, octal.
      type: str
      sample: "0600"
    content:
      description: The whole text; if missing, the file must not exist.
      type: str
      sample: HostKey /etc/ssh/ssh_host_ed25519_key
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(host_keys_not_rotatable), C(unsafe_path), C(sshd_missing), C(sshd_config_invalid),
      C(invalid_request), C(operation_failed) or C(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import host_key_rotation as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
