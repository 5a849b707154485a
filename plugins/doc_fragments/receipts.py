# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.receipts`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  receipts:
    description:
      - Leave a signed receipt of the run, also if it fails or changes nothing. A receipt is a line of JSON with the
        times, the server, the counts, the proofs and the outcome, without names of files and without secrets. In check
        mode there is none.
      - Each receipt has the SHA-256 of the receipt before. M(secure.ftp_synchronize.receipt_verify), or stock programs,
        find a receipt that was edited, removed or moved.
      - The directory and the key are tried first. If no receipt can be left, the run ends before any contact with the
        server.
      - With O(secure.ftp_synchronize.secure_sync#module:sign), the published manifest names the newest receipt before
        the run. So the server and all receivers are witnesses of the receipts.
    type: dict
    version_added: 0.2.0
    suboptions:
      path:
        description:
          - Directory of the receipts on the host that runs the module, outside the tree. It is made with mode 0700 if
            it is missing. Only the user that runs the module, or root, may write to it.
          - The receipts in a directory are of one O(receipts.job) on one host. Runs at the same time may share it.
        type: path
        required: true
      private_key_file:
        description:
          - File of the private key that signs. In M(secure.ftp_synchronize.secure_sync), the default is the key of
            O(secure.ftp_synchronize.secure_sync#module:sign).
          - Give at most one of O(receipts.private_key_file), O(receipts.private_key) and O(receipts.public_key).
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
      job:
        description: Name of the job, which each receipt has.
        type: str
        default: sync
"""
