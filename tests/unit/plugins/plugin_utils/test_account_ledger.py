# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of an account: hosts that were missed stay named, and it is opened only where it was closed everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.access import account_access
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.host import AccessReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    KeyCompromised,
    LedgerChanged,
    Refused,
)
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.account_ledger import (
    CLOSED,
    JOBS,
    OPEN,
    Ledger,
    begun,
    format_ledger,
    missed,
    overtaken,
    parse_ledger,
    recorded,
    require_version,
    servers,
)

OLD, NEW = ("SHA256:" + letter * 43 for letter in "ab")
DOWN: dict[str, Any] = {"unreachable": True}


def at(state: str, *fingerprints: str) -> dict[str, Any]:
    """Return the answer of account_access."""
    return account_access.result(AccessReport((), state, fingerprints))


def run(
    ledger: Ledger, state: str, *keys: str, jobs: bool = False, retired: str = "", needed: str = "", **results: Any
) -> Ledger:
    moved = begun(ledger, state, keys, retired.split(), needed.split(), jobs=jobs)
    pairs = [(name + JOBS if jobs else name, each) for name, each in results.items()]
    return recorded(moved, pairs, 1e9, needed.split(), retired.split())


def test_a_server_that_is_down_is_named_until_it_is_closed() -> None:
    first = run(Ledger(), CLOSED, files1=at(CLOSED, OLD), files2=DOWN)
    assert (list(missed(first)), first.hosts["files2"].reason) == (["files2"], "unreachable")
    assert first.fingerprints == {"files1": (OLD,)}
    second = run(first, CLOSED, files1=at(CLOSED, OLD))
    assert second == first
    assert missed(run(second, CLOSED, files2=at(CLOSED))) == {}
    assert missed(begun(second, CLOSED, (), ["files2"], jobs=False)) == {}


@pytest.mark.parametrize("answer", [DOWN, None, {**at(CLOSED), "failed": True}])
def test_a_server_that_was_closed_once_must_answer_again(answer: Any) -> None:
    """Others may have opened it meanwhile."""
    first = run(Ledger(), CLOSED, files1=at(CLOSED), files2=at(CLOSED))
    second = run(first, CLOSED, files1=at(CLOSED), files2=answer)
    assert list(missed(second)) == ["files2"]
    with pytest.raises(Refused):
        begun(second, OPEN, [NEW], (), jobs=False)


def test_servers_that_the_run_leaves_out() -> None:
    """By --limit, or because they failed before."""
    closed = run(Ledger(), CLOSED, needed="files1 files2", files1=at(CLOSED))
    assert (list(missed(closed)), closed.hosts["files2"].reason) == (["files2"], "not in the run")
    assert servers(closed) == ["files1", "files2"]
    with pytest.raises(Refused, match="is not closed on files2"):
        begun(closed, OPEN, [NEW], (), ["files1", "files2"], jobs=False)
    assert missed(run(closed, CLOSED, needed="files1 files2", retired="files2")) == {}


def test_a_server_that_was_never_closed_is_not_opened() -> None:
    with pytest.raises(Refused, match=r"account: was never closed$"):
        begun(Ledger(), OPEN, [NEW], (), jobs=False)
    closed = run(Ledger(), CLOSED, files1=at(CLOSED))
    for ledger in (closed, run(closed, OPEN, NEW, files1=at(OPEN))):
        with pytest.raises(Refused, match="was never closed on files3"):
            begun(ledger, OPEN, [NEW], (), ["files1", "files3"], jobs=False)
        assert begun(ledger, OPEN, [NEW], ["files3"], ["files1", "files3"], jobs=False).state == OPEN


def test_a_run_that_was_killed_after_it_began() -> None:
    """No server has the new state yet."""
    closed = run(Ledger(), CLOSED, files1=at(CLOSED), files2=at(CLOSED))
    opened = run(closed, OPEN, NEW)
    assert list(missed(opened)) == ["files1", "files2"]
    assert list(missed(run(opened, CLOSED))) == ["files1", "files2"]


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
    assert again.fingerprints == {"files1": (OLD, NEW)}


def test_the_host_that_claims_a_key_is_named() -> None:
    """It may be compromised, and name the new key of the account."""
    closed = run(Ledger(), CLOSED, files1=at(CLOSED), files2=at(CLOSED, NEW))
    with pytest.raises(KeyCompromised, match=f"keys: {re.escape(NEW)} .* by the answer of files2$"):
        begun(closed, OPEN, [NEW], ["files2"], jobs=False)


def test_a_host_that_does_not_answer_in_time_is_named_so() -> None:
    silent = {"failed": True, "msg": "Timed out after 600 second(s).", "timedout": {"period": 600}}
    assert run(Ledger(), CLOSED, files1=silent).hosts["files1"].reason == "no answer in time"


def test_keys_of_failed_answers_do_not_count() -> None:
    assert run(Ledger(), CLOSED, files1={**at(CLOSED, OLD), "failed": True}).fingerprints == {}
    assert run(Ledger(), CLOSED, files1=at(OPEN, OLD)).fingerprints == {}


def test_a_host_that_claims_very_many_keys() -> None:
    """It is not closed for the ledger: its other keys would be forgotten."""
    many = ["SHA256:" + f"{number:043d}" for number in range(1001)]
    closed = run(Ledger(), CLOSED, files1=at(CLOSED, *many), files2=at(CLOSED, *many[1:]))
    assert (list(missed(closed)), closed.hosts["files1"].reason) == (["files1"], "too_many_keys")
    assert set(closed.fingerprints) == {"files2"}
    assert list(missed(run(closed, CLOSED, files1=at(CLOSED), files2=at(CLOSED, many[0])))) == ["files2"]


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


def test_two_runs_at_once_leave_no_host_that_passes_for_done() -> None:
    """Either may have changed a host last. The run that ends later finds that out as well."""
    closed = run(Ledger(), CLOSED, files1=at(CLOSED), files2=at(CLOSED))
    opens = begun(closed, OPEN, [NEW], (), jobs=False)
    closes = begun(opens, CLOSED, (), (), jobs=False)
    require_version(closes, CLOSED, closes.version)
    with pytest.raises(LedgerChanged, match="the version 3, and this run began with the version 2"):
        require_version(closes, OPEN, opens.version)
    after = overtaken(closes, [("files1", at(OPEN)), ("new", at(OPEN))], 1e9)
    assert (after.state, set(missed(after))) == (CLOSED, {"files1", "files2", "new"})
    assert {each.reason for each in missed(after).values()} == {"ledger_changed", "not in the run"}
    with pytest.raises(LedgerChanged):
        require_version(after, CLOSED, closes.version)
    assert missed(run(after, CLOSED, files1=at(CLOSED), files2=at(CLOSED), new=at(CLOSED))) == {}


def test_the_keys_of_a_run_that_was_overtaken_are_kept() -> None:
    """It closed the account there: nothing else may know these keys any more, if the host is lost for good."""
    opened = run(run(Ledger(), CLOSED, files1=at(CLOSED)), OPEN, NEW, files1=at(OPEN))
    answers = [("files1", at(CLOSED, OLD)), ("files2", {**at(CLOSED, NEW), "failed": True}), ("files3", at(OPEN, NEW))]
    after = overtaken(opened, answers, 1e9)
    assert (after.state, after.fingerprints) == (OPEN, {"files1": (OLD,)})
    with pytest.raises(KeyCompromised):
        begun(after, OPEN, [OLD], (), jobs=False)


def test_a_new_ledger_is_newer_than_a_lost_ledger() -> None:
    """Hosts refuse older versions. Clocks that stand still or go back do not count."""
    lost = Ledger(OPEN, 2_000_000_000)
    assert begun(Ledger(), CLOSED, (), (), jobs=False, now=2_000_000_001.5).version == lost.version + 1
    assert begun(lost, CLOSED, (), (), jobs=False, now=1e9).version == lost.version + 1


def test_two_runs_that_close_it_at_once() -> None:
    first = begun(Ledger(), CLOSED, (), (), jobs=False)
    second = begun(first, CLOSED, (), (), jobs=False)
    require_version(second, CLOSED, first.version)


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
        {"skipped": True},
        {"list": {"version": 99}},
    ],
)
def test_answers_that_are_no_success(answer: Any) -> None:
    assert set(missed(run(Ledger(), CLOSED, files1=answer))) == {"files1"}


def test_fingerprints_that_are_none() -> None:
    assert run(Ledger(), CLOSED, files1=at(CLOSED, "x", OLD)).fingerprints == {"files1": (OLD,)}


def test_the_text() -> None:
    ledger = run(Ledger(), CLOSED, files1=at(CLOSED, OLD), files2=DOWN)
    assert parse_ledger(format_ledger(ledger)) == ledger
    assert parse_ledger("") == Ledger()
    for text in ("x", "[]", "{}", '{"hosts": {}, "state": "", "version": "x", "fingerprints": []}'):
        with pytest.raises(InvalidRequest):
            parse_ledger(text)
