# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read names and key of a certificate signing request (PKCS #10, RFC 2986 section 4.1) from its DER."""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple

from .certificate import alternative_names, extensions_in
from .der import SEQUENCE, SET, Value, object_id
from .spki import pin_of_key

_ATTRIBUTES = 0xA0
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_FIELDS = 4
"""Version, subject, key, attributes."""


class RequestFacts(NamedTuple):
    """The fields of a certificate request.

    names: DNS names and addresses
    pin: of the key, "sha256//BASE64"
    """

    names: Tuple[str, ...]
    pin: str


def read_request(der: bytes) -> RequestFacts:
    """Parse a request. Raises ValueError, and nothing else, for other bytes."""
    whole = list(Value.whole(der).parts())
    fields = list(whole[0].of(SEQUENCE).parts()) if whole else []
    if len(fields) != _FIELDS:
        raise ValueError("a request must have %d fields" % _FIELDS)
    subject, key, attributes = fields[1:]
    # The key with its header, which begins where the subject ends.
    return RequestFacts(tuple(alternative_names(_extensions(attributes))), pin_of_key(der[subject.end : key.end]))


def _extensions(attributes: Value) -> Dict[str, bytes]:
    for attribute in attributes.of(_ATTRIBUTES).parts():
        kind, values = list(attribute.of(SEQUENCE).parts())[:2]
        if object_id(kind) == _EXTENSION_REQUEST:
            return extensions_in(Value.at(values.of(SET).data, values.start, values.end))
    return {}
