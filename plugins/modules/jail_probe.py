#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts to break out of a jail, with the account's own login."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jail_probe
short_description: Try to break out of the jail of an SFTP account
version_added: 0.2.0
description:
  - Logs in to an SFTP server as a jailed account and tries everything that the jail must prevent. Each success is a
    finding, in the form of M(secure.ftp_synchronize.tls_policy).
  - The module asks for a shell, for programs, C(scp), a terminal and another subsystem. It asks for
    forwarding to and from ports and sockets of the host, of the agent and of the display, and for a tunnel. It tries
    names that lead out of the jail and names of other accounts. It tries to store outside
    O(expect.writable), to make links, to read with V(upload) and to store with V(download). It looks for links and for
    authorized keys in the jail.
  - Files and directories of the account are never changed. Everything that the module makes has a temporary name
    (C(.jail_probe-) and 16 digits; with O(marked_file), more) and is removed at once. If the module is killed, its
    next run removes the rest.
  - The server is proven by its pinned host key before any credential is sent, as with
    M(secure.ftp_synchronize.secure_sync).
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    support: partial
    details: Check mode tries nothing.
  diff_mode:
    support: none
options:
  expect:
    description: The rights that the account is supposed to have. More rights are findings, and so are missing rights.
    type: dict
    suboptions:
      access:
        description: V(upload) stores and lists, V(download) reads, V(both) does all of these.
        type: str
        choices: [upload, download, both]
        default: both
      writable:
        description: Directories in which the account may store. A relative path begins at the login directory.
        type: list
        elements: str
        default: []
      readable:
        description: Directories that the account may list.
        type: list
        elements: str
        default: []
      symlinks:
        description: Whether the account may make links.
        type: bool
        default: false
      certificate_only:
        description:
          - Whether the key must log in with its certificate only. If so, the last attempt is a login by the key alone,
            which the server refuses.
        type: bool
        default: false
  other_accounts:
    description: Names of other accounts of the server. Their directories must not be visible.
    type: list
    elements: str
    default: []
  marked_file:
    description:
      - Whether to store a file with a mark (RV(mark)) in a directory of O(expect.writable), and to remove it. Its name
        imitates lines of logs, with quotes and line feeds. M(secure.ftp_synchronize.audit_observe) seeks its events.
      - Programs that read the directory of the account may see the file for a moment.
    type: bool
    default: false
  fail_on:
    description: The lowest severity that fails the task; V(none) for no failure. C(critical) is above V(high).
    type: str
    choices: [none, low, medium, high]
    default: high
  pause:
    description:
      - Seconds between two logins. A probe logs in six times, one login after the other; with
        O(expect.certificate_only) it tries a seventh login.
      - Raise it if the server or a firewall limits connections from this host.
    type: float
    default: 0.5
notes:
  - The probe needs the OpenSSH client. O(protocol=ftps) and O(ssh_client=paramiko) are refused. Each login is tried
    once, regardless of O(retries).
  - For a tunnel this host needs a device of its own, and usually root; without it, RV(not_checked) names the tunnel.
  - The server logs every attempt. Probe servers of others only with their consent.
  - Two probes of one account at the same time remove each other's temporary names.
seealso:
  - module: secure.ftp_synchronize.tls_policy
  - module: secure.ftp_synchronize.sftp_probe
"""

EXAMPLES = r"""
- name: Try to break out of the jail of a partner
  secure.ftp_synchronize.jail_probe:
    host: files.example.com
    username: partner
    private_key_file: /etc/secure_ftp_synchronize/keys/partner
    known_hosts_file: /etc/ssh/partners_known_hosts
    expect:
      writable: [incoming]
      readable: [incoming, outgoing]
    other_accounts: [collector, reader]

- name: Report excessive rights of an account for uploads, without a failure
  secure.ftp_synchronize.jail_probe:
    host: files.example.com
    username: collector
    private_key_file: /etc/secure_ftp_synchronize/keys/collector
    known_hosts_file: /etc/ssh/partners_known_hosts
    expect:
      access: upload
      writable: [data]
    fail_on: none
  register: probe

- name: Print the findings
  ansible.builtin.debug:
    msg: "{{ probe.findings | map(attribute='observed') }}"
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: when the account was tried
  type: str
  sample: "2026-12-01T04:10:00Z"
msg:
  description: Number of findings or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 high, 1 info
username:
  description: The account that was tried.
  returned: when the account logged in
  type: str
  sample: partner
findings:
  description:
    - Everything that succeeded and must not, and rights that are missing; the most severe first, in the form of
      RV(secure.ftp_synchronize.tls_policy#module:findings).
  returned: always
  type: list
  elements: dict
  sample:
    - id: root_writable
      severity: high
      observed: in / the account makes a directory
      wanted: the account changes nothing in the root of the jail
      source: sshd_config(5) ChrootDirectory
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 1}
not_checked:
  description: Attempts that could not be made or judged, each with C(what) and C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - what: tunnel
      why: this host has no tunnel device for its own end, or may not use it
peer:
  description: The server, as returned by M(secure.ftp_synchronize.secure_sync).
  returned: when the account logged in
  type: dict
  sample: {protocol: SSH-2.0, host_key_type: ssh-ed25519}
logins:
  description: Number of logins.
  returned: when the account logged in
  type: int
  sample: 6
leftovers_removed:
  description: Number of temporary names of a killed probe that were removed.
  returned: when the account logged in
  type: int
  sample: 0
mark:
  description: The mark in the name of the stored file; empty without O(marked_file), or if no directory takes the name.
  returned: always
  type: str
  sample: jail_probe-51ab0f0a9d1c5be2
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
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met), or the stable name of the kind of error.
  returned: failure
  type: dict
  sample:
    code: policy_not_met
    path:
    message: "partner at files.example.com: 1 of severity high or more against a jail: a terminal is allocated"
    cure: Read findings; fail_on sets the severity that fails the task.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.jail import jail_probe as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
