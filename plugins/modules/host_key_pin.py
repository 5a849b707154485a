#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pin the host keys of an SSH server; a pin changes only with proof."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_key_pin
short_description: Pin the keys of SFTP and FTPS servers, and change pins only with proof
version_added: 0.2.0
description:
  - Keeps the host keys of one server in a C(known_hosts) file, see sshd(8), for C(ssh),
    M(secure.ftp_synchronize.secure_sync) and other programs that read it.
  - A key is proven in three ways. O(keys) holds the full key. O(fingerprints) holds its fingerprint, or DNS holds it
    with a DNSSEC signature (O(sshfp)), and the server shows the key. Or the server proves the key in a session that was
    itself proven by an existing pin, with O(from_rotation).
  - For FTPS servers it keeps the pins of their TLS keys (C(sha256//...)) in a file of the same format, for
    O(secure.ftp_synchronize.secure_sync#module:tls_pins_file). C(known_hosts) and host certificates do not apply to
    FTPS, nor do O(authority), O(revoked), O(sshfp) and O(from_rotation).
  - A key that a server only shows is never learned. There is no trust on first use, and no option for it.
  - Other lines and comments of the file are kept byte for byte. The file is replaced as a whole, keeps owner and mode,
    and concurrent tasks do not lose each other's changes.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    details: The server is contacted as in a real run, and the file is not written.
  diff_mode:
    details: Shows the lines of the server, not the rest of the file.
  idempotent:
    details: Also with hashed names, although each hash has its own salt.
options:
  state:
    description:
      - V(present) adds missing pins and leaves other pins of the server alone.
      - V(exact) makes these pins the only pins of the server. Revocations are kept.
      - V(absent) removes the pins listed in O(keys), O(fingerprints), O(authority) and O(revoked) without contacting
        the server; if none of these is set, all pins of the server except its revocations.
    type: str
    choices: [present, absent, exact]
    default: present
  keys:
    description:
      - Public keys of the server, each as C(TYPE BASE64) with an optional comment, as in a C(.pub) file.
      - All values of O(secure.ftp_synchronize.secure_sync#module:host_keys) are accepted too, so that a play can pass
        the same list to both modules.
      - With O(protocol=ftps), pins C(sha256//BASE64), each with an optional comment. List the pin of a reserve key
        after the first.
      - The comment may hold the validity of this key, C(secure_sync:valid_from=2026-12-01T00:00:00Z) and
        C(secure_sync:valid_until=2026-12-31T00:00:00Z).
    type: list
    elements: str
    aliases: [host_keys]
  fingerprints:
    description:
      - Fingerprints of keys as C(ssh-keygen -l) prints them, C(SHA256:...).
      - The keys of the server are fetched, without a login, and matching keys are pinned. Other keys are listed in
        RV(offered), not learned. If none matches, the task fails and writes nothing.
      - With O(protocol=ftps), pins C(sha256//BASE64). The certificate is read after C(AUTH TLS), without a login, and
        must also be valid for O(ca_file).
    type: list
    elements: str
  authority:
    description:
      - Public keys of authorities that sign host certificates (C(@cert-authority)).
      - If only this and O(revoked) are set, O(host) may be a pattern such as V(*.example.com).
    type: list
    elements: str
  revoked:
    description: Public keys that are always refused (C(@revoked)). A pin of such a key is removed.
    type: list
    elements: str
  sshfp:
    description:
      - Fetch the server's keys as with O(fingerprints), and pin the keys that C(SSHFP) records in DNS name by SHA-256,
        if the resolver has validated the records with DNSSEC. Records without validation are ignored.
      - Needs the OpenSSH client, the Python library dnspython (C(python3-dnspython) on Debian, C(python3-dns) on RHEL),
        and a validating resolver on the host that runs the task, such as unbound. C(/etc/resolv.conf) must name it by
        a loopback address (C(127.0.0.0/8) or C(::1)) and set C(options trust-ad).
      - The records are looked up under the complete name that the SSH client connects to. An alias (C(CNAME)) and a
        search domain are not followed.
      - With O(fingerprints), a key is pinned if either source proves it.
    type: bool
    default: false
  from_rotation:
    description:
      - Log in with the server proven by an existing pin, and learn its other keys with OpenSSH's C(UpdateHostKeys).
        The server proves each key by a signature. Needs the OpenSSH client on this host and OpenSSH on the server.
      - Only with O(state=present).
    type: bool
    default: false
  remove_unannounced:
    description: With O(from_rotation), remove pins of keys that the server no longer announces.
    type: bool
    default: false
  valid_from:
    description:
      - Start of validity of the pins of this task in UTC, such as V(2026-12-01T00:00:00Z) or V(2026-12-01); V(none)
        removes a limit.
      - If not given, existing pins keep their limits.
      - The time is stored in the comment of the line. M(secure.ftp_synchronize.secure_sync) applies it; C(ssh) and
        other programs ignore it.
    type: str
  valid_until:
    description:
      - End of validity of the pins of this task; otherwise as O(valid_from).
      - An expired pin of the server fails the task until it is removed or renewed.
    type: str
  comment:
    description:
      - Comment for the lines of this task. If not given, the comment of the key in O(keys), else existing lines keep
        their comments.
    type: str
  hash_host:
    description:
      - Whether the server's name is hashed in the file.
      - If not given, existing lines are kept as they are, and new lines are not hashed.
    type: bool
  path:
    description:
      - The file. If missing, it is created with mode 0600, and its directory, but no higher directory, with 0700.
      - Symbolic links, other kinds of files, and files that others may write are refused.
      - Jump hosts of O(proxy_jump) are verified with this file too or, while it is empty, with the C(known_hosts) files
        of the user and of the system.
      - If not given, V(~/.ssh/known_hosts) of the user that runs the module; with O(protocol=ftps) the value of
        O(tls_pins_file), and one of the two is required.
    type: path
    aliases: [known_hosts_file]
notes:
  - The server's name in the file is the name that the SSH client looks up, which its configuration may change
    (C(HostName), C(Port), C(HostKeyAlias)); it is returned in RV(host).
  - Fetching keys takes a connection for each type of key, half a second apart, because OpenSSH counts connections
    without a login against their address. No user name is sent to the server.
seealso:
  - module: secure.ftp_synchronize.host_key_pin_info
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Pin a server with the keys that its operator published
  secure.ftp_synchronize.host_key_pin:
    host: files.example.com
    state: exact
    keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX

- name: Pin a server with the fingerprint that its operator read out
  secure.ftp_synchronize.host_key_pin:
    host: files.example.com
    port: 2222
    path: /etc/ssh/partners_known_hosts
    fingerprints:
      - SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    comment: by telephone, ticket 4711

- name: Pin the TLS key of an FTPS server and its reserve key
  secure.ftp_synchronize.host_key_pin:
    protocol: ftps
    host: ftp.example.com
    path: /etc/ssl/ftps_pins
    state: exact
    keys:
      - sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE= in use
      - sha256//t62CeU2tQiqkexU74Gxa2eg7fRbEgoChTociMee9wno= in reserve

- name: Learn the keys that a pinned server is about to use
  secure.ftp_synchronize.host_key_pin:
    host: files.example.com
    username: deploy
    private_key_file: ~/.ssh/deploy_ed25519
    from_rotation: true

- name: Plan a change of keys - the old key until the end of the year, the new key from a week before
  secure.ftp_synchronize.host_key_pin:
    host: files.example.com
    state: exact
    keys:
      - "{{ old_host_key }} secure_sync:valid_until=2027-01-01T00:00:00Z"
      - "{{ new_host_key }} secure_sync:valid_from=2026-12-24T00:00:00Z"

- name: Trust the host certificates of an authority
  secure.ftp_synchronize.host_key_pin:
    host: "*.example.com"
    path: /etc/ssh/partners_known_hosts
    authority:
      - "{{ host_authority_key }}"

- name: Refuse a stolen key
  secure.ftp_synchronize.host_key_pin:
    host: files.example.com
    revoked:
      - "{{ stolen_host_key }}"

- name: Forget a server
  secure.ftp_synchronize.host_key_pin:
    host: old.example.com
    state: absent
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 pin added, 1 pin removed
host:
  description: Name of the server in the file.
  returned: success
  type: str
  sample: "[files.example.com]:2222"
path:
  description: The file.
  returned: success
  type: str
  sample: ~/.ssh/known_hosts
changes:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: One of C(add), C(update), C(remove).
      type: str
      sample: add
    kind:
      description: One of C(key), C(authority), C(revoked).
      type: str
      sample: key
    key_type:
      description: Type of the key; C(spki) of an FTPS server.
      type: str
      sample: ssh-ed25519
    fingerprint:
      description: Fingerprint of the key; C(sha256//...) of an FTPS server.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
pins:
  description: The lines of the file for the server, after the task.
  returned: always
  type: list
  elements: dict
  contains:
    line:
      description: Number of the line in the file, from 1; in check mode, in the file as it would be.
      type: int
      sample: 3
    hosts:
      description: First field of the line - names, patterns or a hashed name.
      type: str
      sample: "[files.example.com]:2222"
    hashed:
      description: Whether the name is hashed.
      type: bool
      sample: false
    pattern:
      description: Whether the line names servers by a pattern.
      type: bool
      sample: false
    kind:
      description: One of C(key), C(authority), C(revoked).
      type: str
      sample: key
    key_type:
      description: Type of the key; C(spki) of an FTPS server.
      type: str
      sample: ssh-ed25519
    fingerprint:
      description: Fingerprint of the key; C(sha256//...) of an FTPS server.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    comment:
      description: Comment of the line, without its times.
      type: str
      sample: from the operator, ticket 4711
    state:
      description: One of C(active), C(next) (not valid yet), C(retiring) (its end is known), C(expired), C(revoked).
      type: str
      sample: retiring
    valid_from:
      description: Start of validity in UTC; null for no limit.
      type: str
      sample:
    valid_until:
      description: End of validity in UTC; null for no limit.
      type: str
      sample: "2026-12-31T00:00:00Z"
rotation_report:
  description:
    - The pins of the server by their state in a change of keys. Each is a list of C(kind), C(key_type), C(fingerprint).
  returned: always
  type: dict
  contains:
    active:
      description: Pins that are valid.
      type: list
      elements: dict
      sample: []
    next:
      description: Pins that become valid at their C(valid_from).
      type: list
      elements: dict
      sample: []
    retiring:
      description: Pins that are valid until their C(valid_until).
      type: list
      elements: dict
      sample: []
    expired:
      description: Pins that have expired; only with O(state=absent), because otherwise the task fails.
      type: list
      elements: dict
      sample: []
offered:
  description: The keys that the server shows, and whether each is pinned after the task.
  returned: when O(fingerprints) or O(sshfp) are set and O(state) is not V(absent)
  type: list
  elements: dict
  contains:
    kind:
      description: Always C(key).
      type: str
      sample: key
    key_type:
      description: Type of the key; C(spki) of an FTPS server.
      type: str
      sample: ssh-rsa
    fingerprint:
      description: Fingerprint of the key; C(sha256//...) of an FTPS server.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    pinned:
      description: Whether the file pins it for the server.
      type: bool
      sample: false
notes:
  description: Further messages for the operator. Empty if there are none.
  returned: always
  type: list
  elements: str
  sample:
    - the server no longer announces ssh-rsa SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
diff:
  description: The lines of the server before and after.
  returned: in diff mode
  type: dict
  contains:
    before:
      description: Lines before the change.
      type: str
      sample: ""
    after:
      description: Lines after the change.
      type: str
      sample: files.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX
    before_header:
      description: File and server.
      type: str
      sample: "~/.ssh/known_hosts: files.example.com"
    after_header:
      description: File and server.
      type: str
      sample: "~/.ssh/known_hosts: files.example.com"
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
    code: host_key_changed
    path:
    message: "files.example.com shows ssh-ed25519 SHA256:aaa, none of the fingerprints in the task (SHA256:bbb)"
    cure: Nothing was written.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.pins import host_key_pin as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
