# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of an account: hosts that were missed stay named, and it is opened only where it was closed everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.refusals import KeyCompromised
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, Refused
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.account_ledger import (
    CLOSED,
    JOBS,
    OPEN,
    Ledger,
    begun,
    format_ledger,
    missed,
    parse_ledger,
    recorded,
)

OLD, NEW = ("SHA256:" + letter * 43 for letter in "ab")
DOWN: dict[str, Any] = {"unreachable": True}


def at(state: str, *fingerprints: str) -> dict[str, Any]:
    return {"state": state, "fingerprints": list(fingerprints)}


def run(ledger: Ledger, state: str, *keys: str, jobs: bool = False, retired: str = "", **results: Any) -> Ledger:
    moved = begun(ledger, state, keys, retired.split(), jobs=jobs)
    return recorded(moved, [(name + JOBS if jobs else name, each) for name, each in results.items()], 1e9)


def test_a_server_that_is_down_is_named_until_it_is_closed() -> None:
    first = run(Ledger(), CLOSED, files1=at(CLOSED, OLD), files2=DOWN)
    assert (list(missed(first)), first.hosts["files2"].reason, first.fingerprints) == (
        ["files2"],
        "unreachable",
        (OLD,),
    )
    second = run(first, CLOSED, files1=at(CLOSED, OLD))
    assert second == first
    assert missed(run(second, CLOSED, files2=at(CLOSED))) == {}
    assert missed(begun(second, CLOSED, (), ["files2"], jobs=False)) == {}


def test_it_is_not_opened_before_it_is_closed_everywhere() -> None:
    closed = run(Ledger(), CLOSED, files1=at(CLOSED), files2=DOWN)
    with pytest.raises(Refused, match=r"is not closed on files2 \(unreachable\)"):
        begun(closed, OPEN, [NEW], (), jobs=False)
    opened = run(closed, OPEN, NEW, retired="files2", files1=at(OPEN))
    assert (opened.version, missed(opened)) == (2, {})


def test_former_keys_are_refused_whatever_the_hosts_answer() -> None:
    closed = run(Ledger(), CLOSED, files1=at(CLOSED, OLD))
    with pytest.raises(KeyCompromised):
        begun(closed, OPEN, [OLD], (), jobs=False)
    opened = run(closed, OPEN, NEW, files1=at(OPEN))
    with pytest.raises(KeyCompromised):
        begun(opened, OPEN, [OLD], (), jobs=False)
    again = run(opened, CLOSED, files1=at(CLOSED, NEW))
    assert again.fingerprints == (OLD, NEW)


def test_jobs_open_after_all_servers() -> None:
    closed = run(Ledger(), CLOSED, files1=at(CLOSED), files2=at(CLOSED))
    closed = run(closed, CLOSED, jobs=True, client=at(CLOSED))
    assert missed(closed) == {}
    half = run(closed, OPEN, NEW, files1=at(OPEN), files2=DOWN)
    assert set(missed(half)) == {"files2", "client (jobs)"}
    with pytest.raises(Refused, match="is not open on files2"):
        begun(half, OPEN, (), (), jobs=True)
    whole = run(half, OPEN, NEW, files2=at(OPEN))
    assert missed(run(whole, OPEN, jobs=True, client=at(OPEN))) == {}


def test_a_client_that_is_down_does_not_keep_the_account_closed() -> None:
    closed = run(Ledger(), CLOSED, files1=at(CLOSED))
    closed = run(closed, CLOSED, jobs=True, client=DOWN)
    assert set(missed(closed)) == {"client (jobs)"}
    assert begun(closed, OPEN, [NEW], (), jobs=False).version == 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "x",
        DOWN,
        {},
        at(OPEN),
        {**at(CLOSED), "failed": True, "error": {"code": "not_supported"}},
        {"state": ["closed"]},
        {"fingerprints": 1},
    ],
)
def test_answers_that_are_no_success(answer: Any) -> None:
    assert set(missed(run(Ledger(), CLOSED, files1=answer))) == {"files1"}


def test_fingerprints_that_are_none() -> None:
    assert run(Ledger(), CLOSED, files1=at(CLOSED, "x", OLD)).fingerprints == (OLD,)


def test_the_text() -> None:
    ledger = run(Ledger(), CLOSED, files1=at(CLOSED, OLD), files2=DOWN)
    assert parse_ledger(format_ledger(ledger)) == ledger
    assert parse_ledger("") == Ledger()
    for text in ("x", "[]", "{}", '{"hosts": {}, "state": "", "version": "x", "fingerprints": []}'):
        with pytest.raises(InvalidRequest):
            parse_ledger(text)
