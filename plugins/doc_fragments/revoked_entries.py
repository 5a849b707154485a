# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.rotation.revoked_entries.revoked_spec`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  fingerprints:
    description: SHA-256 fingerprints of keys, as sshd logs them. The key itself is not needed.
    type: list
    elements: str
    default: []
  keys:
    description: Public keys, each the line of a C(.pub) file.
    type: list
    elements: str
    default: []
  certificates:
    description: Certificates, by the authority that signed them.
    type: list
    elements: dict
    default: []
    suboptions:
      ca:
        description: Public key of the authority, the line of its C(.pub) file.
        type: str
        required: true
      serials:
        description: Serial numbers, such as V(7), or ranges, such as V(7-12).
        type: list
        elements: str
        default: []
      ids:
        description: Key ids, in printable ASCII without C(#).
        type: list
        elements: str
        default: []
"""
