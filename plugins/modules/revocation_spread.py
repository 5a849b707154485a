#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin revocation_spread."""

from __future__ import annotations

DOCUMENTATION = r"""
module: revocation_spread
short_description: Part of the role key_revocation, records which servers have a list of revoked keys
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.key_revocation#role). Playbooks need it only to write such a role.
  - Pairs servers with the results of M(secure.ftp_synchronize.key_revocation) by their names, and keeps a record of
    the version that each server confirmed. A server that was missed stays named until it has the list, also if a later
    run leaves it out.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.decision
  - secure.ftp_synchronize.attributes
options:
  path:
    description: The record, a file on the controller.
    type: path
    required: true
  version:
    description: Version of the list.
    type: int
    required: true
  servers:
    description: All servers that must have the list, also if the run leaves them out.
    type: list
    elements: str
    default: []
  results:
    description:
      - Name of the variable with the result of M(secure.ftp_synchronize.key_revocation), which each server of the play
        registered. A server without a result has failed before.
    type: str
    required: true
  later:
    description: Names of variables that servers registered at later tasks. A server that was unreachable there is lost.
    type: list
    elements: str
    default: []
  retired:
    description: Servers that no longer exist.
    type: list
    elements: str
    default: []
  finished:
    description:
      - Whether nothing is left to do on the servers that have the list. With V(false), a server that got the list in
        this run stays named, as C(not finished), until a later task.
    type: bool
    default: true
  made:
    description:
      - The result of M(secure.ftp_synchronize.key_revocation_list), for the times. Without it no time is measured.
    type: dict
    default: {}
  limits:
    description: Limits of the times.
    type: dict
    default: {}
    suboptions:
      refused:
        description: Greatest time to make the list and to install it on one server.
        type: str
        default: 60s
      all_hosts:
        description: Greatest time from the begin until the last server has the list.
        type: str
        default: 300s
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.key_revocation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Record the servers that have the list
  secure.ftp_synchronize.revocation_spread:
    path: /srv/revocation/spread.json
    version: 8
    results: installed
  run_once: true
  register: spread
"""

RETURN = r"""
msg:
  description: The outcome.
  returned: always
  type: str
  sample: every server has version 8 of the list
missed:
  description: Servers without the list.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: Name of the server.
      type: str
      sample: files2
    version:
      description: The version that it confirmed; 0 for none.
      type: int
      sample: 7
    since:
      description: Time when it was first missed, in UTC.
      type: str
      sample: "2026-12-01T04:00:00Z"
    reason:
      description: C(unreachable), the code of its error, C(not in the run), or C(not finished).
      type: str
      sample: unreachable
reached:
  description: Servers with the list.
  returned: success
  type: list
  elements: str
  sample: [files1]
times:
  description: Times by the clock of the controller.
  returned: success, with O(made)
  type: dict
  contains:
    began:
      description: Begin of the run, in UTC.
      type: str
      sample: "2026-12-01T04:00:00Z"
    refused:
      description: Longest time to make the list and to install it on one server, in seconds.
      type: float
      sample: 2.3
    all_hosts:
      description: Seconds from the begin until the last server had the list; null if a server was missed.
      type: float
      sample: 9.8
    hosts:
      description: The servers that have the list.
      type: list
      elements: dict
      contains:
        host:
          description: Name of the server.
          type: str
          sample: files1
        began:
          description: Begin of the installation, in UTC.
          type: str
          sample: "2026-12-01T04:00:01Z"
        ended:
          description: End of the installation, with the end of the sessions.
          type: str
          sample: "2026-12-01T04:00:03Z"
        seconds:
          description: Seconds to make the list and to install it on this server.
          type: float
          sample: 2.3
over:
  description: The limits that were exceeded.
  returned: success, with O(made)
  type: list
  elements: str
  sample: ["files1 refused after 75 s, limit 60 s"]
"""
