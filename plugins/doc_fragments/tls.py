# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.tls`, explained."""

from __future__ import annotations

__all__ = ["ModuleDocFragment"]


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tls_mode:
    description:
      - How TLS begins, for O(protocol=ftps).
      - V(explicit) connects in the clear and changes to TLS by C(AUTH TLS) before anything else is said. A server that
        does not do so is refused.
      - V(implicit) speaks TLS from the first byte.
    type: str
    choices: [explicit, implicit]
    default: explicit
  ca_file:
    description:
      - PEM file with the certificates of the authorities that may sign the server's. With it the system's are not
        used. The certificate of a server that signed it itself can stand here as well.
      - If not given, the system's authorities decide.
    type: path
  tls_pins:
    description:
      - Public keys, one of which the server's certificate must have, in curl's form C(sha256//) and the base64 of the
        SHA-256 of the SubjectPublicKeyInfo.
      - They are checked in addition to chain, name and dates, not instead.
      - Give a second one, of a key that is kept in reserve, so that the server's key can be changed.
    type: list
    elements: str
  tls_pins_file:
    description:
      - File of such pins as M(secure.ftp_synchronize.host_key_pin) keeps it, a line C([host]:port sha256//... comment)
        for each. Pins that are not valid yet or no more do not count.
      - The file must have a valid pin for O(host) at O(port). Together with O(tls_pins) both count.
    type: path
  client_cert_file:
    description:
      - PEM file with the certificate that this end shows, followed by those of its intermediate authorities.
    type: path
  client_key_file:
    description:
      - PEM file with the key of O(client_cert_file). If not given, the key stands in that file.
    type: path
  client_key_passphrase:
    description:
      - Passphrase of that key.
    type: str
  tls_min_version:
    description:
      - The oldest version of TLS that will do.
    type: str
    choices: ["1.2", "1.3"]
    default: "1.2"
  tls_ciphers:
    description:
      - The ciphers that may be used with TLS 1.2, as openssl-ciphers(1) writes them. Those of TLS 1.3 are fixed.
      - A list that would let go of the server's proof or of secrecy (C(aNULL), C(eNULL), C(EXPORT), C(RC4), C(3DES),
        C(MD5), C(@SECLEVEL=0)) is refused.
      - If not given, Python's default.
    type: str
notes:
  - Over FTPS the certificate of the server must be signed by an authority of O(ca_file) or, without it, of the system,
    must be valid for O(host), and must not have expired; with O(tls_pins) its public key must be one of them. A server
    that is not proven is refused before any credential is sent. There is no option that turns this off.
"""
