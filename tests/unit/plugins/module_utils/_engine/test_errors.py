# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error tree: stable codes, and one way to attach an error to an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NoSpace,
    Stalled,
    SyncError,
)

ENGINE = Path(errors.__file__).parent
BESIDES_AT = re.compile(r"\btype\(\w+\)\(|^\s*(?!self\b)[\w.]+\.(path|cure|message) = ", re.MULTILINE)
"""A copy of an error by its class, or a change of an error that others may hold."""


def kinds(base: type[SyncError] = SyncError) -> Iterator[type[SyncError]]:
    for kind in base.__subclasses__():
        yield from (kind, *kinds(kind))


def test_an_error_at_an_item_is_the_same_fact_there() -> None:
    error = NoSpace("the disk is full", path=b"stage.tmp")
    placed = error.at(b"a/b", cure="Free space.")
    assert type(placed) is NoSpace
    assert (placed.message, str(placed)) == ("the disk is full", "the disk is full")
    assert (placed.path, placed.cure) == (b"a/b", "Free space.")
    assert placed.__cause__ is error
    assert (error.path, error.cure) == (b"stage.tmp", "")


def test_a_cure_is_kept_and_a_message_replaced() -> None:
    error = ConnectionLost("closed", cure="Read the server's log.")
    placed = error.at(None, message="the session was lost: closed", cure="Run again.")
    assert placed.path is None
    assert placed.message == "the session was lost: closed"
    assert placed.cure == "Read the server's log."
    assert placed.retryable


def test_every_error_of_the_module_is_drawn_and_has_a_code_of_its_own() -> None:
    here = [kind for kind in kinds() if kind.__module__ == errors.__name__]
    drawn = re.findall(r"^ {4}[|` ]*(?:[|`]-- )?([A-Z]\w+)", str(errors.__doc__), re.M)
    assert sorted({"SyncError", *(kind.__name__ for kind in here)}) == sorted(drawn)
    assert len({kind.code for kind in here}) == len(here)


def test_only_lost_and_failed_connections_are_retryable() -> None:
    retryable = {kind.__name__ for kind in kinds() if kind.retryable and kind.__module__ == errors.__name__}
    lost = {"ConnectTimeout", "ConnectionFailed", "ConnectionLost", "Stalled", "TooManyConnections"}
    assert retryable == {*lost, "IssuerUnavailable"}
    assert issubclass(Stalled, ConnectionLost)


def test_at_is_the_only_way() -> None:
    found = [
        f"{path.relative_to(ENGINE)}: {match.group().strip()}"
        for path in ENGINE.rglob("*.py")
        if path.name != "errors.py"
        for match in BESIDES_AT.finditer(path.read_text())
    ]
    assert found == []
