#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin account_ledger."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_ledger
short_description: Part of the role account_access, records on the controller where an account is closed or open
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.account_access#role). Playbooks need it only to write such a role.
  - Pairs the hosts of the play with their results of M(secure.ftp_synchronize.account_access). A host that was missed
    stays named until it comes to the state, also if a later run leaves it out.
  - Fails at O(version) if another run has begun to close or open the account since then. All its hosts are missed then.
  - Refuses to open an account with a key that it had when it was closed, while a server is missed where it must be
    closed, and on servers where it was never closed. Jobs are opened after all servers.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.decision
  - secure.ftp_synchronize.attributes
options:
  directory:
    description: Directory of the ledger on the controller. The file is C(account-NAME.json).
    type: path
    required: true
  account:
    description: The account.
    type: str
    required: true
  state:
    description: The state to which hosts are brought.
    type: str
    choices: [closed, open]
    required: true
  keys:
    description: Public keys that will open the account, each the line of a C(.pub) file.
    type: list
    elements: str
    default: []
  part:
    description: Whether the results are about accounts on servers, or about jobs on clients.
    type: str
    choices: [account, jobs]
    default: account
  version:
    description: RV(version) of the first task of the run, for its later tasks; V(0) for the first task.
    type: int
    default: 0
  servers:
    description: All servers that have the account, also if the run leaves them out.
    type: list
    elements: str
    default: []
  clients:
    description: All clients that have jobs with the account, also if the run leaves them out.
    type: list
    elements: str
    default: []
  results:
    description:
      - Name of the variable with the result of M(secure.ftp_synchronize.account_access), which each host of the play
        registered. A host without a result has failed before. With V(part=jobs), it has no jobs.
      - Without it, the task checks the request against the ledger, and records that it begins.
    type: str
    default: ""
  proofs:
    description:
      - Name of the registered variable with the result of a login from the controller by
        M(secure.ftp_synchronize.sftp_probe). A host whose login failed has not come to the state.
    type: str
    default: ""
  retired:
    description: Hosts that no longer exist.
    type: list
    elements: str
    default: []
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.account_access_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Record where the account is closed
  secure.ftp_synchronize.account_ledger:
    directory: /srv/revocation
    account: partner
    state: closed
    results: closed
  run_once: true
  register: ledger
"""

RETURN = r"""
msg:
  description: The outcome.
  returned: always
  type: str
  sample: partner is closed on every host
missed:
  description: Hosts that have not come to the state.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host; of a client with jobs, with the suffix C( (jobs)).
      type: str
      sample: files2
    version:
      description: The version of the state that it confirmed last; 0 for none.
      type: int
      sample: 0
    since:
      description: Time when it was first missed, in UTC.
      type: str
      sample: "2026-12-01T04:00:00Z"
    reason:
      description: C(unreachable), the code of its error, C(too_many_keys), or C(not in the run).
      type: str
      sample: unreachable
reached:
  description: Hosts that have come to the state.
  returned: success
  type: list
  elements: str
  sample: [files1]
servers:
  description: Servers that have the account.
  returned: success
  type: list
  elements: str
  sample: [files1, files2]
version:
  description:
    - Version of the state, which rises with each change of it. It is the time of the change, in seconds since 1970, so
      that a new ledger has a newer version than a lost ledger. Another run may have begun if it has risen.
  returned: success
  type: int
  sample: 1796097600
"""
