#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin host_package."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_package
short_description: Part of the modules host_system and login_ban, installs packages from refreshed lists
version_added: 0.2.0
description:
  - A part of the modules M(secure.ftp_synchronize.host_system) and M(secure.ftp_synchronize.login_ban).
  - Installs packages with C(ansible.builtin.package). If that fails and the host has apt, refreshes the lists of
    packages and tries again.
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
    platforms: linux
options:
  name:
    description:
      - Names of packages.
    type: list
    elements: str
    required: true
  recommends:
    description:
      - Whether the packages that these packages recommend are installed too. V(false) needs a host with apt.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Install fail2ban
  secure.ftp_synchronize.host_package:
    name: [fail2ban, nftables]
"""

RETURN = r"""
error:
  description: Why the answer was refused. Otherwise, the result of C(ansible.builtin.package) is returned.
  returned: failed, if the answer was refused
  type: dict
  contains:
    code:
      description: V(facts_refused) or V(answer_refused).
      returned: always
      type: str
      sample: facts_refused
"""
