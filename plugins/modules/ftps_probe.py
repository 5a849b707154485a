#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the FTPS server of a host serves an account, tried on the host itself."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftps_probe
short_description: Test the FTPS server of this host with an account
version_added: 0.2.0
description:
  - Logs in to the FTPS server that runs on this host, over loopback. With O(directory) it also stores a small file of
    random bytes, finds it in a listing, retrieves it, compares it and removes it. Both channels are inside TLS.
  - This tests PAM, the jail, the certificate and the ports as clients use them. It does not test a firewall between
    the host and its clients.
  - Waits until the server answers, so that it can be used right after a restart.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: partial
    details: Check mode tests nothing.
  diff_mode:
    support: none
options:
  port:
    description: TCP port of the server. If not given, 21 or, with O(tls_mode=implicit), 990.
    type: int
  tls_mode:
    description: How TLS begins, V(explicit) after C(AUTH TLS), V(implicit) with the first byte.
    type: str
    choices: [explicit, implicit]
    default: explicit
  certificate_file:
    description:
      - PEM file with the certificate that the server must show, followed by the certificates of its intermediate
        authorities. If the server shows another certificate, the task fails and sends no password.
    type: path
    required: true
  username:
    description: The account.
    type: str
    required: true
  password:
    description: Its password.
    type: str
    required: true
  directory:
    description:
      - A directory in which the account may store, list, retrieve and remove files. If not given, only the login is
        tested.
    type: str
  client_cert_file:
    description: PEM file with the client certificate, if the server requires it.
    type: path
  client_key_file:
    description: PEM file with its key, without a passphrase. If not given, the key is read from O(client_cert_file).
    type: path
  timeout:
    description: Timeout in seconds for the start of the server, and for each answer.
    type: float
    default: 20.0
seealso:
  - module: secure.ftp_synchronize.tls_policy
"""

EXAMPLES = r"""
- name: Test that the server serves
  secure.ftp_synchronize.ftps_probe:
    certificate_file: /etc/ssl/ftp_chain.pem
    username: monitor
    password: "{{ monitor_password }}"
    directory: data
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the failed step and the cause.
  returned: always
  type: str
  sample: monitor stored, listed and retrieved a file over TLSv1.3
protocol:
  description: Version of TLS.
  returned: success, without check mode
  type: str
  sample: TLSv1.3
cipher:
  description: The suite.
  returned: success, without check mode
  type: str
  sample: TLS_AES_256_GCM_SHA384
data_channel_resumed:
  description: Whether data connections resumed the TLS session of the control connection; null if there was none.
  returned: success, without check mode
  type: bool
  sample: true
error:
  description: Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
  returned: failure
  type: dict
  sample:
    code: service_failed
    path:
    message: "STOR fails as monitor: 550 Permission denied."
    cure: Read the server's log.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.login_probe import ftps_probe as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
