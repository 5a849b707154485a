#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the rotation of key and certificate of an FTPS server one step on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_rotation
short_description: Part of the role certificate_rotation, advances the rotation of an FTPS server by one step
version_added: 0.2.0
description:
  - A part of the role P(secure.ftp_synchronize.certificate_rotation#role). Playbooks need it only to write such a
    role.
  - Determines the phase of the rotation of a server's key and certificate from the existing files, and makes the
    changes to the files that are due.
  - Each key is stored with its certificate in a directory below C(PRIVATE_KEY_FILE.d). At the first change, the files
    that the server's configuration names become links into it. A single rename then changes key and certificate
    together, and can be undone in the same way. There is no other record, so a killed run can simply be run again.
  - A certificate that expires soon is renewed with the same key, so that pins remain valid. A key that is too old gets
    a successor. Clients receive its pin (C(announced)) before it is served (C(promoted)); the old key is removed after
    an overlap.
  - The server reads its files when it starts. Other modules test and restart the server and contact the clients. Use
    the role P(secure.ftp_synchronize.certificate_rotation#role), which runs all steps.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    details: Names the files, never their content.
  platform:
    platforms: linux
    details:
      - Needs root and C(openssl).
      - Paths of files that lead through a link, or through a directory that another account can change, are refused.
options:
  state:
    description:
      - V(begun) makes a key and a self-signed certificate for one day, if there is no certificate. No server accepts
        it. The result has only RV(changes) and RV(msg). A key without a certificate is never replaced.
      - V(observed) changes nothing.
      - V(advanced) makes the key that is due, and requests for the certificates that are due.
      - V(certified) stores O(certificate), which an authority issued for one of RV(wanted).
      - V(promoted) replaces the served files by RV(exchange), and records that they are not proven.
      - V(confirmed) records that they are proven. V(taken_back) restores the files that were served before.
      - V(finished) removes the old key when its overlap is over.
    type: str
    choices: [observed, advanced, promoted, taken_back, confirmed, finished, certified, begun]
    default: observed
  certificate_file:
    description: The PEM file with the certificate that the server's configuration names.
    type: path
    required: true
  private_key_file:
    description: The PEM file with its key that the server's configuration names.
    type: path
    required: true
  names:
    description: Names and addresses that clients use for the server. Certificates must be valid for all of them.
    type: list
    elements: str
    required: true
  purpose:
    description: Whether the certificates belong to a server or to a client.
    type: str
    choices: [server, client]
    default: server
  passphrase:
    description: Passphrase of the present and new keys of a client. A server starts unattended, so its key has none.
    type: str
  max_age:
    description: Age in days after which a key gets a successor. The age of a key is the age of its file.
    type: float
    default: 365.0
  renew_before:
    description: Days before its end when a certificate is renewed.
    type: float
    default: 30.0
  announce:
    description: Days for which clients have the pin of a new key before the key is served.
    type: float
    default: 14.0
  overlap:
    description: Days for which clients keep the pin of the old key after that.
    type: float
    default: 14.0
  hold:
    description:
      - Whether a client lacks a pin, or has an extra pin. If V(true), no key is promoted, and no old key is removed.
    type: bool
    default: false
  certificate:
    description:
      - The issued certificate, followed by the certificates of its intermediate authorities, in PEM form. Required with
        O(state=certified).
    type: str
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.certificate_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.tls_policy
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: Show the phase of the certificate rotation
  secure.ftp_synchronize.certificate_rotation:
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
    names: [files.example.com]
  become: true
  register: certificate
"""

RETURN = r"""
msg:
  description: The changes and the phase of the rotation or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: the key is announced until 2026-12-15T04:00:00Z at least
changes:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: str
  sample: ["made: a new key"]
phase:
  description: C(idle), C(announced) when a successor exists, or C(promoted) when it is served.
  returned: success, but with O(state=begun)
  type: str
  sample: announced
next:
  description: Earliest start of the next phase.
  returned: success, but with O(state=begun)
  type: str
  sample: "2026-12-15T04:00:00Z"
renewal:
  description: Time at which the certificate must be renewed.
  returned: success, but with O(state=begun)
  type: str
  sample: "2027-02-01T04:00:00Z"
current:
  description: The served key.
  returned: success, but with O(state=begun)
  type: dict
  contains:
    pin:
      description: Its pin, as O(secure.ftp_synchronize.host_key_pin#module:keys) takes it.
      type: str
      sample: sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=
    made:
      description: Time at which the key was made.
      type: str
      sample: "2026-12-01T04:00:00Z"
    not_after:
      description: End of validity of its certificate; null without a certificate.
      type: str
      sample: "2027-03-01T04:00:00Z"
    issuer:
      description: The authority; null without a certificate.
      type: str
      sample: CN=FTPS servers
successor:
  description: The next key, with the same parts; null if there is none. In check mode its pin is null.
  returned: success, but with O(state=begun)
  type: dict
  sample:
former:
  description: The key that was served before, with the same parts; null if there is none.
  returned: success, but with O(state=begun)
  type: dict
  sample:
wanted:
  description: Certificates that an authority must issue.
  returned: success, but with O(state=begun)
  type: list
  elements: dict
  contains:
    pin:
      description: Pin of the key.
      type: str
      sample: sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=
    request:
      description: The certificate request, in PEM form.
      type: str
      sample: "-----BEGIN CERTIFICATE REQUEST-----"
    place:
      description: The file for the certificate, followed by the certificates of its intermediate authorities.
      type: str
      sample: /etc/ssl/private/ftp.pem.d/20261201T040000Z/issued.pem
    why:
      description: Why the present file is not usable.
      type: str
      sample: it holds no certificate
exchange:
  description: Key and certificate that can replace the served files now; null if there are none.
  returned: success, but with O(state=begun)
  type: dict
  contains:
    kind:
      description: C(promotion) of another key, or C(renewal) of the certificate.
      type: str
      sample: renewal
    pin:
      description: Pin of the key.
      type: str
      sample: sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=
    certificate_file:
      description: The certificate.
      type: str
      sample: /etc/ssl/private/ftp.pem.d/20261201T040000Z/issued.pem
    private_key_file:
      description: Its key.
      type: str
      sample: /etc/ssl/private/ftp.pem.d/20261201T040000Z/key.pem
late:
  description: Whether half of O(renew_before) is over without a new certificate.
  returned: success, but with O(state=begun)
  type: bool
  sample: false
unproven:
  description: Whether the served files still need V(confirmed) or V(taken_back).
  returned: success, but with O(state=begun)
  type: bool
  sample: false
retiring:
  description: Whether the overlap is over, so that clients must drop the pin of the old key.
  returned: success, but with O(state=begun)
  type: bool
  sample: false
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(certificate_not_rotatable), C(private_key_unusable), C(unsafe_path), C(invalid_request),
      C(operation_failed) or C(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import certificate_rotation as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
