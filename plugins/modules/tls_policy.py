#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the TLS of an FTPS server to a policy, on the wire and in its configuration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_policy
short_description: Check the TLS of an FTPS server against a policy, and write its configuration
version_added: 0.2.0
description:
  - Does one of two jobs. With O(endpoint) it checks a live server. With O(service) it writes the TLS part of the
    configuration of the server on this host.
  - A check contacts a live server and returns every difference from a policy as data, whether or not the task fails.
    It covers versions from SSLv3 to TLS 1.3, cipher suites, groups of the key exchange, certificates, renegotiation,
    compression and the request for a client certificate as they are on the wire. It builds the first message of a
    handshake itself, so it also finds features that this host's OpenSSL no longer supports.
  - For FTPS it also checks properties that TLS scanners do not cover. These are logins in cleartext, commands injected
    after C(AUTH TLS) and, with an account, data connections - C(PROT C), listings in cleartext, TLS sessions other than
    the session of the control connection, another certificate, C(CCC).
  - A check changes nothing. With an account it lists the login directory, and writes nothing. If the server allows
    listings in cleartext, the check receives them in cleartext, so use an account with an empty directory.
  - The module writes a block of lines with the option names that the installed program accepts; older TLS lines of the
    same file become comments. Before it replaces the file, the program serves a copy of the new configuration on a
    loopback port, where a login, C(LIST), C(STOR) and C(RETR) over TLS must succeed, and a check must find nothing of
    medium severity or worse. Otherwise nothing is changed.
  - The service is not restarted. Use a handler for the restart.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    details:
      - With O(service) the new configuration is served on loopback too, so that check mode fails if the task would.
  diff_mode:
    details: Shows only the lines of O(config_file) that change. A check has no diff.
options:
  endpoint:
    description: The server to check. Set either this or O(service).
    type: dict
    suboptions:
      protocol:
        description: V(ftps) for FTP over TLS, V(tls) for any server that speaks TLS from the first byte.
        type: str
        choices: [ftps, tls]
        default: ftps
      host:
        description: Name or address of the server; its certificate must be valid for it.
        type: str
        required: true
      port:
        description:
          - TCP port. If not given, 21 or, with O(endpoint.tls_mode=implicit), 990; required with
            O(endpoint.protocol=tls).
        type: int
      username:
        description: Account for the checks of data connections. Without it, they are listed in RV(not_checked).
        type: str
      password:
        description:
          - Password of the account. It is sent only to a server that is proven by O(endpoint.ca_file), the name and
            O(endpoint.tls_pins).
        type: str
      tls_mode:
        description: How TLS begins with FTPS, V(explicit) after C(AUTH TLS), V(implicit) with the first byte.
        type: str
        choices: [explicit, implicit]
        default: explicit
      ca_file:
        description:
          - PEM file with the certificates of the authorities that may sign the server's certificate. If not given,
            the system's authorities.
        type: path
      tls_pins:
        description:
          - Pins of public keys, as C(sha256//) and base64. Each certificate of the server must match one of them.
        type: list
        elements: str
      client_cert_file:
        description: PEM file with the certificate to log in with.
        type: path
      client_key_file:
        description: PEM file with its key. If not given, the key is read from O(endpoint.client_cert_file).
        type: path
      client_key_passphrase:
        description: Passphrase of that key.
        type: str
      connect_timeout:
        description: Timeout in seconds for each connection, and for each answer.
        type: float
        default: 10.0
  service:
    description:
      - The server on this host to configure. Its program must be installed here.
      - O(certificate_file) and O(private_key_file) are required with it.
    type: str
    choices: [vsftpd, proftpd]
  config_file:
    description:
      - Its configuration file. If not given, C(/etc/vsftpd.conf) or C(/etc/proftpd/proftpd.conf).
      - It must exist. Owner and mode are kept; a link is refused.
    type: path
  certificate_file:
    description: PEM file with the server's certificate, followed by the certificates of its intermediate authorities.
    type: path
  private_key_file:
    description: PEM file with its key, without a passphrase, and not accessible to others.
    type: path
  client_ca_file:
    description:
      - PEM file with the certificates of the authorities that may sign client certificates; for O(require_client_cert).
    type: path
  profile:
    description:
      - The policy for the server.
      - V(modern-2026) and V(intermediate-2026) follow the levels of these names of Mozilla's Server Side TLS 5.8 and
        the requirements of RFC 9325, and report stricter requirements of BSI TR-02102-2.
      - V(modern) and V(intermediate) are aliases of the newest profiles, so an update of the collection may change the
        verdict.
      - Or a dictionary, for a custom profile. C(base) is one of these names, V(intermediate) if not given. Its parts
        are replaced by C(versions), C(suites) and C(groups), lists of IANA names, and by C(rsa_bits), C(expiry_days),
        C(lifespan_days). Weak values are refused.
    type: raw
    default: intermediate
  require_client_cert:
    description: Whether the server must require a client certificate.
    type: bool
    default: false
  require_session_reuse:
    description: Whether data connections must resume the TLS session of the control connection.
    type: bool
    default: true
  settings:
    description:
      - Further options of the server on this host, by the names in its manual. Booleans become V(YES) and V(NO) for
        vsftpd, V(on) and V(off) for ProFTPD. Write modes as strings, such as V("027").
      - They are written to the same block, and older lines of the same names become comments. The trial on loopback
        uses them too, except ports, addresses, logs, limits and accounts, for which it has its own values.
      - TLS options are refused, because the profile sets them.
    type: dict
  fail_on:
    description: The lowest severity that fails a check; V(none) for no failure. C(critical) is above V(high).
    type: str
    choices: [none, low, medium, high]
    default: high
  pause:
    description:
      - Seconds between two connections to O(endpoint). A check makes 30 to 80, one at a time.
      - Raise it if the server or a firewall limits connections from this host.
    type: float
    default: 0.1
  marked_login:
    description:
      - Whether to attempt one login that the server must refuse, after all other checks. Its user name has a mark and
        imitates a login of another address in the log; its password is random. RV(mark) is the mark, by which the
        events of the server are searched, as M(secure.ftp_synchronize.audit_observe) does.
      - The name is sent only inside TLS, to a server that is proven by O(endpoint.ca_file), the name and
        O(endpoint.tls_pins). If the server requires a client certificate that is missing, RV(not_checked) has
        C(marked login).
      - A server with a list of users may refuse the name before a password; vsftpd writes no line about it. With
        O(endpoint.username), the module then requests the deletion of a file of such a name, which does not exist.
      - The login is not tried in check mode.
    type: bool
    default: false
notes:
  - For versions before TLS 1.3 the check finds all certificates of the server; for a server that supports only TLS
    1.3, it finds the preferred certificate.
  - With O(service) run it as root, because the program needs root. The trial uses its own anonymous account in a
    private directory; it touches no account of the host, no password and no running service.
  - The server logs the incomplete handshakes. Check servers of others only with their consent.
seealso:
  - module: secure.ftp_synchronize.secure_sync
  - module: secure.ftp_synchronize.host_key_pin
"""

EXAMPLES = r"""
- name: Check the control connection of an FTPS server
  secure.ftp_synchronize.tls_policy:
    endpoint:
      host: ftp.example.com

- name: Check data connections too, and fail on findings of medium severity or worse
  secure.ftp_synchronize.tls_policy:
    endpoint:
      host: ftp.example.com
      username: deploy
      password: "{{ ftps_password }}"
      ca_file: /etc/ssl/partner_ca.pem
    profile: modern-2026
    fail_on: medium

- name: Leave a mark in the log of the server
  secure.ftp_synchronize.tls_policy:
    endpoint:
      host: ftp.example.com
    marked_login: true
    fail_on: none
  register: checked

- name: Seek its event on the server
  secure.ftp_synchronize.audit_observe:
    marks: ["{{ checked.mark }}"]
  become: true
  delegate_to: ftp.example.com

- name: Write the policy into the vsftpd of this host
  secure.ftp_synchronize.tls_policy:
    service: vsftpd
    profile: intermediate-2026
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
  notify: Restart vsftpd

- name: Require client certificates for ProFTPD, and allow only TLS 1.3
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

- name: Write the policy, and disable anonymous logins
  secure.ftp_synchronize.tls_policy:
    service: vsftpd
    certificate_file: /etc/ssl/ftp_chain.pem
    private_key_file: /etc/ssl/private/ftp.pem
    settings:
      anonymous_enable: false
      local_umask: "027"
      max_per_ip: 5
  notify: Restart vsftpd

- name: Check a web server
  secure.ftp_synchronize.tls_policy:
    endpoint:
      protocol: tls
      host: www.example.com
      port: 443
    fail_on: none
  register: web

- name: Print the findings
  ansible.builtin.debug:
    msg: "{{ web.findings | map(attribute='observed') }}"
"""

RETURN = r"""
time:
  description: Time of the end of the check, in UTC, by the clock of the machine that made it.
  returned: when a server was checked
  type: str
  sample: "2026-12-01T04:10:00Z"
msg:
  description: Number of findings, and the written file or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 1 high, 3 low
profile:
  description: Name of the profile, with its year.
  returned: when a server was reached or could be set up
  type: str
  sample: intermediate-2026
service:
  description: Name of the configured server.
  returned: success, with O(service)
  type: str
  sample: vsftpd
service_version:
  description: Version that the server's program reports.
  returned: success, with O(service)
  type: str
  sample: 3.0.5
config_file:
  description: The file that was written or, in check mode, would be written.
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
  description: The block in the file, after the task.
  returned: success, with O(service)
  type: str
  sample: "# BEGIN secure.ftp_synchronize.tls_policy"
tried:
  description: The session in which the new configuration was served on loopback; null if there was no change.
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
      description: Whether data connections resumed the TLS session of the control connection.
      type: bool
      sample: true
diff:
  description: The lines that change, in C(prepared).
  returned: in diff mode, with O(service)
  type: dict
  sample: {"prepared": "+ssl_tlsv12=YES"}
findings:
  description:
    - All differences, the most severe first; also if a check failed.
    - With O(service), the findings for the new configuration on loopback; empty if there was no change.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Stable code of the finding.
      type: str
      sample: protocol_version
    severity:
      description: One of C(critical), C(high), C(medium), C(low), C(info).
      type: str
      sample: high
    observed:
      description: Observed value.
      type: str
      sample: TLSv1 is offered
    wanted:
      description: Value that the policy requires.
      type: str
      sample: TLSv1.2, TLSv1.3 alone
    source:
      description: Source of the requirement.
      type: str
      sample: RFC 8996, RFC 9325 section 3.1.1
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {"critical": 0, "high": 1, "medium": 0, "low": 3, "info": 0}
observed:
  description: Observed properties, without a verdict.
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
      description: The certificates of the server, with names, dates, key, signature, fingerprint and pin.
      type: list
      elements: dict
      sample: []
    chain_trusted:
      description: Whether an authority proves the server; null if unknown.
      type: bool
      sample: true
    client_certificate:
      description: Whether a client certificate is C(required), C(optional) or C(not_asked); null if unknown.
      type: str
      sample: not_asked
    clear_login:
      description:
        - Whether a user name is accepted without TLS; null without explicit FTPS, and if RV(not_checked) has
          C(cleartext login).
      type: bool
      sample: false
    clear_anonymous:
      description: Whether C(anonymous) is logged in without TLS.
      type: bool
      sample: false
    command_injection:
      description: Whether a cleartext command after C(AUTH TLS) was run inside TLS.
      type: bool
      sample: false
    data:
      description:
        - Data connections, null if they were not checked. C(protected) is empty if a listing came over TLS, else the
          reason; C(resumed), C(reuse_demanded), C(same_certificate), C(clear_first), C(prot_c), C(clear) and C(ccc) are
          the observed values.
      type: dict
      sample: {}
    connections:
      description: Number of connections.
      type: int
      sample: 38
not_checked:
  description: Properties that were not checked, each with C(what) and C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - what: data connections
      why: no account was given
mark:
  description:
    - The mark in the name of the refused login or, if the server refuses the name before a password, of the refused
      deletion. Empty if neither was made.
  returned: when a server was checked
  type: str
  sample: tls_probe-51ab0f0a9d1c5be2
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(policy_not_met), or the stable name of the kind of error.
  returned: failure
  type: dict
  sample:
    code: policy_not_met
    path:
    message: "ftp.example.com: 1 of severity high or more against intermediate-2026: TLSv1 is offered"
    cure: Read findings; fail_on sets the severity that fails the task.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.tls_policy import tls_policy as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
