#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the TLS of an FTPS server to a policy, on the wire and in its configuration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_policy
short_description: Hold the TLS of an FTPS server to a policy, on the wire and in its configuration
version_added: 0.2.0
description:
  - Does one of two jobs. With O(endpoint) it checks a live server. With O(service) it writes the TLS part of the
    configuration of the server on this host.
  - A check looks at a live server and returns every difference from a policy as data, whether or not the task fails.
    It sees versions from SSLv3 to TLS 1.3, cipher suites, groups of the key exchange, certificates, renegotiation,
    compression and the wish for a client certificate as they are on the wire. It writes the first message of a
    handshake itself, so that what this host's OpenSSL has forgotten is seen as well.
  - Of FTPS it also sees what TLS scanners do not look at. Logins in clear, commands smuggled in behind C(AUTH TLS) and,
    with an account, data connections - C(PROT C), listings in clear, sessions that are not the control connection's,
    another certificate, C(CCC).
  - A check changes nothing. With an account listings of its login directory are asked for, and nothing is written. From
    a server that gives listings in clear they come in clear, so use an account whose directory is empty.
  - What is written is a block of lines with the option names that the installed program takes; older TLS lines of the
    same file become comments. Before the file is replaced, the program serves a copy of the new configuration on a port
    of loopback, where a login, C(LIST), C(STOR) and C(RETR) over TLS must go well, and a check must find nothing of
    medium severity or worse. Otherwise nothing is changed.
  - The service is not restarted. Let a handler do that.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
    details:
      - With O(service) the new configuration is served on loopback as well, so that it fails where the task would.
  diff_mode:
    support: full
    details:
      - Shows the lines of O(config_file) that change and no others. A check has no diff.
  idempotent:
    support: full
  safe_file_operations:
    support: full
  platform:
    support: full
    platforms: posix
options:
  endpoint:
    description:
      - The server to check. Either this or O(service).
    type: dict
    suboptions:
      protocol:
        description:
          - V(ftps) for FTP over TLS, V(tls) for any server that speaks TLS from the first byte.
        type: str
        choices: [ftps, tls]
        default: ftps
      host:
        description:
          - Name or address of the server; its certificate must be for it.
        type: str
        required: true
      port:
        description:
          - TCP port. If not given, 21 or, with O(endpoint.tls_mode=implicit), 990; required with
            O(endpoint.protocol=tls).
        type: int
      username:
        description:
          - Account for the checks of data connections. Without one they are named in RV(not_checked).
        type: str
      password:
        description:
          - Password of the account. It goes to a server only that O(endpoint.ca_file), the name and
            O(endpoint.tls_pins) have proven.
        type: str
      tls_mode:
        description:
          - How TLS begins with FTPS, V(explicit) behind C(AUTH TLS), V(implicit) with the first byte.
        type: str
        choices: [explicit, implicit]
        default: explicit
      ca_file:
        description:
          - PEM file with the certificates of the authorities that may sign the server's. If not given, the system's.
        type: path
      tls_pins:
        description:
          - Public keys, one of which each certificate of the server must have, as C(sha256//) and base64.
        type: list
        elements: str
      client_cert_file:
        description:
          - PEM file with the certificate to log in with.
        type: path
      client_key_file:
        description:
          - PEM file with its key. If not given, the key stands in O(endpoint.client_cert_file).
        type: path
      client_key_passphrase:
        description:
          - Passphrase of that key.
        type: str
      connect_timeout:
        description:
          - Seconds that the server has for each connection, and for each answer.
        type: float
        default: 10.0
  service:
    description:
      - The server on this host whose configuration is written. Its program must be installed here.
      - O(certificate_file) and O(private_key_file) are required with it.
    type: str
    choices: [vsftpd, proftpd]
  config_file:
    description:
      - Its configuration file. If not given, C(/etc/vsftpd.conf) or C(/etc/proftpd/proftpd.conf).
      - It must be there already. Owner and mode stay; a link is refused.
    type: path
  certificate_file:
    description:
      - PEM file with the server's certificate, followed by those of its intermediate authorities.
    type: path
  private_key_file:
    description:
      - PEM file with its key, without a passphrase, and closed to others.
    type: path
  client_ca_file:
    description:
      - PEM file with the certificates of the authorities that may sign those of clients; for O(require_client_cert).
    type: path
  profile:
    description:
      - What the server is held to.
      - V(modern-2026) and V(intermediate-2026) follow the levels of these names of Mozilla's Server Side TLS 5.8, with
        what RFC 9325 demands, and tell where BSI TR-02102-2 asks for more.
      - V(modern) and V(intermediate) are the newest of each, so that an update of the collection may change the
        verdict.
      - Or a dictionary, for a profile of your own. C(base) is one of these names, V(intermediate) if not given. In
        place of its parts come C(versions), C(suites) and C(groups), lists of the names that IANA has, and
        C(rsa_bits), C(expiry_days), C(lifespan_days). What is weak is refused.
    type: raw
    default: intermediate
  require_client_cert:
    description:
      - Whether the server must demand a client certificate.
    type: bool
    default: false
  require_session_reuse:
    description:
      - Whether data connections must resume the TLS session of the control connection.
    type: bool
    default: true
  settings:
    description:
      - Further options of the server on this host, by the names that its manual has. Truths become V(YES) and V(NO) for
        vsftpd, V(on) and V(off) for ProFTPD. Write modes as text, such as V("027").
      - They stand in the same block, older lines of the same names become comments, and what is tried on loopback has
        them too, but for ports, addresses, logs, limits and accounts, which are the trial's own.
      - Options of TLS are refused, they are what the profile is for.
    type: dict
  fail_on:
    description:
      - The least severity that makes a check fail; V(none) for no failure. C(critical) is above V(high).
    type: str
    choices: [none, low, medium, high]
    default: high
  pause:
    description:
      - Seconds between two connections to O(endpoint). A check makes 30 to 80, one at a time.
      - Raise it where the server or a firewall counts connections against this host.
    type: float
    default: 0.1
notes:
  - Of versions before TLS 1.3 all certificates are seen that the server has; of a server that speaks TLS 1.3 alone the
    one that it prefers.
  - With O(service) run it as root, for the program needs that. It is tried with an anonymous account of its own in a
    private directory; no account of the host, no password and nothing of the running service is touched.
  - A server logs the handshakes that are not completed. Do not run it against servers of others without their consent.
seealso:
  - module: secure.ftp_synchronize.secure_sync
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: Check the control connection of an FTPS server
  secure.ftp_synchronize.tls_policy:
    endpoint:
      host: ftp.example.com

- name: Check data connections too, and fail on whatever is of medium severity
  secure.ftp_synchronize.tls_policy:
    endpoint:
      host: ftp.example.com
      username: deploy
      password: "{{ ftps_password }}"
      ca_file: /etc/ssl/partner_ca.pem
    profile: modern-2026
    fail_on: medium

- name: Write the policy into the vsftpd of this host
  secure.ftp_synchronize.tls_policy:
    service: vsftpd
    profile: intermediate-2026
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
  notify: Restart vsftpd

- name: Demand certificates of the clients of ProFTPD, and TLS 1.3 alone
  secure.ftp_synchronize.tls_policy:
    service: proftpd
    profile:
      base: modern-2026
      expiry_days: 30
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
    require_client_cert: true
    client_ca_file: /etc/ssl/clients_ca.pem
  notify: Restart ProFTPD

- name: Write the policy, and let nobody in without an account
  secure.ftp_synchronize.tls_policy:
    service: vsftpd
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
    settings:
      anonymous_enable: false
      local_umask: "027"
      max_per_ip: 5
  notify: Restart vsftpd

- name: Look at a web server
  secure.ftp_synchronize.tls_policy:
    endpoint:
      protocol: tls
      host: www.example.com
      port: 443
    fail_on: none
  register: web

- name: Tell what was found
  ansible.builtin.debug:
    msg: "{{ web.findings | map(attribute='observed') }}"
"""

RETURN = r"""
msg:
  description: One line that counts the findings, says what was written or, if the task failed, says why.
  returned: always
  type: str
  sample: 1 high, 3 low
profile:
  description: The profile with its year.
  returned: when a server was reached or could be set up
  type: str
  sample: intermediate-2026
service:
  description: Name of the server that is set up.
  returned: success, with O(service)
  type: str
  sample: vsftpd
service_version:
  description: The version that its program tells.
  returned: success, with O(service)
  type: str
  sample: 3.0.5
config_file:
  description: The file that is or would be written.
  returned: success, with O(service)
  type: str
  sample: /etc/vsftpd.conf
options:
  description: The options of the block, each with C(name), as the installed program takes it, and C(value).
  returned: success, with O(service)
  type: list
  elements: dict
  sample:
    - name: ssl_tlsv12
      value: "YES"
block:
  description: The block as it stands or would stand in the file.
  returned: success, with O(service)
  type: str
  sample: "# BEGIN secure.ftp_synchronize.tls_policy"
tried:
  description: The session in which the new configuration served on loopback; null if there was nothing to change.
  returned: success, with O(service)
  type: dict
  contains:
    protocol:
      description: Version of TLS.
      type: str
      sample: TLSv1.3
    cipher:
      description: The suite.
      type: str
      sample: TLS_AES_256_GCM_SHA384
    data_channel_resumed:
      description: Whether its data connections resumed its TLS session.
      type: bool
      sample: true
diff:
  description: The lines that change, in C(prepared).
  returned: in diff mode, with O(service)
  type: dict
  sample: {"prepared": "+ssl_tlsv12=YES"}
findings:
  description:
    - Every difference, the most severe first; also of a check that failed.
    - With O(service) those of the new configuration on loopback; none if there was nothing to change.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the kind of difference.
      type: str
      sample: protocol_version
    severity:
      description: One of C(critical), C(high), C(medium), C(low), C(info).
      type: str
      sample: high
    observed:
      description: What was seen.
      type: str
      sample: TLSv1 is offered
    wanted:
      description: What the policy asks for.
      type: str
      sample: TLSv1.2, TLSv1.3 alone
    source:
      description: Who says so.
      type: str
      sample: RFC 8996, RFC 9325 section 3.1.1
counts:
  description: How many findings there are of each severity.
  returned: always
  type: dict
  sample: {"critical": 0, "high": 1, "medium": 0, "low": 3, "info": 0}
observed:
  description: What was seen, without a judgement.
  returned: when a server was checked
  type: dict
  contains:
    versions:
      description:
        - Each version with C(version), C(suites) and C(groups) in the order in which the server chose them, C(dh_bits),
          C(compression), C(secure_renegotiation) and C(extended_master_secret).
      type: list
      elements: dict
      sample: []
    certificates:
      description: The certificates that the server shows, with names, dates, key, signature, fingerprint and pin.
      type: list
      elements: dict
      sample: []
    chain_trusted:
      description: Whether an authority vouches for the server; null if it could not be found out.
      type: bool
      sample: true
    client_certificate:
      description: Whether one is C(required), C(optional) or C(not_asked); null if it could not be found out.
      type: str
      sample: not_asked
    clear_login:
      description: Whether a user name is taken without TLS; null without explicit FTPS.
      type: bool
      sample: false
    clear_anonymous:
      description: Whether C(anonymous) is logged in without TLS.
      type: bool
      sample: false
    command_injection:
      description: Whether a command in clear behind C(AUTH TLS) was carried out inside TLS.
      type: bool
      sample: false
    data:
      description:
        - Data connections, null if they were not looked at. C(protected) is empty if a listing came over TLS, else says
          why not; C(resumed), C(reuse_demanded), C(same_certificate), C(clear_first), C(prot_c), C(clear) and C(ccc)
          are what was seen.
      type: dict
      sample: {}
    connections:
      description: How many connections were made.
      type: int
      sample: 38
not_checked:
  description: What was not looked at, each with C(what) and C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - what: data connections
      why: no account was given
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description: C(policy_not_met), or the stable name of the kind of error.
      type: str
      sample: policy_not_met
    path:
      description: Always null.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "ftp.example.com: 1 of severity high or more against intermediate-2026: TLSv1 is offered"
    cure:
      description: Recommended action.
      type: str
      sample: See findings; fail_on says what fails the task.
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._edge import boundary
from ..module_utils._edge.tls_policy import params as tls_policy_params
from ..module_utils._edge.tls_policy import results as tls_policy_results
from ..module_utils._edge.tls_policy.tls_policy import carry_out


def main() -> None:
    module = AnsibleModule(
        argument_spec=tls_policy_params.tls_policy(), supports_check_mode=True, **tls_policy_params.tls_policy_rules()
    )
    work = partial(carry_out, module.params, check_mode=module.check_mode, diff=module._diff)
    boundary.run(module, work, blank=tls_policy_results.blank_check())


if __name__ == "__main__":
    main()
