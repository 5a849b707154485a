#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the rotation of key and certificate of an FTPS server one step on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_rotation
short_description: Take the rotation of key and certificate of this FTPS server one step on
version_added: 0.2.0
description:
  - Finds out where the rotation of the key and the certificate of a server stands, from the files that are there, and
    does what is due as far as files go.
  - Keys lie in the directory C(PRIVATE_KEY_FILE.d), each with its certificate in a directory of its own. The first time
    that there is something to do, the files that the server's configuration names become links into it. One rename then
    changes key and certificate at once, and the same goes back. There is no further record, so a run that was killed is
    simply run again.
  - A certificate that comes near its end is renewed with the same key, so that pins stay right. A key that is too old
    gets a successor, whose pin clients are given (C(announced)) before it is served (C(promoted)); the old one goes
    after an overlap.
  - The server reads its files when it starts. It is tried and restarted, and clients are asked, by other modules. The
    role P(secure.ftp_synchronize.certificate_rotation#role) does all of it. Use that.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Names the files, never their content.
  idempotent:
    support: full
  safe_file_operations:
    support: full
  platform:
    support: full
    platforms: linux
    details:
      - Needs root and C(openssl).
      - Paths of files that lead through a link, or through a directory that another account can change, are refused.
options:
  state:
    description:
      - V(begun) makes a key and a certificate of one day, signed by itself, where there is no certificate. No server
        lets it in. The result has RV(deeds) and RV(msg) only. A key without a certificate is never replaced.
      - V(observed) looks and changes nothing.
      - V(advanced) makes the key that is due, and requests for the certificates that are.
      - V(certified) puts down O(certificate), which an authority issued for one of RV(wanted).
      - V(promoted) puts RV(exchange) in the place of what is served, and notes that it is not proven.
      - V(confirmed) says that it is proven. V(taken_back) puts back what was served before.
      - V(finished) removes the old key when its overlap is over.
    type: str
    choices: [observed, advanced, promoted, taken_back, confirmed, finished, certified, begun]
    default: observed
  certificate_file:
    description:
      - The PEM file with the certificate that the server's configuration names.
    type: path
    required: true
  private_key_file:
    description:
      - The PEM file with its key that the configuration names.
    type: path
    required: true
  names:
    description:
      - Names and addresses by which clients call the server. Certificates must be for all of them.
    type: list
    elements: str
    required: true
  purpose:
    description:
      - Whether they are certificates of a server, or of a client that shows one.
    type: str
    choices: [server, client]
    default: server
  passphrase:
    description:
      - Passphrase of the keys, the present one and new ones, of a client. A server starts unattended, its key has none.
    type: str
  max_age:
    description:
      - Days after which a key gets a successor. The age of a key is that of its file.
    type: float
    default: 365.0
  renew_before:
    description:
      - Days before its end on which a certificate is renewed.
    type: float
    default: 30.0
  announce:
    description:
      - Days for which the pin of a new key is with clients before the key is served.
    type: float
    default: 14.0
  overlap:
    description:
      - Days for which the pin of the old key stays with them after that.
    type: float
    default: 14.0
  hold:
    description:
      - Whether a client lacks a pin, or has one too many. Then no new key is promoted, and no old one removed.
    type: bool
    default: false
  certificate:
    description:
      - The certificate that was issued, followed by those of its intermediate authorities, as PEM. Required with
        O(state=certified).
    type: str
seealso:
  - module: secure.ftp_synchronize.tls_policy
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: See where the rotation of the certificate stands
  secure.ftp_synchronize.certificate_rotation:
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
    names: [files.example.com]
  become: true
  register: certificate
"""

RETURN = r"""
msg:
  description: The changes and the phase of the rotation or, if the task failed, the cause.
  returned: always
  type: str
  sample: the key is announced until 2026-12-15T04:00:00Z at least
deeds:
  description: Changes that were made or, in check mode, would be made.
  returned: always
  type: list
  elements: str
  sample: ["made: a new key"]
phase:
  description: C(idle), C(announced), when a successor lies beside the key, or C(promoted), when it is served.
  returned: success, but with O(state=begun)
  type: str
  sample: announced
next:
  description: When the next phase may begin.
  returned: success, but with O(state=begun)
  type: str
  sample: "2026-12-15T04:00:00Z"
renewal:
  description: When the certificate is to be renewed.
  returned: success, but with O(state=begun)
  type: str
  sample: "2027-02-01T04:00:00Z"
current:
  description: The key that is served.
  returned: success, but with O(state=begun)
  type: dict
  contains:
    pin:
      description: Its pin, as O(secure.ftp_synchronize.host_key_pin#module:keys) takes it.
      type: str
      sample: sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=
    made:
      description: When it was made.
      type: str
      sample: "2026-12-01T04:00:00Z"
    not_after:
      description: The end of its certificate; null without one.
      type: str
      sample: "2027-03-01T04:00:00Z"
    issuer:
      description: The authority; null without a certificate.
      type: str
      sample: CN=FTPS servers
successor:
  description: The key that is to follow, with the same parts; null without one. In check mode its pin is null.
  returned: success, but with O(state=begun)
  type: dict
  sample:
former:
  description: The key that was served before, with the same parts; null without one.
  returned: success, but with O(state=begun)
  type: dict
  sample:
wanted:
  description: Certificates that an authority is to issue.
  returned: success, but with O(state=begun)
  type: list
  elements: dict
  contains:
    pin:
      description: Pin of the key.
      type: str
      sample: sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=
    request:
      description: The request, as PEM.
      type: str
      sample: "-----BEGIN CERTIFICATE REQUEST-----"
    place:
      description: The file where the certificate belongs, followed by those of its intermediate authorities.
      type: str
      sample: /etc/ssl/private/ftp.pem.d/20261201T040000Z/issued.pem
    why:
      description: Why what lies there will not do.
      type: str
      sample: it holds no certificate
exchange:
  description: What can be served now in place of what is; null if there is nothing.
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
  description: Whether half of O(renew_before) is over, and no new certificate is at hand.
  returned: success, but with O(state=begun)
  type: bool
  sample: false
unproven:
  description: Whether what is served now waits to be confirmed or taken back.
  returned: success, but with O(state=begun)
  type: bool
  sample: false
retiring:
  description: Whether the overlap is over, so that clients shall drop the pin of the old key.
  returned: success, but with O(state=begun)
  type: bool
  sample: false
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - C(certificate_not_rotatable), C(private_key_unusable), C(unsafe_path), C(invalid_request), C(operation_failed)
          or C(internal).
      type: str
      sample: certificate_not_rotatable
    path:
      description: Always null.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "the certificate cannot be served: it is not for files.example.com"
    cure:
      description: Recommended action.
      type: str
      sample: Have it issued again.
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._edge import boundary
from ..module_utils._edge.rotation import certificate_rotation


def main() -> None:
    module = AnsibleModule(argument_spec=certificate_rotation.certificate_rotation(), supports_check_mode=True)
    work = partial(certificate_rotation.rotate, module.params, check_mode=module.check_mode)
    boundary.run(module, work, blank=certificate_rotation.blank_rotation())


if __name__ == "__main__":
    main()
