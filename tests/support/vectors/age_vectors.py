# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test vectors of C2SP for age files (github.com/C2SP/CCTV, folder age/testdata), unchanged, in one archive."""

from __future__ import annotations

__all__ = ["AgeVector", "age_vectors"]

import functools
import tarfile
import zlib
from pathlib import Path
from typing import NamedTuple

_ARCHIVE = Path(__file__).with_name("age.tar.xz")


class AgeVector(NamedTuple):
    """One file and its expected result.

    expect: "success", or the part of the file that fails
    payload: SHA-256 of the content, in hexadecimal digits; empty if there is none
    """

    name: str
    expect: str
    payload: str
    identities: tuple[str, ...]
    passphrase: bool
    armored: bool
    sealed: bytes


@functools.cache
def age_vectors() -> dict[str, AgeVector]:
    """Return all vectors by their names."""
    with tarfile.open(_ARCHIVE) as archive:
        contents = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: _parse(name, file.read()) for name, file in contents.items() if file is not None}


def _parse(name: str, content: bytes) -> AgeVector:
    head, _empty, sealed = content.partition(b"\n\n")
    fields = [(key, value) for key, _colon, value in (line.partition(": ") for line in head.decode().splitlines())]
    values = dict(fields)
    return AgeVector(
        name,
        values["expect"],
        values.get("payload", ""),
        tuple(value for key, value in fields if key == "identity"),
        "passphrase" in values,
        "armored" in values,
        zlib.decompress(sealed) if values.get("compressed") == "zlib" else sealed,
    )
