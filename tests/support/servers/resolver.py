# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""unbound on 127.0.0.1:53, which validates a signed zone with one host and its SSHFP records. Root only.

It needs network and mount namespaces of its own. The zone is served by this process, on 127.0.0.2:53.
"""

from __future__ import annotations

__all__ = ["FORGED", "HOST", "SIGNED", "UNSIGNED", "Resolver"]

import base64
import contextlib
import hashlib
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import dns.dnssec
import dns.message
import dns.query
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "files.test"
SIGNED, UNSIGNED, FORGED = "signed", "unsigned", "forged"
"""FORGED: by a key that unbound does not know."""

_RESOLVER, _AUTHORITY = "127.0.0.1", "127.0.0.2"
_ALGORITHMS = {"ssh-rsa": 1, "ecdsa-sha2-nistp256": 3, "ssh-ed25519": 4}
_DAY = 86400
_CONFIGURATION = """server:
  interface: 127.0.0.1
  do-ip6: no
  do-not-query-localhost: no
  qname-minimisation: no
  local-zone: "test." nodefault
  username: ""
  chroot: ""
  pidfile: ""
  directory: "/run"
  use-syslog: no
  {anchor}
remote-control:
  control-enable: no
stub-zone:
  name: "files.test"
  stub-addr: 127.0.0.2
"""


class Resolver:
    """A resolver and the zone that it validates.

    root: server_root(["unbound"]), made where there is a network.
    public_keys: TYPE BASE64, each with a record.
    zone: SIGNED, UNSIGNED or FORGED.
    digests: the types of the records' fingerprints.
    """

    def __init__(
        self, root: Path, public_keys: list[str], *, zone: str = SIGNED, digests: tuple[int, ...] = (2,)
    ) -> None:
        self._root = root
        records = [_record(public, digest) for public in public_keys for digest in digests]
        self._zone = dns.zone.from_text(
            "\n".join(["@ SOA ns h 1 3600 600 86400 60", "@ NS ns", "ns A 127.0.0.2", "@ A 127.0.0.1", *records]),
            origin=HOST + ".",
            relativize=False,
        )
        known, unknown = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
        if zone != UNSIGNED:
            _sign(self._zone, unknown if zone == FORGED else known)
        anchor = "" if zone == UNSIGNED else 'trust-anchor: "%s. DNSKEY %s"' % (HOST, _public(known).to_text())
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((_AUTHORITY, 53))
        threading.Thread(target=self._serve, daemon=True).start()
        self._directory = tempfile.TemporaryDirectory(prefix="unbound-")
        Path(self._directory.name, "unbound.conf").write_text(_CONFIGURATION.format(anchor=anchor))

    def __enter__(self) -> Self:
        subprocess.run(["mount", "--bind", self._directory.name, self._root / "run"], check=True)
        command = ["chroot", self._root, "/usr/sbin/unbound", "-d", "-c", "/run/unbound.conf"]
        self._unbound = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._wait()
        return self

    def __exit__(self, *_error: object) -> None:
        self._unbound.kill()
        self._unbound.communicate()

    def _wait(self) -> None:
        question = dns.message.make_query(HOST, "A")
        until = time.monotonic() + 20
        while self._unbound.poll() is None and time.monotonic() < until:
            with contextlib.suppress(dns.exception.Timeout, OSError):
                dns.query.udp(question, _RESOLVER, timeout=1)
                return
            time.sleep(0.05)
        self._unbound.kill()
        raise RuntimeError("unbound does not answer: %s" % self._unbound.communicate()[1])

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(4096)
            with contextlib.suppress(dns.exception.DNSException):
                self._socket.sendto(self._answer(dns.message.from_wire(query)).to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        """The records that are asked for with their signatures, or the proof that there are none."""
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        name, kind = query.question[0].name, query.question[0].rdtype
        node = self._zone.get_node(name)
        kinds = [kind] if node is not None and node.get_rdataset(dns.rdataclass.IN, kind) else ["SOA", "NSEC"]
        section = response.answer if kinds == [kind] else response.authority
        for each in map(dns.rdatatype.RdataType.make, kinds):
            self._add(section, name if node is not None else self._zone.origin, each)
        return response

    def _add(self, section: list[dns.rrset.RRset], name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
        signature = self._zone.get_rrset(name, dns.rdatatype.RRSIG, covers=kind)
        section += filter(None, (self._zone.get_rrset(name, kind), signature))


def _sign(zone: dns.zone.Zone, private: ec.EllipticCurvePrivateKey) -> None:
    now = time.time()
    with zone.writer() as writer:
        dns.dnssec.sign_zone(
            zone, txn=writer, keys=[(private, _public(private))], inception=now - _DAY, expiration=now + _DAY
        )


def _public(private: ec.EllipticCurvePrivateKey) -> dns.rdtypes.ANY.DNSKEY.DNSKEY:
    return dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257)


def _record(public: str, digest: int) -> str:
    kind, encoded = public.split()[:2]
    fingerprint = (hashlib.sha256 if digest == 2 else hashlib.sha1)(base64.b64decode(encoded))
    return "@ SSHFP %d %d %s" % (_ALGORITHMS[kind], digest, fingerprint.hexdigest())
