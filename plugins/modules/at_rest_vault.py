#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vaults of a host: directories whose content is encrypted on the disk."""

from __future__ import annotations

DOCUMENTATION = r"""
module: at_rest_vault
short_description: Part of the role at_rest, makes, unlocks and locks directories whose content is encrypted on the disk
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.at_rest#role). Playbooks need it only to write such a role.
  - Each vault has a store, in which everything is encrypted, and a mount point, at which it can be read while the vault
    is unlocked. A systemd unit unlocks and locks it.
  - The mount point of a locked vault is empty, belongs to root, has the mode 0555, and is immutable where its file
    system can do that. The account of the vault tries to write there, and must fail.
  - A canary is written through the mount and sought in the store by name and content.
  - The passphrase is passed by pipes and sockets, and is in no file, argument, environment variable or log.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs root, systemd 252 or newer, and gocryptfs 2.3 or fscrypt 0.3.3 or newer.
options:
  backend:
    description:
      - V(gocryptfs) encrypts files in any file system, through FUSE.
      - V(fscrypt) encrypts directories of an ext4 or f2fs file system that has the feature C(encrypt).
    type: str
    choices: [gocryptfs, fscrypt]
    default: gocryptfs
  vaults:
    description: The vaults. Other vaults are left alone. No vault is ever removed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the vault, and the end of the name of its unit, C(secure_ftp_synchronize-vault-NAME.service).
        type: str
        required: true
      store:
        description: Directory of the encrypted files.
        type: path
        required: true
      mount:
        description: Where the files can be read. It must be empty or missing when the vault is made.
        type: path
        required: true
      owner:
        description:
          - Account that owns the root of the vault. The root of an account has the mode 0700, the root of V(root) 0755.
        type: str
        default: root
  key:
    description: The key of the vaults.
    type: dict
    required: true
    suboptions:
      custody:
        description:
          - Place from which the host gets the passphrase when it starts.
          - V(operator) stores nothing. The vault is locked after a boot until this module runs again.
          - V(tang) seals it with clevis(1). The host needs a tang server of the network to open it.
          - V(tpm2) seals it with clevis(1) and the TPM of the host.
          - V(host) seals it with systemd-creds(1) and a key on the disk of the host.
        type: str
        choices: [operator, tang, tpm2, host]
        required: true
      passphrase:
        description:
          - Passphrase of the vaults, at least 20 characters. It is needed to make them, and opens them if the custody
            fails. Keep it outside the host.
        type: str
        required: true
      url:
        description: URL of the tang server.
        type: str
        default: ""
      thumbprint:
        description: Thumbprint of the signing key of the tang server, as C(tang-show-keys) prints it.
        type: str
        default: ""
      pcr_ids:
        description:
          - Registers of the TPM whose values the sealed passphrase is bound to. Without registers, each start of this
            host can open it.
        type: list
        elements: int
        default: []
  state:
    description:
      - V(unlocked) makes the vaults and unlocks them.
      - V(locked) makes them and locks them, even if files are open.
    type: str
    choices: [unlocked, locked]
    default: unlocked
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.at_rest_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Encrypt the jails
  secure.ftp_synchronize.at_rest_vault:
    vaults:
      - name: jails
        store: /var/lib/vaults/jails
        mount: /srv/jail
    key:
      custody: operator
      passphrase: "{{ lookup('ansible.builtin.env', 'VAULT_PASSPHRASE') }}"
  become: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 change made
changes:
  description: Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/jail
      before: locked
      after: unlocked
vaults:
  description: State of each vault at the end.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the vault.
      type: str
      sample: jails
    mount:
      description: Its mount point.
      type: str
      sample: /srv/jail
    custody:
      description: The custody of its key.
      type: str
      sample: operator
    locked:
      description: Whether it is locked.
      type: bool
      sample: false
    canary:
      description:
        - V(hidden) if neither the name nor the content of the canary was found in the store. V(not_sought) in check
          mode, of a locked vault, and of a vault of fscrypt that this run did not make.
      type: str
      sample: hidden
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is V(custody_unavailable), V(passphrase_wrong), V(vault_unsafe), V(refused), V(unsafe_path),
      V(invalid_request), V(operation_failed) or V(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import at_rest_vault as edge
from ..module_utils._edge import boundary


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
