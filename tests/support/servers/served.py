# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of a running server.

server = served(Sshd, jail=True)
server = served_by_each(Vsftpd, ProftpdFtps)
"""

from __future__ import annotations

__all__ = ["served", "served_by_each"]

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest


def served(kind: Callable[..., Any], *, scope: Literal["module", "function"] = "module", **options: Any) -> Any:
    """Return the fixture of one running server with these options, for the whole file or for each test."""

    @pytest.fixture(scope=scope)
    def server() -> Iterator[Any]:
        with kind(**options) as running:
            yield running

    return server


def served_by_each(*kinds: type[Any]) -> Any:
    """Return the fixture of a running server of each kind in turn; the ids of the tests name it."""

    @pytest.fixture(scope="module", params=kinds, ids=lambda kind: kind.__name__)
    def server(request: pytest.FixtureRequest) -> Iterator[Any]:
        with request.param() as running:
            yield running

    return server
