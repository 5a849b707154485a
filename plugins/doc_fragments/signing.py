# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.signing`, explained. KEY has the key alone, as the option `sign` of other modules."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  sign:
    description:
      - Sign the delivered set. The push publishes a list of all files with their SHA-256, and a signature of that list
        in OpenSSH's form, in a directory below O(dest). Receivers check both with stock programs.
      - The signature is made by C(ssh-keygen) on the host of the task, for the namespace V(manifest@ftp-synchronize).
      - Nothing is published if any item fails. The set published before stays valid.
      - A run without changes publishes nothing, unless half of O(sign.valid_for) is over.
      - Needs V(push) as O(direction), O(compare=recorded) or O(compare=checksum), a proof, and the lock.
    type: dict
    version_added: 0.2.0
    suboptions:
      private_key_file:
        description:
          - File of the private key that signs.
          - Give exactly one of O(sign.private_key_file), O(sign.private_key) and O(sign.public_key).
        type: path
      private_key:
        description:
          - Text of the private key that signs. It is held by an C(ssh-agent) of this run and never written to a disk.
        type: str
      public_key:
        description:
          - Line of the public key that signs. The C(ssh-agent) of the user holds the private key, which may be in a
            PKCS#11 token or a FIDO device.
        type: str
      passphrase:
        description: Passphrase of the private key.
        type: str
      certificate_file:
        description:
          - Certificate of an SSH authority for the key. Receivers then trust the authority.
          - With O(sign.public_key), the agent must hold the certificate too.
        type: path
      valid_for:
        description:
          - How long a published set is valid, for example V(12h), V(14d) or V(4w). Receivers refuse a set that has
            expired, so an attacker cannot show them an old set for longer.
          - Run the task at least once in the second half of this time.
        type: str
        default: 14d
      path:
        description:
          - Name of the directory below O(dest) that holds manifests and signatures. It is never removed by O(delete),
            and an entry of this name in O(src) is skipped.
        type: str
        default: MANIFEST
      keep:
        description: Number of manifests that stay published, the newest included.
        type: int
        default: 5
      attributes:
        description:
          - List modes and modification times too. Use it only if receivers keep both, because C(mtree) reports each
            difference.
        type: bool
        default: false
      sums:
        description: Publish the file V(SHA256SUMS) in O(dest) too, for C(sha256sum -c). The manifest lists it.
        type: bool
        default: false
      adopt:
        description:
          - The newest published set, to continue it without its state in O(state_dir), which was lost or is on another
            host. The manifest must have this tree and this number, and a signature of this key.
          - Take both from the result of the last run (RV(set)) or from a reader. A server can hide newer sets, so its
            word alone would let it get two sets of one number signed. Without this option, nothing is published over
            manifests that O(state_dir) does not know, with the error V(manifest_unknown).
          - It has no effect if there is a state.
        type: dict
        suboptions:
          tree:
            description: The id of the tree, C(set.tree).
            type: str
            required: true
          sequence:
            description: The number of the newest manifest, C(set.sequence).
            type: int
            required: true
"""

    KEY = r"""
options:
  sign:
    description: The key that signs.
    type: dict
    suboptions:
      private_key_file:
        description:
          - File of the private key that signs.
          - Give exactly one of O(sign.private_key_file), O(sign.private_key) and O(sign.public_key).
        type: path
      private_key:
        description:
          - Text of the private key that signs. It is held by an C(ssh-agent) of this run and never written to a disk.
        type: str
      public_key:
        description:
          - Line of the public key that signs. The C(ssh-agent) of the user holds the private key, which may be in a
            PKCS#11 token or a FIDO device.
        type: str
      passphrase:
        description: Passphrase of the private key.
        type: str
      certificate_file:
        description: Certificate of an SSH authority for the key.
        type: path
"""
