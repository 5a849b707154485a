#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on an SSH server that it must refuse."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ssh_probe
short_description: Try attacks on an SSH server that it must refuse
version_added: 0.2.0
description:
  - Attacks an SSH server from outside, as M(secure.ftp_synchronize.tls_policy) does with an FTPS server. Each success
    is a finding, in the form of that module.
  - "The attacks: weak algorithms that the server offers; a login without a key for O(accounts), such as by password;
    keys and certificates that must be refused (O(refused)); and, with O(guesses), guesses until the server refuses
    this host."
  - Each guess has a key that no server knows, and a user name that imitates a line of a log. RV(mark) is a part of it.
    M(secure.ftp_synchronize.audit_observe) with the mark shows whether the server has an event of it, and none of the
    imitated login.
  - To attempts into a jail with its own login, see M(secure.ftp_synchronize.jail_probe).
  - The server is proven by its pinned host key before a key is offered, except for the guesses, which send no secret.
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
  allowed:
    description: Whether the owner of the server allows the attacks. If not, nothing is tried.
    type: bool
    default: true
  accounts:
    description: Accounts for which a login without a key is begun. No credential is sent.
    type: list
    elements: str
    default: [root]
  refused:
    description: Logins that the server must refuse.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description:
          - V(key_alone) is a valid key of a person who needs a second factor. RV(not_checked) has it if the server does
            not accept the key as the first factor.
          - V(revoked_key) is a key that the list of revoked keys has.
          - V(expired_certificate) is a certificate that has ended, of an authority that the server trusts.
          - A login with a key that ssh cannot use, or with a certificate that has not ended, is not made, and
            RV(not_checked) has it. So has it a login in which the server does not ask for the key.
          - A server refuses an unknown O(refused[].username), too. It cannot be distinguished from a refused key.
          - A revoked key or an expired certificate that the server accepts as a first factor is a finding, too.
        type: str
        choices: [key_alone, revoked_key, expired_certificate]
        required: true
      username:
        description: The account.
        type: str
        required: true
      private_key_file:
        description: File of the private key, without a passphrase. Use keys that were made for these attempts.
        type: path
        required: true
      certificate_file:
        description: File of the certificate.
        type: path
  guesses:
    description:
      - The most guesses, failed logins without a pause, until the server refuses the connections of
        this host. The module waits for the end of the penalty. A refusal
        that ends within twelve seconds is no penalty.
      - A ban, such as of fail2ban, counts as a refusal too, and may last longer than the module waits. Exempt this host
        from bans first.
      - V(0) for none, at most V(100).
    type: int
    default: 0
  pause:
    description:
      - Seconds between two other logins. It is longer than the penalty of a failed login
        (C(PerSourcePenalties authfail:5)), so that penalties do not add up.
    type: float
    default: 6.0
  fail_on:
    description: The lowest severity that fails the task; V(none) for no failure.
    type: str
    choices: [none, low, medium, high, critical]
    default: high
notes:
  - The probe needs the OpenSSH client. O(protocol=ftps), O(ssh_client=paramiko) and credentials of the endpoint have no
    meaning. Each login is tried once, regardless of O(retries).
  - The task fails if the first login gets no answer. A later login without an answer is in RV(not_checked).
  - Guesses need a direct connection to O(host) and O(port). With O(proxy_jump) they are not checked.
  - The server logs every attempt. Probe servers of others only with their consent.
seealso:
  - module: secure.ftp_synchronize.jail_probe
  - module: secure.ftp_synchronize.tls_policy
  - module: secure.ftp_synchronize.audit_report
"""

EXAMPLES = r"""
- name: Attack a server
  secure.ftp_synchronize.ssh_probe:
    host: files.example.com
    known_hosts_file: /etc/ssh/partners_known_hosts
    accounts: [root, partner]
    guesses: 20
    refused:
      - kind: key_alone
        username: alice
        private_key_file: /etc/secure_ftp_synchronize/attacks/alice
      - kind: expired_certificate
        username: partner
        private_key_file: /etc/secure_ftp_synchronize/attacks/partner
        certificate_file: /etc/secure_ftp_synchronize/attacks/partner-cert.pub
    fail_on: none
  register: attacked

- name: Print the findings
  ansible.builtin.debug:
    msg: "{{ attacked.findings | map(attribute='observed') }}"
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: when the server was attacked
  type: str
  sample: "2026-12-01T04:10:00Z"
msg:
  description: Number of findings or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 high
findings:
  description:
    - The attacks that succeeded; the most severe first, in the form of
      RV(secure.ftp_synchronize.tls_policy#module:findings).
    - C(id) is one of C(weak_algorithm), C(login_without_key), C(key_alone), C(revoked_key), C(expired_certificate),
      C(server_changed) and C(no_penalty).
  returned: always
  type: list
  elements: dict
  sample:
    - id: login_without_key
      severity: high
      observed: "partner: the server offers password"
      wanted: every login begins with a key
      source: sshd_config(5) AuthenticationMethods
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0}
allowed:
  description: Whether attacks were allowed.
  returned: always
  type: bool
  sample: true
tried:
  description: The attacks that were made.
  returned: always
  type: list
  elements: str
  sample: [algorithms, login without a key as partner, guesses]
not_checked:
  description: Attacks that could not be made or judged, each with C(what) and C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - what: the key alone of alice
      why: the server does not accept the key as a first factor
guesses:
  description: Number of guesses that were made.
  returned: always
  type: int
  sample: 4
mark:
  description: The mark in the user name of each guess; empty without guesses.
  returned: always
  type: str
  sample: probe-51ab0f0a9d1c5be2
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
from ..module_utils._edge import ssh_probe as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
