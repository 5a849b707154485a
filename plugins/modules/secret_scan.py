#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search files and logs for secrets."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_scan
short_description: Search files and logs for secrets, and for settings that show them
version_added: 0.2.0
description:
  - Searches by three independent methods. C(known) seeks the exact values that are in use (O(known), O(known_from)), in
    all files and logs. C(ansible) knows the places where playbooks, variables, inventories, C(ansible.cfg) and job
    templates of AWX write a secret out or show it. C(detect-secrets) runs the detectors of that library if it is
    installed.
  - A finding has no secret, and nothing from which a secret could be guessed.
  - Each file and method that could not be checked is in RV(not_checked). A scan with entries there is not clean.
  - "The findings of C(ansible): C(literal_secret), a value that is written out; C(secret_by_form), a private key or a
    token with a known form; C(secret_in_argv), a secret in a command line, which all processes of a host can read;
    C(secret_in_environment); C(secret_in_debug); C(loop_without_label), a loop that prints its items; C(no_log_off);
    C(vault_in_clear), a file for Ansible Vault that is not encrypted; C(arguments_shown), C(debug_on), C(verbose_job),
    C(files_kept) and C(log_kept), settings; C(file_mode), a file with a secret that others can read. The other methods
    have C(known_value) and C(detected)."
  - "The comments of detect-secrets, such as C(pragma: allowlist secret), permit the findings of C(ansible) and
    C(detect-secrets) in their line, but not a known value."
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    support: none
options:
  paths:
    description:
      - Files and directories of Ansible, such as a project with its inventory. C(.git), C(.venv), C(node_modules) and
        similar directories are left out. A link out of a directory is followed to a file; to a directory, it is in
        RV(not_checked) unless that directory is searched too.
    type: list
    elements: path
    default: []
  logs:
    description:
      - Files and directories with output of programs, such as logs, job output, shell histories and temporary files.
        Compressed files (C(.gz), C(.bz2), C(.xz)) are read too.
      - V(journal) is the journal of systemd.
    type: list
    elements: str
    default: []
  known:
    description:
      - Values that are in use. Each is sought as it is, and in JSON, Python, hexadecimal, percent-encoded and BASE64
        form. Of a private key, each long line is sought.
      - A value of less than six characters is not sought, and is listed in RV(not_checked).
    type: list
    elements: str
    default: []
  known_from:
    description:
      - Regular expressions of names of variables, such as V(.*_password). The values of these variables, of all hosts
        of the inventory, are sought like O(known). Values in Ansible Vault and from look-ups are evaluated.
      - Only for a task on the controller (C(delegate_to=localhost)), so that no host receives the secrets of others.
    type: list
    elements: str
    default: []
  _known_variables:
    description: Used by the collection itself; a value in a task has no effect.
    type: dict
  baseline:
    description:
      - A file by C(detect-secrets scan). Its built-in detectors and filters apply, and secrets that it has are no
        finding of C(detect-secrets), unless an audit called them real. A baseline with plugins, filters or exclusions
        of its own is refused.
      - No secret is ever sent to a service to verify it.
    type: path
  fail_on:
    description: The lowest severity that fails the task; V(none) for no failure.
    type: str
    choices: [none, low, medium, high]
    default: high
  max_listed:
    description: Maximum length of RV(findings). RV(counts) always counts all findings.
    type: int
    default: 100
seealso:
  - name: detect-secrets
    description: The library of the third method.
    link: https://github.com/Yelp/detect-secrets
notes:
  - To search logs of other hosts for values of the inventory, fetch the logs first, for example with
    M(secure.ftp_synchronize.secure_sync).
  - The history of git is not searched; C(gitleaks git --redact) does that.
"""

EXAMPLES = r"""
- name: Search a project, and the logs of the controller, for the secrets of the inventory
  secure.ftp_synchronize.secret_scan:
    paths:
      - "{{ playbook_dir }}"
      - /etc/ansible
    logs:
      - /var/log/ansible.log
      - ~/.bash_history
      - journal
    known_from:
      - .*_(password|passphrase|token)
      - ansible_become_pass
  delegate_to: localhost
  run_once: true

- name: Search the files that a run left on a host
  secure.ftp_synchronize.secret_scan:
    logs:
      - /tmp
      - /var/log
    fail_on: none

- name: Leave out the findings that a review accepted
  secure.ftp_synchronize.secret_scan:
    paths:
      - "{{ playbook_dir }}"
    baseline: "{{ playbook_dir }}/.secrets.baseline"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: when the scan ended
  type: str
  sample: "2026-12-01T04:10:00Z"
msg:
  description: Number of findings of each severity or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: "2 high, 1 low; not checked: 1"
findings:
  description: The findings, the most severe first; at most O(max_listed) entries.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the kind of finding.
      type: str
      sample: literal_secret
    severity:
      description: One of C(high), C(medium), C(low).
      type: str
      sample: high
    file:
      description: The file, or C(journal).
      type: str
      sample: /srv/project/group_vars/all.yml
    line:
      description: The line; 0 for the whole file.
      type: int
      sample: 3
    kind:
      description: The secret or the setting, for people. Of a known value, its place in O(known) or its variable.
      type: str
      sample: value of db_password
    pass:
      description: The method, one of C(known), C(ansible) and C(detect-secrets).
      type: str
      sample: ansible
    mark:
      description: Equal for equal secrets of this scan, and different in each scan; null for a setting.
      type: str
      sample: 5f0c1d2e9a3b4c6d
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {critical: 0, high: 2, medium: 0, low: 1, info: 0}
checked:
  description: Number of files and lines that were read, and of values that were sought.
  returned: always
  type: dict
  sample: {files: 120, lines: 8100, values: 14}
not_checked:
  description: Everything that could not be checked, with the reason.
  returned: always
  type: list
  elements: str
  sample: ["detect-secrets: not installed"]
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met) for findings.
  returned: failure
  type: dict
  sample:
    code: policy_not_met
    path:
    message: "/srv/project: 1 of severity high or more against secret_scan: all.yml:3: value of db_password"
    cure: Read findings; fail_on sets the severity that fails the task.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import secret_scan as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
