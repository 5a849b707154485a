#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin rotation_progress."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_progress
short_description: Decide the progress of each server in a key rotation, on the controller
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.client_key_rotation#role). Playbooks need it only to write such a role.
  - Pairs the legs of M(secure.ftp_synchronize.rotation_legs) with the results of the steps by their position. Of a
    result only failure, unreachability and message count. The leg that a host writes into its answer is not read.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.decision
options:
  jobs:
    description: Names of the jobs.
    type: list
    elements: str
    required: true
  legs:
    description: The legs, as M(secure.ftp_synchronize.rotation_legs) returned them.
    type: list
    elements: dict
    required: true
  compromised_keys:
    description:
      - The RV(secure.ftp_synchronize.rotation_legs#module:compromised_keys) of each client of the play, by its name.
      - Every managed server of O(legs) revokes all of them. Keys that this client returned are revoked on O(places)
        too. Facts of a client do not count.
    type: dict
    default: {}
  places:
    description:
      - The RV(secure.ftp_synchronize.rotation_legs#module:places) of each client of the play, by its name.
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
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.client_key_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: See where the new key was published
  secure.ftp_synchronize.rotation_progress:
    jobs: [nightly]
    legs: "{{ judged.legs }}"
    publish: "{{ published.results }}"
  register: progress
"""

RETURN = r"""
legs:
  description:
    - The legs with all keys of O(compromised_keys), and legs for servers of other clients that only revoke. Give them
      as O(legs) to the steps that follow.
  returned: success
  type: list
  elements: dict
to_publish:
  description: Legs of the step C(publish).
  returned: success
  type: list
  elements: dict
to_revoke:
  description:
    - Legs of the step C(revoke). Servers that could not be reached for publishing are left out, and servers that did
      not answer in time come last.
  returned: success
  type: list
  elements: dict
to_prove:
  description: Legs of the step C(prove), as far as publishing went well.
  returned: success
  type: list
  elements: dict
to_retire:
  description: Legs of the step C(retire), as far as proving went well.
  returned: success
  type: list
  elements: dict
proven:
  description: Legs that were proven.
  returned: success
  type: list
  elements: dict
troubles:
  description: Failures, each with C(job), C(server), C(phase) and C(reason).
  returned: success
  type: list
  elements: dict
jobs:
  description: A summary of each job, with C(name), C(proven), C(cleared) and C(behind).
  returned: success
  type: list
  elements: dict
error:
  description: The cause, with a stable C(code).
  returned: failure
  type: dict
"""
