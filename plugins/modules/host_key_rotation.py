#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the rotation of the host keys of an SSH server one step on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_key_rotation
short_description: Take the rotation of the host keys of this SSH server one step on
version_added: 0.2.0
description:
  - Finds out where the rotation of each type of host key stands, from the files that are there and from what
    C(sshd -T) says, and does what is due as far as files of keys go.
  - A key that is due gets a successor in a file beside it, which is served behind it at first (C(announced)), then
    before it (C(promoted)), and in the end takes its place (C(retired)). There is no further record, so a run that was
    killed is simply run again.
  - A change of sshd's configuration that waits to be confirmed is none yet. Take it back before, by
    M(secure.ftp_synchronize.sshd_change) with C(state=undone).
  - What sshd serves is changed by M(secure.ftp_synchronize.sshd_change), with RV(files), and clients learn by
    M(secure.ftp_synchronize.host_key_pin). The role
    P(secure.ftp_synchronize.host_key_rotation#role) does all of it. Use that.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Names the files, never their content.
  idempotent:
    support: full
  safe_file_operations:
    support: full
  platform:
    support: full
    platforms: linux
    details:
      - Needs root and OpenSSH's server.
options:
  state:
    description:
      - V(observed) looks and changes nothing.
      - V(advanced) makes the keys that are due, and puts those in their place whose overlap is over.
      - V(finished) removes the second file of keys that are in their place, when every client has dropped the old one.
    type: str
    choices: [observed, advanced, finished]
    default: observed
  types:
    description:
      - The types of keys to rotate. New RSA keys have 4096 bits.
    type: list
    elements: str
    choices: [ed25519, rsa]
    default: [ed25519]
  max_age:
    description:
      - Days after which a key gets a successor. The age of a key is that of its file.
    type: float
    default: 365
  announce:
    description:
      - Days for which a new key is announced before clients see it.
    type: float
    default: 14
  overlap:
    description:
      - Days for which the old key is announced after that.
    type: float
    default: 14
  hold:
    description:
      - Whether a client lacks a new key. Then none is promoted and none retired.
    type: bool
    default: false
seealso:
  - module: secure.ftp_synchronize.sshd_change
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: See where the rotation of the host keys stands
  secure.ftp_synchronize.host_key_rotation:
    types: [ed25519, rsa]
  become: true
  register: host_keys
"""

RETURN = r"""
msg:
  description: The changes and the phase of each type or, if the task failed, the cause.
  returned: always
  type: str
  sample: ed25519 is announced until 2026-12-15T04:00:00Z
deeds:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: str
  sample: ["made: /etc/ssh/ssh_host_ed25519_key_20261201T040000Z"]
rotations:
  description: Where each type stands, after what was done.
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
        - C(idle); C(made), when a successor is there that is not served; C(announced), when it is served behind the
          old key; C(promoted), when it is served first; C(retired), when it took the place of the old one.
      type: str
      sample: announced
    next:
      description: When the next phase may begin; null if that depends on the clients alone.
      type: str
      sample: "2026-12-15T04:00:00Z"
    path:
      description: The file of the key.
      type: str
      sample: /etc/ssh/ssh_host_ed25519_key
    fingerprint:
      description: Its fingerprint; null if sshd could not load it.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    new_path:
      description: The file of its successor, null without one.
      type: str
      sample: /etc/ssh/ssh_host_ed25519_key_20261201T040000Z
    new_fingerprint:
      description: The successor's fingerprint; null without one, or before it is made.
      type: str
      sample: SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8
host_keys:
  description: The HostKey lines that sshd shall have, in their order.
  returned: success
  type: list
  elements: str
  sample: [/etc/ssh/ssh_host_ed25519_key, /etc/ssh/ssh_host_ed25519_key_20261201T040000Z]
serving:
  description: Whether sshd is configured to serve just these.
  returned: success
  type: bool
  sample: false
files:
  description: The files of sshd's configuration that say so, for O(secure.ftp_synchronize.sshd_change#module:files).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Where.
      type: str
      sample: /etc/ssh/sshd_config.d/04-secure_ftp_synchronize_host_keys.conf
    mode:
      description: Permissions, octal.
      type: str
      sample: "0600"
    content:
      description: The whole text. Without it the file shall not be there.
      type: str
      sample: HostKey /etc/ssh/ssh_host_ed25519_key
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - C(host_keys_not_rotatable), C(unsafe_path), C(sshd_missing), C(sshd_config_invalid), C(invalid_request),
          C(operation_failed) or C(internal).
      type: str
      sample: host_keys_not_rotatable
    path:
      description: Always null.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "types: sshd is configured without a key of the type rsa"
    cure:
      description: Recommended action.
      type: str
      sample: Add a HostKey line for /etc/ssh/ssh_host_rsa_key, or remove the type.
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import host_key_rotation


def main() -> None:
    module = AnsibleModule(argument_spec=host_key_rotation.host_key_rotation(), supports_check_mode=True)
    work = partial(host_key_rotation.rotate, module.params, check_mode=module.check_mode)
    boundary.run(module, work, blank=host_key_rotation.blank_rotation())


if __name__ == "__main__":
    main()
