#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin rotation_password."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_password
short_description: Part of the role password_rotation, decides the next step of a password's rotation
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.password_rotation#role). Playbooks need it only to write such a role.
  - Compares the fields of a secret with the periods of the rotation. No host and no secrets manager is contacted.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes.decision
  - secure.ftp_synchronize.attributes
options:
  stored:
    description:
      - The secret. C(fields) are its fields, of which C(password), C(next) and C(next_because) belong to the rotation.
        C(written) is the UTC time at which the secrets manager stored them, as in C(2026-01-31T12:00:00Z).
    type: dict
    required: true
  compromised:
    description: Whether the current password is known to others.
    type: bool
    default: false
  max_age:
    description: Days until a new password is due.
    type: float
    required: true
  overlap:
    description: Days for which the server also accepts the former password.
    type: float
    required: true
notes:
  - The result is never printed, as it has the passwords. Errors are printed.
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.password_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Decide the next step
  secure.ftp_synchronize.rotation_password:
    stored: "{{ password_rotation_stored }}"
    max_age: 90
    overlap: 1
  register: step
"""

RETURN = r"""
password:
  description: The password that the server must accept. Empty if there is none yet.
  returned: success
  type: str
at_once:
  description: Whether a new password must replace the current password before anything else.
  returned: success
  type: bool
reason:
  description: Why a new password is due. Empty if none is due.
  returned: success
  type: str
pending:
  description: Whether RV(password) is not yet the current password of the jobs.
  returned: success
  type: bool
urgent:
  description: Whether the server must accept RV(password) alone from the start.
  returned: success
  type: bool
overlapped:
  description: Whether the server no longer needs to accept the former password.
  returned: success
  type: bool
begun:
  description: The fields with a next password of 32 random letters and digits.
  returned: success
  type: dict
handed_over:
  description: The fields with the next password as the current password.
  returned: success
  type: dict
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""
