#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin authority_certificate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: authority_certificate
short_description: Part of the role certificate_rotation, signs the public key of a host
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.certificate_rotation#role). Playbooks need it only to write such a role.
  - It runs on the controller and contacts no host. Keys and passphrases stay in the Ansible process.
  - Subject, names, usage and validity of a certificate are set by the options of this task. From the request of a host
    it takes only the public key, after the signature of the request has proven that the host has the private key.
  - A missing authority is created, with an encrypted EC key (secp384r1). Key and certificate of an authority are never
    replaced. A wrong passphrase is an error.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
requirements:
  - cryptography 42 or later, for the Python of Ansible on the controller
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    details: Nothing is created and nothing is signed. The returned certificate is the present certificate.
  diff_mode:
    support: none
options:
  directory:
    description: Directory on the controller with C(ca.key) and C(ca.pem). A relative path starts at the playbook.
    type: str
    required: true
  passphrase:
    description: Passphrase of C(ca.key), at least 12 characters.
    type: str
    required: true
  option:
    description: Prefix of the names of the role's options, for messages. They end in C(_directory) and C(_passphrase).
    type: str
    default: ca
  authority:
    description: Common name of a new authority.
    type: str
    default: Private authority
  domains:
    description:
      - Domains and networks for which a new authority may sign. Its certificate carries them as name constraints, so
        that clients refuse a certificate of this authority for other names.
      - Without a network, the authority may sign for no address. If the authority already exists, its constraints must
        be the same.
    type: list
    elements: str
    default: []
  request:
    description: Certificate request of the host in PEM form. Without it only the authority is created.
    type: str
  names:
    description: Host names and addresses of the certificate; the first is also its common name.
    type: list
    elements: str
    default: []
  usage:
    description: Extended key usage of the certificate.
    type: str
    choices: [server, client]
    default: server
  days:
    description: Days of validity. The certificate never ends later than the certificate of the authority.
    type: int
    default: 90
  certificate:
    description:
      - The present certificate in PEM form. It is kept if this authority signed it for the same key, names and usage,
        and more than a third of O(days) is left.
    type: str
    default: ""
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.certificate_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Sign the key of this host
  secure.ftp_synchronize.authority_certificate:
    directory: "{{ playbook_dir }}/ftps_authority"
    passphrase: "{{ lookup('ansible.builtin.env', 'CA_PASSPHRASE') }}"
    request: "{{ answer.csr }}"
    names: [files.example.com]
  register: signed

- name: Create an authority that signs for names below example.com and for no others
  secure.ftp_synchronize.authority_certificate:
    directory: "{{ playbook_dir }}/ftps_authority"
    passphrase: "{{ lookup('ansible.builtin.env', 'CA_PASSPHRASE') }}"
    domains: [example.com]
  run_once: true
"""

RETURN = r"""
certificate:
  description: The certificate in PEM form.
  returned: success
  type: str
authority:
  description: The certificate of the authority in PEM form; empty in check mode if there is no authority yet.
  returned: success
  type: str
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
"""
