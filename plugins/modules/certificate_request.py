#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a private key and a request for its certificate, or install the certificate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_request
short_description: Part of the module host_certificate, makes a private key and a request, or installs the certificate
version_added: 0.2.0
description:
  - A part of the module M(secure.ftp_synchronize.host_certificate).
  - Makes a private key, which never leaves the host, and returns a request. The signature of the request proves that
    the host has the key.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  safe_file_operations:
    support: full
  platform:
    support: full
    platforms: linux
    details:
      - Needs root, and openssl on the host.
options:
  private_key_file:
    description:
      - The private key on the host, without a passphrase. It is made if it does not exist. A link is followed.
    type: path
    required: true
  certificate_file:
    description:
      - The certificate on the host. A link is followed.
    type: path
    required: true
  state:
    description:
      - V(requested) makes the key if it does not exist, and restricts it to root.
      - V(installed) writes O(certificate).
    type: str
    choices: [requested, installed]
    default: requested
  certificate:
    description:
      - The signed certificate. Required with O(state=installed).
    type: str
seealso:
  - module: secure.ftp_synchronize.host_certificate
"""

EXAMPLES = r"""
- name: Make the request of a host
  secure.ftp_synchronize.certificate_request:
    private_key_file: /etc/secure_ftp_synchronize/ftps_key.pem
    certificate_file: /etc/secure_ftp_synchronize/ftps_certificate.pem
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the cause.
  returned: always
  type: str
  sample: 2 changes made
changes:
  description: Every change that was made or, in check mode, would be. Certificates are described in words.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The key or the certificate.
      type: str
      sample: /etc/secure_ftp_synchronize/ftps_key.pem
    before:
      description: Its state before.
      type: str
      sample: missing
    after:
      description: Its state afterwards.
      type: str
      sample: private key 0:0 0600
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
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - C(operation_failed), C(not_found), C(permission_denied), C(invalid_request) or C(internal).
      type: str
      sample: operation_failed
    path:
      description: The item of the error, if any.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: openssl is not installed
    cure:
      description: Recommended action.
      type: str
      sample: Install it on this host.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import certificate_request as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
