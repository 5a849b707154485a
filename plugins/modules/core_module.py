#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin core_module."""

from __future__ import annotations

DOCUMENTATION = r"""
module: core_module
short_description: Part of all roles, runs a module of ansible-core and refuses facts in its answer
version_added: 0.2.0
description:
  - A part of the roles of this collection. Playbooks need it only where a compromised host must not steer Ansible.
  - Ansible takes facts from the answer of any module. With facts such as C(ansible_control_path), a compromised host
    leads the next task to another host, over a connection that the controller has open to that host.
  - This action runs a module of ansible-core, with the action that Ansible has for it. If the answer holds facts, or
    keys that Ansible obeys, the task fails, and nothing of the answer is used. Facts that V(ansible.builtin.setup)
    gathers are returned as RV(facts), and never become variables.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    details: As far as the module supports it.
  diff_mode:
    details: As far as the module supports it.
  idempotent:
    details: As the module is.
  safe_file_operations:
    details: As the module has them.
  platform:
    platforms: all
options:
  module:
    description:
      Name of the module, such as V(ansible.builtin.copy); or V(secure.ftp_synchronize.secure_sync) or
      V(secure.ftp_synchronize.tree_verify), for a playbook whose transfers are data.
    type: str
    required: true
  options:
    description: Options of the module. C(module_defaults) do not apply to it.
    type: dict
    default: {}
notes:
  - Tasks with C(async) are not supported.
"""

EXAMPLES = r"""
- name: Make a directory
  secure.ftp_synchronize.core_module:
    module: ansible.builtin.file
    options:
      path: /srv/partners
      state: directory
      mode: "0755"

- name: Ask for the family of the system
  secure.ftp_synchronize.core_module:
    module: ansible.builtin.setup
    options:
      gather_subset: ["!all", "!min", distribution]
  register: system

- name: Show it
  ansible.builtin.debug:
    msg: "{{ system.facts.ansible_os_family }}"
"""

RETURN = r"""
facts:
  description: Facts of the host. The rest of the result is the answer of the module.
  returned: success, with V(ansible.builtin.setup)
  type: dict
error:
  description: Why the answer was refused. C(code) is V(facts_refused) or V(answer_refused).
  returned: failed, if the answer was refused
  type: dict
"""
