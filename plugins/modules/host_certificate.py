#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate of a private authority for a host: the steps on the host, between which the action signs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_certificate
short_description: Part of the role ftps_server, gives a host a certificate of a private authority on the controller
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.ftps_server#role). Playbooks need it only to write such a role.
  - The host makes a private key, which never leaves it, and a request. The controller signs the public key of the
    request for its own names, as M(secure.ftp_synchronize.authority_certificate) does. The host then gets the
    certificate. Nothing but the public key of the request is used.
  - A certificate is signed again if its content differs or less than a third of its days is left.
  - The options of the authority stay on the controller.
  - The action of the module runs its steps. O(state=requested) and O(state=installed) are the steps on the host.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs root, and openssl on the host.
options:
  private_key_file:
    description: The private key on the host, without a passphrase. It is made if it does not exist. A link is followed.
    type: path
    required: true
  certificate_file:
    description: The certificate on the host. A link is followed.
    type: path
    required: true
  state:
    description:
      - V(signed) does all steps.
      - V(requested) makes the key if it does not exist, restricts it to root, and returns a request. The signature of
        the request proves that the host has the key.
      - V(installed) writes O(certificate).
    type: str
    choices: [signed, requested, installed]
    default: signed
  certificate:
    description: The signed certificate. Required with O(state=installed).
    type: str
  directory:
    description:
      - Directory of the authority on the controller, with C(ca.key) and C(ca.pem). It is made if it does not exist.
        Required with O(state=signed).
    type: str
  passphrase:
    description: Passphrase of the authority's key, at least 12 characters. Required with O(state=signed).
    type: str
  option:
    description: How the names of the role's options begin, for error messages.
    type: str
    default: ca
  authority:
    description: Common name of an authority that is made.
    type: str
    default: Private authority
  names:
    description:
      - Host names and addresses of the certificate. The first is the common name. Required with O(state=signed).
    type: list
    elements: str
  days:
    description: Days of validity.
    type: int
    default: 90
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.ftps_server_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.authority_certificate
"""

EXAMPLES = r"""
- name: Create key and certificate
  secure.ftp_synchronize.host_certificate:
    private_key_file: /etc/secure_ftp_synchronize/ftps_key.pem
    certificate_file: /etc/secure_ftp_synchronize/ftps_certificate.pem
    directory: /etc/partners/authority
    passphrase: "{{ lookup('ansible.builtin.env', 'CA_PASSPHRASE') }}"
    names: [files.example.com]
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
      Certificates are described in words.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/secure_ftp_synchronize/ftps_key.pem
      before: missing
      after: private key 0:0 0600
request:
  description: The request in PEM form; empty after the installation.
  returned: success
  type: str
  sample: "-----BEGIN CERTIFICATE REQUEST-----..."
certificate:
  description: The certificate in PEM form; empty if there is none.
  returned: success
  type: str
  sample: "-----BEGIN CERTIFICATE-----..."
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(request_refused), C(authority_refused), C(library_missing), C(invalid_request), C(operation_failed),
      C(facts_refused), C(answer_refused) or C(internal).
  returned: failure
  type: dict
  sample:
    code: request_refused
    path:
    message: "request of the host: its signature is wrong, so the host did not prove that it has the private key"
    cure: "Find out why the host sent it: it was not signed."
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import host_certificate as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
