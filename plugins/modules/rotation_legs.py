#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin rotation_legs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_legs
short_description: Decide the work of a key rotation at each server, on the controller
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.client_key_rotation#role). Playbooks need it only to write such a role.
  - Checks the jobs of a client, and the answers of M(secure.ftp_synchronize.client_key) there. An answer of a client
    is data about that client only. It provides the client's own public keys and the progress of each server. Servers,
    accounts, addresses, ports and paths come from O(jobs), and a key is revoked only if O(compromised) lists it.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.decision
options:
  jobs:
    description:
      - The jobs of the client, as the option C(client_key_rotation_jobs) of the role.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the job.
        type: str
        required: true
      username:
        description: Account at the servers.
        type: str
        required: true
      servers:
        description: Servers of the job.
        type: list
        elements: dict
        required: true
        suboptions:
          host:
            description:
              - Name of the server. A managed server must be a host of the inventory, and not the controller.
            type: str
            required: true
          address:
            description: Address for the client. If not given, C(ansible_host) of the host, else its name.
            type: str
          port:
            description: Port of its SSH server.
            type: int
            default: 22
          managed:
            description: Whether tasks are delegated to it.
            type: bool
            default: true
  prepared:
    description:
      - Results of M(secure.ftp_synchronize.client_key) with C(state=prepared) for these jobs, in their order. Without
        them only the jobs are checked.
    type: list
    elements: raw
  key_type:
    description: The only type of new keys that is accepted.
    type: str
    choices: [ed25519, rsa]
    default: ed25519
  compromised:
    description: Fingerprints of the keys to revoke. Leave it empty in the mode C(scheduled).
    type: list
    elements: str
    default: []
  directory:
    description: Directory of the keys on the client.
    type: str
    default: /etc/secure_ftp_synchronize/keys
  keys_directory:
    description: Directory of authorized keys at the servers.
    type: str
    default: /etc/ssh/authorized_keys.d
  revoked_keys_file:
    description: File of revoked keys at the servers.
    type: str
    default: /etc/ssh/revoked_keys
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Check the answer of the client
  secure.ftp_synchronize.rotation_legs:
    jobs: "{{ jobs }}"
    prepared: "{{ prepared.results }}"
  register: judged
"""

RETURN = r"""
jobs:
  description: The jobs for M(secure.ftp_synchronize.client_key), with C(name) and C(servers).
  returned: success
  type: list
  elements: dict
hosts:
  description: Managed servers, each once.
  returned: success
  type: list
  elements: str
  sample: [files1]
places:
  description: Managed servers of the jobs, where the role revokes compromised keys.
  returned: success
  type: list
  elements: dict
  contains:
    job:
      description: The job.
      type: str
    server:
      description: The server.
      type: str
    username:
      description: Account at the server.
      type: str
    revoked_keys_file:
      description: File of revoked keys at the server.
      type: str
legs:
  description: The work at each server of each job.
  returned: with O(prepared)
  type: list
  elements: dict
  contains:
    job:
      description: The job.
      type: str
    server:
      description: The server.
      type: str
    managed:
      description: Whether tasks are delegated to it.
      type: bool
    username:
      description: Account at the server.
      type: str
    holder:
      description: Holder of the keys, for M(secure.ftp_synchronize.account_keys).
      type: str
    authorized_keys_file:
      description: File of the account's keys at the server.
      type: str
    revoked_keys_file:
      description: File of revoked keys at the server.
      type: str
    address:
      description: Address for the client.
      type: str
    port:
      description: Port of its SSH server.
      type: int
    phase:
      description: V(publish), V(retire) or V(done), as the client answered.
      type: str
    private_key_file:
      description: File of the new key on the client.
      type: str
    public_key:
      description: Its public half, without a comment; null if check mode did not make it.
      type: str
    published_keys:
      description: Keys that the server holds until the new key is proven.
      type: list
      elements: str
    revoked_keys:
      description: Keys that the client answered for this job, and that O(compromised) names.
      type: list
      elements: str
    left_to_revoke:
      description: Fingerprints that the client asks to revoke at a managed server and O(compromised) does not name.
      type: list
      elements: str
to_publish:
  description: The legs of servers that get the new key.
  returned: with O(prepared)
  type: list
  elements: dict
known:
  description: Fingerprints of all keys that the client answered in full, by job.
  returned: with O(prepared)
  type: dict
compromised_keys:
  description: Keys that the client answered for any job, and that O(compromised) names, each once.
  returned: with O(prepared)
  type: list
  elements: str
error:
  description: The cause, with a stable C(code).
  returned: failure
  type: dict
"""
