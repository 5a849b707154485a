#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe a host for an audit."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_observe
short_description: Observe the security settings of a host for an audit
version_added: 0.2.0
description:
  - Reads the settings of sshd and vsftpd, the types and lengths of keys, the owners and modes of private keys and
    jails, the list of revoked keys, second factors, the kind and age of passwords, jobs with their runs and units,
    vaults, the collector of events, pending updates, and the age of logs.
  - M(secure.ftp_synchronize.audit_report) judges the observations.
  - Nothing is judged and nothing is changed. Contents of private keys and credentials are never read, and hashes of
    passwords are never reported.
  - An observation that cannot be made has a reason instead of a value, for example if a program is missing. A value is
    whole or missing; a list of more than 500 entries has no value.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.reader
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  accounts:
    description:
      - Accounts to observe besides root, all accounts with a user id of 1000 or more, those with a shell, and those
        with a password or with authorized keys.
    type: list
    elements: str
    default: []
  address:
    description:
      - Address of the client for which sshd is asked. If the configuration of sshd has C(Match Address),
        C(Match Host) or C(Match LocalAddress), sshd is also asked for a client of each network and name, and for each
        address of the server, that it distinguishes.
    type: str
    default: 192.0.2.1
  marks:
    description:
      - Marks of M(secure.ftp_synchronize.ssh_probe), M(secure.ftp_synchronize.jail_probe) and
        M(secure.ftp_synchronize.tls_policy), of the last day. Their events are sought among those that the role
        P(secure.ftp_synchronize.transfer_monitoring#role) collects. The module waits for them, at most 150 seconds.
    type: list
    elements: str
    default: []
  directories:
    description:
      - Directories that must be encrypted at rest. The observation C(directories) has the place that each leads to by
        symbolic links.
    type: list
    elements: str
    default: []
notes:
  - Needs root.
seealso:
  - module: secure.ftp_synchronize.audit_report
  - module: secure.ftp_synchronize.tls_policy
"""

EXAMPLES = r"""
- name: Observe a server
  secure.ftp_synchronize.audit_observe:
    accounts: [partner]
  become: true
  register: observed

- name: Show the observations without a value
  ansible.builtin.debug:
    msg: "{{ observed.observations | selectattr('reason') | map(attribute='reason') }}"
"""

RETURN = r"""
msg:
  description: Number of observations, and names of those without a value or, on failure, the error and its cure.
  returned: always
  type: str
  sample: "16 observations; without a value: ftps_settings"
observations:
  description: The observations.
  returned: always
  type: list
  elements: dict
  contains:
    what:
      description:
        - Name of the observation, one of C(sshd_settings), C(host_keys), C(authorized_keys), C(user_authorities),
          C(jails), C(key_files), C(revocation_list), C(job_units), C(ftps_settings), C(ftps_accounts),
          C(second_factors), C(passwords), C(jobs), C(job_runs), C(job_secrets), C(vaults), C(directories),
          C(monitoring), C(marks), C(packages) and C(retention).
      type: str
      sample: revocation_list
    source:
      description: The files or programs that it comes from.
      type: str
      sample: RevokedKeys
    method:
      description: A command that repeats the measurement.
      type: str
      sample: ssh-keygen -Q -l -f FILE
    value:
      description: The value, a list or a dict; null if it was not measured.
      type: raw
      sample: {path: /etc/ssh/revoked_keys, form: krl, version: 8, date: "2026-12-01T04:00:00Z"}
    reason:
      description: Why there is no value; empty for an observation with a value.
      type: str
      sample: ""
    time:
      description: Time of the observation in UTC, by the clock of the host.
      type: str
      sample: "2026-12-01T04:10:00Z"
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: invalid_request
    path:
    message: "address: 'nearby' is not an address"
    cure: Set address to one like 192.0.2.1.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.audit import audit_observe as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
