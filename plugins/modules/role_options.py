#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin role_options."""

from __future__ import annotations

DOCUMENTATION = r"""
module: role_options
short_description: Part of all roles, takes the options of a role once, on the controller
version_added: 0.2.0
description:
  - A part of the roles of this collection, for their first task. Playbooks need it only to write such a role.
  - Facts of a host override role defaults, C(group_vars) and C(host_vars), so a compromised host could set the
    options of a role with facts. This module refuses such facts, evaluates the options of the role without facts of any
    host, and returns them. The role then uses the registered result, which facts cannot replace.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.decision
  - secure.ftp_synchronize.attributes
options:
  role:
    description:
      - The role of this collection whose options are taken.
      - V(exchange) and V(kit) stand for playbooks that have options without a role.
    type: str
    required: true
  entry_point:
    description: Entry point of the role. The playbook V(exchange) has V(jobs) too, for its transfers as jobs, and
      V(flows), for reports and audits.
    type: str
    default: main
  host:
    description:
      - A host of the inventory whose variables are taken, in place of the host of the task. Its facts are refused, too.
    type: str
  guard_only:
    description:
      - Only refuse facts with the names of role variables. Use it after tasks on a host, before the play acts on
        another host or with a secret.
    type: bool
    default: false
  validate:
    description:
      - Also check the options against each other and, on the controller, the authority that they name. Only for the
        roles that have such rules.
    type: bool
    default: false
  results:
    description: Variables with the prefix of the role that it sets itself. They are not refused.
    type: list
    elements: str
    default: []
  evaluate:
    description:
      - Variables to evaluate without facts, such as a look-up in a secrets manager, whose options facts could set. No
        options of the role are taken then.
    type: list
    elements: str
    default: []
notes:
  - The result is never printed, as options can hold secrets. Errors are printed.
  - An option without a value and without a default is V(null) in the result.
"""

EXAMPLES = r"""
- name: Take the options on the controller
  secure.ftp_synchronize.role_options:
    role: sftp_server
  register: __sftp_server

- name: Read a secret, at the address that the controller has for it
  secure.ftp_synchronize.role_options:
    role: password_rotation
    evaluate: [__partner_secret]
  vars:
    __partner_secret: "{{ lookup('community.hashi_vault.vault_kv2_get', 'partner').secret }}"
  register: __partner
"""

RETURN = r"""
options:
  description:
    - Every option of the entry point by its name without the prefix of the role, converted to its type, with defaults
      at every level.
    - Empty with O(guard_only=true) or O(evaluate).
  returned: success
  type: dict
evaluated:
  description: The value of each variable of O(evaluate).
  returned: success
  type: dict
texts:
  description:
    - Texts that the role writes and that modules recognize on a host, and values that follow from the options.
    - Empty for roles without such values, and with O(guard_only=true).
  returned: success
  type: dict
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""
