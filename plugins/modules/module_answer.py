#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin module_answer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: module_answer
short_description: Refuse answers of the modules of this collection that Ansible would obey
version_added: 0.2.0
description:
  - A part of the modules of this collection. Ansible runs each of them through an action plugin of the same name,
    which is this plugin. It is not for tasks.
  - Ansible takes facts from the result of any module, and from a delegated task as facts of the host of the play. Some
    of them decide how Ansible reaches that host and becomes root there. The modules of this collection return no facts,
    so an answer that holds facts comes from a compromised host. The task fails, and nothing of the answer is used.
  - The same holds for keys that Ansible obeys, such as C(unreachable), and for a key with the name of the loop
    variable, which would replace the item in the registered result.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  safe_file_operations:
    support: N/A
  platform:
    support: full
    platforms: all
options: {}
"""

EXAMPLES = r"""
# No task uses this action directly. It runs in every task with a module of this collection, such as:
- name: Examine the pins of a server
  secure.ftp_synchronize.host_key_pin_info:
    path: /etc/ssh/partners_known_hosts
"""

RETURN = r"""
error:
  description: Why the answer was refused. Without a refusal, the result of the module is returned.
  returned: failed
  type: dict
  contains:
    code:
      description: V(facts_refused) or V(answer_refused).
      returned: always
      type: str
      sample: facts_refused
"""
