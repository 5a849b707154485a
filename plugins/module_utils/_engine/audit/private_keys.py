# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private keys of a host, as observed. A host without a key of the expected kind shows nothing."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping

from .control import CLIENT, FTPS_SERVER, SFTP_SERVER, NotMeasured, Subject

_EXPECTED: Mapping[str, str] = {SFTP_SERVER: "host", FTPS_SERVER: "tls", CLIENT: "job"}
"""Kind of a host -> kind of a key that it has."""


def private_keys(subject: Subject, kind: str) -> Iterator[Dict[str, Any]]:
    """Yield keys and their directories. Raises NotMeasured at the end without a key that this kind of host has."""
    found = subject.values["key_files"]
    yield from found
    if not any(each["kind"] == _EXPECTED[kind] for each in found):
        raise NotMeasured("key_files: there is no %s key" % _EXPECTED[kind])
