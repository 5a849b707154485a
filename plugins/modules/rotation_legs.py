#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin rotation_legs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_legs
short_description: Part of the roles of rotation, decides on the controller about the servers or clients of each step
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.client_key_rotation#role),
    P(secure.ftp_synchronize.host_key_rotation#role) and P(secure.ftp_synchronize.certificate_rotation#role). Playbooks
    need it only to write such a role.
  - With O(peers), pairs the peers with the results of a looped task by their position. Of a result only failure,
    unreachability, message and pins count. A name that a host writes into its answer is not read.
  - With O(jobs), checks the jobs of a client, and the answers of M(secure.ftp_synchronize.client_key) there. An answer
    of a client is data about that client only. It provides the client's own public keys and the progress of each
    server. Servers, accounts, addresses, ports and paths come from O(jobs), and a key is revoked only if
    O(compromised) lists it.
  - With O(legs), pairs them with the results of the steps by their position, and returns the legs of the steps that
    follow. Of a result only failure, unreachability and message count. The leg that a host writes into its answer is
    not read.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.decision
  - secure.ftp_synchronize.attributes
options:
  jobs:
    description: The jobs of the client, as the option C(client_key_rotation_jobs) of the role.
    type: list
    elements: dict
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
            description: Name of the server. A managed server must be a host of the inventory, and not the controller.
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
  legs:
    description: The legs, as an earlier task of this module returned them.
    type: list
    elements: dict
  compromised_keys:
    description:
      - The RV(compromised_keys) of each client of the play, by its name.
      - Every managed server of O(legs) revokes all of them. Keys that this client returned are revoked on O(places)
        too. Facts of a client do not count.
    type: dict
    default: {}
  places:
    description: The RV(places) of each client of the play, by its name.
    type: dict
    default: {}
  publish:
    description: Results of publishing, one for each of RV(to_publish). Not given before that step.
    type: list
    elements: raw
  revoke:
    description: Results of revoking, one for each of RV(to_revoke).
    type: list
    elements: raw
  prove:
    description: Results of proving, one for each of RV(to_prove).
    type: list
    elements: raw
  retire:
    description: Results of retiring, one for each of RV(to_retire).
    type: list
    elements: raw
  peers:
    description: The clients of a server, or the servers of a client. Only C(host) and C(path) of each are used.
    type: list
    elements: dict
  asked:
    description: Positions of the O(peers) over which the task looped. If not given, all of them.
    type: list
    elements: int
  results:
    description: Results of the task, in the same order. If not given, every peer is ready.
    type: list
    elements: raw
  required:
    description: Fingerprints of host keys that each client must have pinned.
    type: list
    elements: str
    default: []
  unreachable_passes:
    description: Whether a peer out of reach is left out instead of being behind.
    type: bool
    default: false
  behind:
    description: Peers that are behind since earlier steps.
    type: list
    elements: dict
    default: []
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: A role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.host_key_rotation_role
    description: A role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.certificate_rotation_role
    description: A role that uses this module.
"""

EXAMPLES = r"""
- name: Check the answer of the client
  secure.ftp_synchronize.rotation_legs:
    jobs: "{{ jobs }}"
    prepared: "{{ prepared.results }}"
  register: judged

- name: See where the new key was published
  secure.ftp_synchronize.rotation_legs:
    jobs: "{{ jobs }}"
    legs: "{{ judged.legs }}"
    publish: "{{ published.results }}"
  register: progress

- name: Find the clients that did not get the pin
  secure.ftp_synchronize.rotation_legs:
    peers: "{{ clients }}"
    results: "{{ pinned.results }}"
  register: peers
"""

RETURN = r"""
ready:
  description: Positions of the peers that take part in the next step.
  returned: with O(peers)
  type: list
  elements: int
behind:
  description: Peers that failed or were out of reach, each with C(host), C(path) and C(reason).
  returned: with O(peers)
  type: list
  elements: dict
jobs:
  description:
    - The jobs for M(secure.ftp_synchronize.client_key), with C(name) and C(servers). With O(legs), a summary of each
      job, with C(name), C(proven), C(cleared) and C(behind).
  returned: with O(jobs)
  type: list
  elements: dict
hosts:
  description: Managed servers, each once.
  returned: with O(jobs), without O(legs)
  type: list
  elements: str
  sample: [files1]
places:
  description: Managed servers of the jobs, where the role revokes compromised keys.
  returned: with O(jobs), without O(legs)
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
  description:
    - The work at each server of each job. With O(legs), these legs with all keys of O(compromised_keys), and legs for
      servers of other clients that only revoke. Give them as O(legs) to the steps that follow.
  returned: with O(prepared) or O(legs)
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
  returned: with O(prepared) or O(legs)
  type: list
  elements: dict
to_revoke:
  description:
    - Legs of the step C(revoke). Servers that could not be reached for publishing are left out, and servers that did
      not answer in time come last.
  returned: with O(legs)
  type: list
  elements: dict
to_prove:
  description: Legs of the step C(prove), as far as publishing went well.
  returned: with O(legs)
  type: list
  elements: dict
to_retire:
  description: Legs of the step C(retire), as far as proving went well.
  returned: with O(legs)
  type: list
  elements: dict
proven:
  description: Legs that were proven.
  returned: with O(legs)
  type: list
  elements: dict
troubles:
  description: Failures, each with C(job), C(server), C(phase) and C(reason).
  returned: with O(legs)
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
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""
