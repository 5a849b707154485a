#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin rotation_peers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_peers
short_description: Part of the roles of rotation, decides which peers took part in a step
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.host_key_rotation#role) and
    P(secure.ftp_synchronize.certificate_rotation#role). Playbooks need it only to write such a role.
  - Pairs the peers with the results of a looped task by their position. Of a result only failure, unreachability,
    message and pins count. A name that a host writes into its answer is not read.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.decision
  - secure.ftp_synchronize.attributes
options:
  peers:
    description: The clients of a server, or the servers of a client. Only C(host) and C(path) of each are used.
    type: list
    elements: dict
    required: true
  asked:
    description: Positions of the peers over which the task looped. If not given, all of them.
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
  - ref: ansible_collections.secure.ftp_synchronize.host_key_rotation_role
    description: The role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.certificate_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Find the clients that did not get the pin
  secure.ftp_synchronize.rotation_peers:
    peers: "{{ clients }}"
    results: "{{ pinned.results }}"
  register: peers
"""

RETURN = r"""
ready:
  description: Positions of the peers that take part in the next step.
  returned: success
  type: list
  elements: int
behind:
  description: Peers that failed or were out of reach, each with C(host), C(path) and C(reason).
  returned: success
  type: list
  elements: dict
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""
