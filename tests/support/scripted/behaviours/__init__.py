# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in which the tests' SFTP server can misbehave: one small class each, by name in `BEHAVIOURS`.

A behaviour is written `name` or `name=value`; bytes in a value are percent-encoded. Several can be combined.
"""

from __future__ import annotations

__all__ = ["BEHAVIOURS", "Behaviour", "parse"]

from urllib.parse import unquote_to_bytes

# Each of these enters its classes into the table.
from . import abilities, contents, copies, listings, poison, protocol, texts  # noqa: F401
from .base import BEHAVIOURS, Behaviour


def parse(text: str) -> Behaviour:
    """Return the behaviour that `text`, NAME or NAME=VALUE, stands for. KeyError if there is no such name."""
    name, _equals, value = text.partition("=")
    return BEHAVIOURS[name](unquote_to_bytes(value))
