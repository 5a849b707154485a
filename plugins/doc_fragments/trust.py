# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.trust`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  known_hosts_file:
    description:
      - File in the form of C(known_hosts), see sshd(8), that proves the server and the jump hosts. If set, no other
        known_hosts file is read.
      - Lines with C(@revoked) and C(@cert-authority) are applied; a revoked key is always refused.
    type: path
  host_keys:
    description:
      - Keys or fingerprints that prove the server. The server's key must match an element.
      - "Each element is a public key (C(ssh-ed25519 AAAA...)), the fingerprint of a key (C(SHA256:...)), the key of an
        authority that signs host certificates (C(@cert-authority ssh-ed25519 AAAA...)), or a key that is refused
        (C(@revoked ssh-ed25519 AAAA...))."
      - The keys of O(known_hosts_file) are accepted too.
    type: list
    elements: str
notes:
  - Over SFTP, without O(known_hosts_file) and O(host_keys) the server must be known by the C(known_hosts) files of the
    user that runs the module, or of the system. A server that is not proven is refused before any credential is
    sent. No option turns this off, and no key is ever learned from an unproven server.
"""
