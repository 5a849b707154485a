# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.tls`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tls_mode:
    description:
      - How TLS begins, for O(protocol=ftps).
      - V(explicit) connects in cleartext and changes to TLS with C(AUTH TLS) before any other command. A server that
        does not support it is refused.
      - V(implicit) uses TLS from the first byte.
    type: str
    choices: [explicit, implicit]
    default: explicit
  ca_file:
    description:
      - PEM file with the certificates of the authorities that may sign the server's certificate. If set, the system's
        authorities are not used. The file may also hold the self-signed certificate of a server.
      - If not given, the system's authorities are used.
    type: path
    aliases: [ca_path]
  tls_pins:
    description:
      - Pins of public keys, in curl's form C(sha256//) and the base64 of the SHA-256 of the SubjectPublicKeyInfo. The
        key of the server's certificate must match a pin.
      - They are checked in addition to chain, name and dates.
      - Add the pin of a reserve key, so that the server's key can be changed.
    type: list
    elements: str
  tls_pins_file:
    description:
      - File of pins as M(secure.ftp_synchronize.host_key_pin) writes it, with a line
        C([host]:port sha256//... comment) for each pin. Pins outside their validity are ignored.
      - The file must have a valid pin for O(host) at O(port). The pins of O(tls_pins) are accepted too.
    type: path
  client_cert_file:
    description: PEM file with the client certificate, followed by the certificates of its intermediate authorities.
    type: path
    aliases: [client_cert]
  client_key_file:
    description: PEM file with the key of O(client_cert_file). If not given, the key is read from that file.
    type: path
    aliases: [client_key]
  client_key_passphrase:
    description: Passphrase of the client key.
    type: str
  tls_min_version:
    description: The oldest accepted version of TLS.
    type: str
    choices: ["1.2", "1.3"]
    default: "1.2"
  tls_ciphers:
    description:
      - The accepted ciphers for TLS 1.2, in the form of openssl-ciphers(1). The ciphers of TLS 1.3 are fixed.
      - A list that would give up the server's proof or secrecy (C(aNULL), C(eNULL), C(EXPORT), C(RC4), C(3DES),
        C(MD5), C(@SECLEVEL=0)) is refused.
      - If not given, Python's default is used.
    type: str
notes:
  - Over FTPS the certificate of the server must be signed by an authority of O(ca_file) or, without it, of the system,
    must be valid for O(host), and must not have expired; with O(tls_pins) its public key must match a pin. A server
    that is not proven is refused before any credential is sent. No option turns this off.
"""
