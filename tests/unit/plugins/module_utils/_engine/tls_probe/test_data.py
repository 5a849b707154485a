# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test of data connections whose listing does not end. Tests of real servers: integration."""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Iterator
from typing import cast

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.transfer import DataReader, lines_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import DataFacts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe import data
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.dialer import Dialer, Target

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TARGET = Target(Endpoint(protocol="ftps", host="192.0.2.1"), Credentials(), TlsTrust(), pause=0.0, context=CONTEXT)


class Endless:
    """A server whose listing goes on as long as it is read."""

    def __init__(self, *_options: object, **_more: object) -> None:
        self._read = itertools.count()

    def login(self) -> None:
        """Succeed."""

    def read_into(self, view: memoryview) -> int:
        if next(self._read) > 20_000:
            pytest.fail("it is read for ever")
        view[:2] = b"x\n"
        return 2

    def list_lines(self, _verb: bytes, _argument: bytes = b"", **limits: float) -> Iterator[bytes]:
        return lines_of(cast("DataReader", self), **limits)

    def close(self) -> None:
        """Do nothing."""


def test_a_listing_ends_at_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "FtpsSession", Endless)
    monkeypatch.setattr(data, "_MOST_SECONDS", 0.01)
    facts = data._Probe(Dialer(TARGET)).protected(DataFacts())
    assert "takes more than" in str(facts.protected)
