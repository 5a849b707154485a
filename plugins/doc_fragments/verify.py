# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.verify`, explained. SIGNER has the option of `_edge.argspec.signer`: a signer alone."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  verify:
    description:
      - Take the tree as its sender signed it (O(sign) of a push), not as the server shows it. The newest manifest must
        have a valid signature of O(verify.principal), and must be neither expired nor older than the last accepted
        manifest.
      - A server that changes, removes or holds back files, or serves an old set, is found. Files that were never signed
        are not taken.
    type: dict
    suboptions:
      allowed_signers:
        description:
          - Lines in the form of ALLOWED SIGNERS in ssh-keygen(1).
          - Each line must have C(namespaces="manifest@ftp-synchronize"). A key without it would be good for signatures
            of every purpose, and is refused. C(cert-authority), C(valid-after) and C(valid-before) are applied.
          - Get the key from the sender over another channel, not from the server.
        type: list
        elements: str
      allowed_signers_file:
        description:
          - File with such lines on the host that runs the module. It must belong to the user that runs the module, or
            to root, and only that user may write to it.
        type: path
      principal:
        description: Name of the signer, as in the line of allowed signers.
        type: str
        required: true
      revoked_keys_file:
        description:
          - Keys that no longer count, as a key revocation list (C(ssh-keygen -k)) or as lines of public keys.
          - A missing, empty or damaged file is an error. If no key is revoked yet, write a comment line.
        type: path
      path:
        description: Name of the directory of manifests, below the tree.
        type: str
        default: MANIFEST
      max_age:
        description:
          - Refuse a manifest that was issued longer ago, such as V(36h) or V(7d). Without it, the validity that the
            sender chose is the limit.
        type: str
      min_sequence:
        description: Refuse manifests with a lower number. It protects a reader that has no state yet, or loses it.
        type: int
        default: 1
      unsigned:
        description:
          - Entries that the signed set does not name. V(skip) leaves them alone and reports them; V(error) refuses the
            tree.
        type: str
        choices: [skip, error]
        default: skip
      accept_tree:
        description:
          - Id of the tree, 32 hexadecimal digits. It allows a tree other than the last accepted tree, for a sender that
            started over; without a state, no other tree is taken.
        type: str
notes:
  - O(verify) needs C(ssh-keygen) of OpenSSH 8.7 or newer on the host that runs the module.
"""

    SIGNER = r"""
options:
  verify:
    description: The signer whose signature counts.
    type: dict
    suboptions:
      allowed_signers:
        description:
          - Lines in the form of ALLOWED SIGNERS in ssh-keygen(1).
          - Each line must have C(namespaces=), with the namespace that O(verify) names. C(cert-authority),
            C(valid-after) and C(valid-before) are applied.
          - Get the key from the signer over another channel.
        type: list
        elements: str
      allowed_signers_file:
        description:
          - File with such lines on the host that runs the module. It must belong to the user that runs the module, or
            to root, and only that user may write to it.
        type: path
      principal:
        description: Name of the signer, as in the line of allowed signers.
        type: str
        required: true
      revoked_keys_file:
        description:
          - Keys that no longer count, as a key revocation list (C(ssh-keygen -k)) or as lines of public keys.
          - A missing, empty or damaged file is an error. If no key is revoked yet, write a comment line.
        type: path
"""
