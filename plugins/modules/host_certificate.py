#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate of a private authority for a host: the steps on the host, between which the action signs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_certificate
short_description: Part of the roles ftps_server and certificate_rotation, certificates of a private authority
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.ftps_server#role) and
    P(secure.ftp_synchronize.certificate_rotation#role). Playbooks need it only to write such a role, or to create an
    authority for certain domains.
  - The host makes a private key, which never leaves it, and a request. The controller signs the public key of the
    request, after the signature of the request has proven that the host has the private key. Subject, names, usage and
    validity are set by the options of the task. The host then gets the certificate.
  - A certificate is signed again if its content differs or less than a third of its days is left.
  - A missing authority is created, with an encrypted EC key (secp384r1). Key and certificate of an authority are never
    replaced. A wrong passphrase is an error.
  - The options of the authority stay on the controller. In check mode nothing is created and nothing is signed.
  - The action of the module runs its steps. O(state=requested) and O(state=installed) are the steps on the host.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
requirements:
  - cryptography 42 or later, for the Python of Ansible on the controller
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs root, and openssl on the host.
options:
  private_key_file:
    description:
      - The private key on the host, without a passphrase. It is made if it does not exist. A link is followed.
      - Required, with O(certificate_file), unless O(state=issued).
    type: path
  certificate_file:
    description: The certificate on the host. A link is followed.
    type: path
  state:
    description:
      - V(signed) does all steps.
      - V(issued) contacts no host. It signs O(request), or only creates the authority if there is no request.
      - V(requested) makes the key if it does not exist, restricts it to root, and returns a request. The signature of
        the request proves that the host has the key.
      - V(installed) writes O(certificate).
    type: str
    choices: [signed, issued, requested, installed]
    default: signed
  request:
    description: Certificate request of the host in PEM form, for O(state=issued).
    type: str
  certificate:
    description:
      - The signed certificate. Required with O(state=installed).
      - With O(state=issued), the present certificate in PEM form. It is kept if this authority signed it for the same
        key, names and usage, and more than a third of O(days) is left.
    type: str
  directory:
    description:
      - Directory of the authority on the controller, with C(ca.key) and C(ca.pem). It is made if it does not exist. A
        relative path starts at the playbook. Required with O(state=signed) and O(state=issued).
    type: str
  passphrase:
    description: Passphrase of C(ca.key), at least 12 characters. Required with O(directory).
    type: str
  option:
    description: Prefix of the names of the role's options, for messages. They end in C(_directory) and C(_passphrase).
    type: str
    default: ca
  authority:
    description: Common name of an authority that is made.
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
  names:
    description:
      - Host names and addresses of the certificate. The first is the common name. Required with O(state=signed) and
        O(request).
    type: list
    elements: str
  usage:
    description: Extended key usage of the certificate.
    type: str
    choices: [server, client]
    default: server
  days:
    description: Days of validity. The certificate never ends later than the certificate of the authority.
    type: int
    default: 90
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.ftps_server_role
    description: The role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.certificate_rotation_role
    description: The role that uses this module.
"""

EXAMPLES = r"""
- name: Create key and certificate
  secure.ftp_synchronize.host_certificate:
    private_key_file: /etc/secure_ftp_synchronize/ftps_key.pem
    certificate_file: /etc/secure_ftp_synchronize/ftps_certificate.pem
    directory: /etc/partners/authority
    passphrase: "{{ lookup('ansible.builtin.env', 'CA_PASSPHRASE') }}"
    names: [files.example.com]

- name: Sign the request of this host
  secure.ftp_synchronize.host_certificate:
    state: issued
    directory: "{{ playbook_dir }}/ftps_authority"
    passphrase: "{{ lookup('ansible.builtin.env', 'CA_PASSPHRASE') }}"
    request: "{{ answer.csr }}"
    names: [files.example.com]
  register: signed

- name: Create an authority that signs for names below example.com and for no others
  secure.ftp_synchronize.host_certificate:
    state: issued
    directory: "{{ playbook_dir }}/ftps_authority"
    passphrase: "{{ lookup('ansible.builtin.env', 'CA_PASSPHRASE') }}"
    domains: [example.com]
  run_once: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 2 changes made
changes:
  description:
    - Changes that were or, in check mode, would be made, by C(path), with the state C(before) and C(after).
      Certificates are described in words. Empty with O(state=issued).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/secure_ftp_synchronize/ftps_key.pem
      before: missing
      after: private key 0:0 0600
request:
  description: The request in PEM form; empty after the installation.
  returned: success, unless O(state=issued)
  type: str
  sample: "-----BEGIN CERTIFICATE REQUEST-----..."
certificate:
  description: The certificate in PEM form; empty if there is none.
  returned: success
  type: str
  sample: "-----BEGIN CERTIFICATE-----..."
authority:
  description: The certificate of the authority in PEM form; empty in check mode if there is no authority yet.
  returned: with O(state=issued)
  type: str
  sample: "-----BEGIN CERTIFICATE-----..."
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(request_refused), C(authority_refused), C(library_missing), C(invalid_request), C(operation_failed),
      C(facts_refused), C(answer_refused) or C(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import host_certificate as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
