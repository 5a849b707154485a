# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `host_keys`: the task's own list of a server's keys."""

from __future__ import annotations

from typing import FrozenSet, Iterable, NamedTuple, Tuple

from ..errors import InvalidRequest
from ..model.display import display
from .fingerprint import PublicKey, is_fingerprint, parse_plain_key
from .known_hosts import CERT_AUTHORITY, REVOKED, KnownHost

_CURE = 'Use "TYPE BASE64", "SHA256:...", "@cert-authority TYPE BASE64" or "@revoked TYPE BASE64".'


class HostKeys(NamedTuple):
    """`entries`: keys, authorities and revoked keys, all for the host pattern "*"; `fingerprints`: "SHA256:..."."""

    entries: Tuple[KnownHost, ...]
    fingerprints: FrozenSet[str]

    @property
    def known_hosts_text(self) -> str:
        """Return the entries in known_hosts form."""
        return "".join(f"{e.marker and e.marker + ' '}* {e.key.text}\n" for e in self.entries)


def parse_host_keys(lines: Iterable[str]) -> HostKeys:
    """Read the option; raises InvalidRequest naming the first line that is none of the forms."""
    entries, fingerprints = [], set()
    for line in lines:
        fields = line.split()
        marker = fields.pop(0) if fields and fields[0] in (CERT_AUTHORITY, REVOKED) else ""
        if not marker and len(fields) >= 1 and is_fingerprint(fields[0]):
            fingerprints.add(fields[0])
        else:
            entries.append(KnownHost(marker, "*", _key(line, fields)))
    return HostKeys(tuple(entries), frozenset(fingerprints))


def _key(line: str, fields: list[str]) -> PublicKey:
    try:
        return parse_plain_key(fields[0], fields[1])
    except (IndexError, ValueError):
        shown = display(line.encode("utf-8", "surrogateescape")[:80])
        raise InvalidRequest(f'host_keys: "{shown}" is not a host key', cure=_CURE) from None
