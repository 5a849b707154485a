#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the state of every control."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_report
short_description: Judge observations of hosts, and report the state of every control
version_added: 0.2.0
description:
  - Judges the observations of all hosts by a policy, and reports the state of each control. The guide
    C(docs/audit.md) lists how each control is measured; C(not_covered) of each row has the parts that are not covered.
  - "The states: C(pass) if every host in scope was measured and none has a finding; C(fail) if a host has a finding, or
    if an observation is too old; C(not_measured) with the reason; C(exempt) if O(exemptions) covers all findings. There
    is no score."
  - With O(path), a report is written as V(audit.json), V(audit.html), V(audit.sarif) (SARIF 2.1.0), V(audit.junit.xml)
    and V(audit.oscal.json) (OSCAL assessment-results), with V(SHA256SUMS) and, with O(sign), its signature
    V(SHA256SUMS.sig). With O(policies), V(policies.html) and V(policies.md) show them next to the measured state.
  - Run it on the controller. Answers of hosts are data about these hosts alone; O(scope) names the hosts in scope.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.audit
  - secure.ftp_synchronize.audit.limits
  - secure.ftp_synchronize.signing.key
attributes:
  check_mode:
    details: Judges, and writes no report.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: With O(path), each run writes a new report.
options:
  scope:
    description:
      - The hosts in scope, by the names that O(accounts), O(observed) and O(tls) use. A host that did not answer
        belongs here too, or no report shows that it is missing.
    type: dict
    required: true
    suboptions:
      sftp_servers:
        description: The SFTP servers.
        type: list
        elements: str
        default: []
      ftps_servers:
        description: The FTPS servers.
        type: list
        elements: str
        default: []
      clients:
        description: The hosts with jobs.
        type: list
        elements: str
        default: []
  accounts:
    description:
      - The accounts of partners on each host, a list by host. Controls 2.2, 5.1 and 5.2 examine them.
      - By default, C(audit_accounts) of each host in scope, otherwise the names in its C(chroot_jail_accounts).
    type: dict
    default: {}
  people:
    description:
      - The accounts of people on each host, a list by host. Control 2.3 examines them.
      - By default, C(audit_people) of each host in scope, otherwise the names in its C(mfa_people).
    type: dict
    default: {}
  encrypted:
    description:
      - Directories on each host whose files must be encrypted at rest, a list by host. Control 7.1 examines them.
      - By default, C(audit_encrypted) of each host in scope, otherwise the mounts in its C(at_rest_vaults).
    type: dict
    default: {}
  observed:
    description: The result of M(secure.ftp_synchronize.audit_observe) on each host, also a failed result.
    type: dict
    default: {}
  tls:
    description:
      - The result of M(secure.ftp_synchronize.tls_policy) about each FTPS server, also a failed result.
      - A result without a time is not measured.
      - With a mark of its option O(secure.ftp_synchronize.tls_policy#module:marked_login), control 6.4 needs the event
        of the mark.
    type: dict
    default: {}
  attacks:
    description:
      - The results of M(secure.ftp_synchronize.jail_probe) against each SFTP server, a list by host. Control 9.2
        examines them, and an attack that succeeds fails the control that it contradicts too.
    type: dict
    default: {}
  ssh_attacks:
    description:
      - The result of M(secure.ftp_synchronize.ssh_probe) against each SFTP server. Control 9.2 examines it, and
        an attack that succeeds fails the control that it contradicts too.
    type: dict
    default: {}
  controller:
    description: Results that are not about a host of the scope. They belong to the host V(localhost) of the report.
    type: dict
    suboptions:
      secret_scan:
        description: The result of M(secure.ftp_synchronize.secret_scan), for controls 8.1 and 8.3.
        type: dict
      pins:
        description: The results of M(secure.ftp_synchronize.host_key_pin_info) by a name of each file, for control 3.2.
        type: dict
      sets:
        description: The results of M(secure.ftp_synchronize.tree_verify) by a name of each set, for control 4.2.
        type: dict
      receipts:
        description:
          - The results of M(secure.ftp_synchronize.receipt_verify) by a name of each job, for control 4.2. Results with
            its option O(secure.ftp_synchronize.receipt_verify#module:drill) are for control 9.1, too, or, if the
            records are of M(secure.ftp_synchronize.incident_drill), for control 10.1.
        type: dict
      transfers:
        description:
          - The transfers of the partners of an inventory, as M(secure.ftp_synchronize.role_options) describes them, by
            names; the failed result of a partner whose description is wrong. Controls 1.1, 1.2 and 4.1 examine those
            without a job, the last by O(controller.receipts), and need the others among the jobs of their host.
        type: dict
  path:
    description:
      - Directory of the reports. It is made if its parent exists; only this user and root may write to it.
      - Each report is a subdirectory named after its time in UTC, which is there whole or not at all. The link
        V(latest) names the newest report, with which the next report is compared.
    type: path
  title:
    description: Title of the report.
    type: str
    default: Audit of secure FTP
  sign:
    description: The key that signs V(SHA256SUMS), for the namespace V(audit@ftp-synchronize).
  fail_on:
    description:
      - The lowest severity of a failed control that fails the task; V(none) for no failure. The report is written
        first.
    type: str
    choices: [none, low, medium, high, critical]
    default: high
seealso:
  - module: secure.ftp_synchronize.audit_observe
  - module: secure.ftp_synchronize.tls_policy
"""

EXAMPLES = r"""
- name: Report on two servers that were observed
  secure.ftp_synchronize.audit_report:
    path: /var/lib/audits
    scope:
      sftp_servers: [files1]
      ftps_servers: [files2]
    accounts:
      files1: [partner]
    observed:
      files1: "{{ hostvars.files1.observed }}"
      files2: "{{ hostvars.files2.observed }}"
    tls:
      files2: "{{ hostvars.files2.tls }}"
    exemptions:
      - control: "5.3"
        hosts: [files2]
        who: A. Person
        why: the vendor replaces the host in January
        until: "2027-01-31"
    sign:
      private_key_file: /etc/secure_ftp_synchronize/audit_ed25519
  delegate_to: localhost
  run_once: true

- name: Judge the checks of the controller and the policies
  secure.ftp_synchronize.audit_report:
    scope: {}
    controller:
      secret_scan: "{{ scanned }}"
      sets:
        release: "{{ release_checked }}"
      receipts:
        drills: "{{ drills_checked }}"
    policies:
      contacts:
        text: "Call the person on duty at +49 30 5550100."
        approved_by: A. Person
        approved: "2026-11-01"
    fail_on: none
"""

RETURN = r"""
msg:
  description: Number of controls in each state or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 fail, 2 not measured, 0 exempt, 24 pass
report:
  description: The directory of the report; null if none was written.
  returned: always
  type: str
  sample: /var/lib/audits/20261201T041000Z
counts:
  description: Number of controls in each state.
  returned: always
  type: dict
  sample: {fail: 1, not_measured: 2, exempt: 0, pass: 24}
changes:
  description: Controls whose state differs from the report before, with C(control), C(before) and C(state).
  returned: always
  type: list
  elements: dict
  sample: [{control: "6.2", before: pass, state: fail}]
rows:
  description: The controls. V(audit.json) has the observations too.
  returned: always
  type: list
  elements: dict
  contains:
    control:
      description: Its number.
      type: str
      sample: "6.2"
    title:
      description: Its title.
      type: str
      sample: SSH is modern
    state:
      description: One of C(pass), C(fail), C(not_measured) and C(exempt).
      type: str
      sample: fail
    severity:
      description: Severity of the worst finding; of the control, if there is none.
      type: str
      sample: high
    reason:
      description: Why it is not a pass; empty for a pass.
      type: str
      sample: 1 finding on 1 host
    cure:
      description: Recommended action; empty if there is no check.
      type: str
      sample: Run the role sftp_server.
    hosts:
      description: The hosts that it applies to.
      type: list
      elements: str
      sample: [files1]
    findings:
      description: The findings, with C(host), C(observed), C(wanted) and C(severity).
      type: list
      elements: dict
      sample:
        - host: files1
          observed: "root: Ciphers has aes128-cbc"
          wanted: algorithms of the profiles of sftp_server
          severity: high
    missing:
      description: The hosts that were not measured, with C(host) and C(reason).
      type: list
      elements: dict
      sample: []
    exemptions:
      description: The exemptions that cover a finding or a missing host, each with C(who), C(why), C(until), C(hosts).
      type: list
      elements: dict
      sample: []
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met) if controls failed.
  returned: failure
  type: dict
  sample:
    code: policy_not_met
    path:
    message: "Audit of secure FTP: 1 of severity high or more against the controls: 6.2 SSH is modern"
    cure: Read findings; fail_on sets the severity that fails the task.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.audit import audit_report as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
