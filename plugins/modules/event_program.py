#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin event_program."""

from __future__ import annotations

DOCUMENTATION = r"""
module: event_program
short_description: Part of the role transfer_monitoring, installs a program of the monitoring on a host
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.transfer_monitoring#role). Playbooks need it only to write such a role.
  - Builds the collector of events, or the program that compares trees, from this collection, as a single file that
    needs only Python, and copies it to the host. The same collection gives the same bytes.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
options:
  path:
    description: Path of the program on the host. Its directory must exist.
    type: str
    required: true
  program:
    description:
      - V(events) is the collector. V(trees) makes manifests of trees and finds the changes that no event explains.
        V(probe) finds out whether sshd logs a connection.
    type: str
    choices: [events, probe, trees]
    default: events
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.transfer_monitoring_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Install the collector
  secure.ftp_synchronize.event_program:
    path: /usr/local/lib/secure_ftp_synchronize/events.pyz
"""

RETURN = r"""
changed:
  description: Whether the program was installed or replaced.
  type: bool
  returned: always
"""
