# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results: changes, failures and skipped items, bounded, printable and with complete totals."""

from __future__ import annotations

import json
from typing import Any, Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.results import blank_result, sync_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.words import failure
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NotFound,
    PermissionDenied,
    SyncError,
    TooManyDeletions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.metrics import counted
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import OnDemand
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    Action,
    Plan,
    Remove,
    Skipped,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Outcome, SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry
from hypothesis import given
from hypothesis import strategies as st

ALWAYS = {"changed", "changes", "failed_items", "skipped_items", "totals", "stats", "proofs", "notes", "msg"} | {
    "planned",
    "elapsed",
    "rates",
}
RESERVED = {
    "skipped",
    "results",
    "warnings",
    "deprecations",
    "exception",
    "invocation",
    "path",
    "dest",
    "state",
    "mode",
}
"""Keys that Ansible gives a meaning of its own."""


def test_changes_that_the_server_may_have_made_count() -> None:
    for uncertain in (False, True):
        report = SyncReport(plan=Plan(), error=ConnectionLost("lost"), uncertain=uncertain)
        found = sync_result(report, push=True, check_mode=False, max_listed=1, diff=False)
        assert found["changed"] is uncertain


def store(path: bytes, size: int = 1 << 20) -> Action:
    """Return the action that stores a new file."""
    return Write(RelPath(path), "store", "missing", Entry(FILE, size, 0, 0o644), None)


def remove(path: bytes) -> Action:
    """Return the action that removes a file."""
    return Remove(RelPath(path), "extra", Entry(FILE, 1, 0, 0o644))


def done(*actions: Action, proof: str | None = None) -> SyncReport:
    """Return the report of a run that went well."""
    return SyncReport(Plan(actions), tuple(Outcome(action, proof) for action in actions))


class Passes(OnDemand[Outcome]):
    """Counts how often its outcomes are made."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.passes = outcomes, 0

    def __iter__(self) -> Iterator[Outcome]:
        self.passes += 1
        return iter(self.outcomes)

    def errors(self) -> Iterator[SyncError]:
        """Return the errors without a pass."""
        return (each.error for each in self.outcomes if each.error is not None)


def result(report: SyncReport, **options: Any) -> dict[str, Any]:
    """Return the result of a run; it must be fit for JSON."""
    made = sync_result(report, **{"push": True, "check_mode": False, "max_listed": 100, "diff": False, **options})
    assert json.loads(json.dumps(made).encode("utf-8")) == made
    assert set(made) >= ALWAYS
    assert not set(made) & RESERVED
    return made


def test_nothing_to_do() -> None:
    made = result(SyncReport(Plan(), stats={"files_compared": 7}, proofs={"recorded": 7}))
    assert made == {
        "changed": False,
        "changes": [],
        "failed_items": [],
        "skipped_items": [],
        "totals": {
            "create_directory": 0,
            "store": 0,
            "link": 0,
            "set_attributes": 0,
            "remove": 0,
            "failed_items": 0,
            "skipped_items": 0,
        },
        "stats": {"files_compared": 7},
        "proofs": {"recorded": 7},
        "planned": {"files": 0, "bytes": 0},
        "elapsed": 0.0,
        "rates": {"files_per_second": 0.0, "bytes_per_second": 0},
        "notes": [],
        "msg": "nothing to do; 7 files are the same, all proven by an earlier run",
    }


def test_time_rates_and_the_plan() -> None:
    report = done(store(b"a", 1000), store(b"b", 5000), remove(b"c"))._replace(seconds=7.12345, transfer_seconds=4.0)
    made = result(report)
    assert made["elapsed"] == 7.123
    assert made["rates"] == {"files_per_second": 0.5, "bytes_per_second": 1500}
    assert made["planned"] == {"files": 2, "bytes": 6000}


def test_failed_files_are_planned_and_count_in_no_rate() -> None:
    actions = (store(b"a", 1000), store(b"b", 5000))
    outcomes = (Outcome(actions[0], "none"), Outcome(actions[1], None, PermissionDenied("no")))
    made = result(SyncReport(Plan(actions), outcomes, seconds=2.0, transfer_seconds=1.0))
    assert made["rates"] == {"files_per_second": 1.0, "bytes_per_second": 1000}
    assert made["planned"] == {"files": 2, "bytes": 6000}


def test_each_outcome_is_made_once() -> None:
    outcomes = Passes(Outcome(store(b"a")), Outcome(store(b"b"), None, PermissionDenied("no")))
    made = result(SyncReport(Plan(), outcomes), diff=True)
    assert (made["totals"]["store"], made["totals"]["failed_items"]) == (1, 1)
    assert outcomes.passes == 1


def test_a_check_has_a_plan_and_no_rate() -> None:
    made = result(SyncReport(Plan((store(b"a", 1000),)), seconds=1.0), check_mode=True)
    assert made["planned"] == {"files": 1, "bytes": 1000}
    assert made["rates"] == {"files_per_second": 0.0, "bytes_per_second": 0}


def test_what_was_done() -> None:
    report = done(store(b"a"), store(b"b", 12 << 20), proof="read_back")
    made = result(report)
    assert made["changed"] is True
    assert made["changes"] == [
        {"path": "a", "action": "store", "reason": "missing", "proof": "read_back"},
        {"path": "b", "action": "store", "reason": "missing", "proof": "read_back"},
    ]
    assert made["msg"] == "pushed 2 files (13.0 MiB) in 0.0 s; all proven by read_back"
    assert "failed" not in made
    assert "error" not in made
    assert "diff" not in made


def test_check_mode_tells_the_plan() -> None:
    report = SyncReport(Plan((store(b"a"), remove(b"b"))))
    made = result(report, check_mode=True, diff=True)
    assert made["changed"] is True
    assert [(each["path"], each["action"], each["proof"]) for each in made["changes"]] == [
        ("b", "remove", None),
        ("a", "store", None),
    ]
    assert made["totals"]["store"] == made["totals"]["remove"] == 1
    assert made["diff"]["prepared"].splitlines() == [
        "- b (file, 1 B, 0644, 1970-01-01T00:00:00Z)",
        "+ a (file, 1.0 MiB, 0644)",
        "Total: 1 removal (1 B), 1 new entry (1.0 MiB)",
    ]
    assert result(SyncReport(Plan()), check_mode=True)["changed"] is False


def test_a_plan_that_was_not_carried_out_is_no_change() -> None:
    report = SyncReport(Plan((store(b"a"),)), error=ConnectionLost("the session ended"))
    made = result(report, diff=True)
    assert made["changed"] is False
    assert made["changes"] == []
    assert made["diff"] == {"prepared": ""}
    assert made["failed"] is True


@pytest.mark.parametrize("limit", [0, 100])
def test_no_number_of_new_files_hides_a_removal(limit: int) -> None:
    """The result, and its list, before: 201 removals behind 501 new files."""
    actions = [store(b"a%04d" % number) for number in range(501)] + [remove(b"b%04d" % number) for number in range(201)]
    made = result(SyncReport(Plan(tuple(actions))), check_mode=True, max_listed=limit, diff=True)
    assert [each["action"] for each in made["changes"]] == ["remove"] * 201 + ["store"] * limit
    shown = made["diff"]["prepared"].splitlines()
    assert [text[0] for text in shown[:-2]] == ["-"] * 201 + ["+"] * limit
    assert shown[-2:] == [
        f"... and {501 - limit} more",
        "Total: 201 removals (201 B), 501 new entries (501.0 MiB)",
    ]


def test_an_error_without_a_cure_ends_before_the_rest() -> None:
    report = SyncReport(Plan((remove(b"a"),)), (Outcome(remove(b"a")),), error=ConnectionLost("the session ended"))
    assert result(report)["msg"] == "the session ended. Finished: removed 1 entry in 0.0 s."


def test_failed_items() -> None:
    refused = PermissionDenied("permission denied", path=b"x/\xff", cure="Let the account write there.")
    outcomes = (Outcome(store(b"a"), "read_back"), Outcome(store(b"x/\xff"), None, refused))
    unlisted = NotFound("vanished", path=b"dir")
    made = result(SyncReport(Plan((store(b"a"), store(b"x/\xff"))), outcomes, problems=(unlisted,)))
    assert made["changed"] is True
    assert made["failed"] is True
    assert [each["path"] for each in made["changes"]] == ["a"]
    first = {
        "code": "permission_denied",
        "path": "x/\\xff",
        "message": "permission denied",
        "cure": "Let the account write there.",
    }
    assert made["failed_items"] == [first, {"code": "not_found", "path": "dir", "message": "vanished", "cure": ""}]
    assert made["error"] == first
    assert made["msg"] == (
        "permission denied: 'x/\\xff'. Let the account write there. (1 more item failed) "
        "Finished: pushed 1 file (1.0 MiB) in 0.0 s; proven by read_back."
    )
    assert made["totals"]["failed_items"] == 2


def test_what_ended_the_run_comes_first() -> None:
    item = PermissionDenied("permission denied", path=b"x")
    lost = ConnectionLost("the session ended", cure="Run it again.")
    made = result(SyncReport(Plan((store(b"x"),)), (Outcome(store(b"x"), None, item),), error=lost))
    assert made["error"] == {
        "code": "connection_lost",
        "path": None,
        "message": "the session ended",
        "cure": "Run it again.",
    }
    assert made["msg"] == "the session ended. Run it again. (1 more item failed)"
    assert len(made["failed_items"]) == 1


def test_lists_are_cut_and_totals_are_whole() -> None:
    actions = [store(b"%04d" % number) for number in range(300)]
    errors = [PermissionDenied("denied", path=b"%d" % number) for number in range(40)]
    skipped = tuple(Skipped(RelPath(b"s%d" % number), "link") for number in range(30))
    report = SyncReport(
        Plan(tuple(actions), skipped=skipped), tuple(Outcome(action) for action in actions), problems=tuple(errors)
    )
    made = result(report, max_listed=10, diff=True)
    assert [len(made[name]) for name in ("changes", "failed_items", "skipped_items")] == [10, 10, 10]
    assert [made["totals"][name] for name in ("store", "failed_items", "skipped_items")] == [300, 40, 30]
    assert made["diff"]["prepared"].splitlines()[10:] == [
        "... and 290 more",
        "Total: 300 new entries (300.0 MiB), 30 skipped",
    ]
    assert made["msg"].startswith("denied: '0' (39 more items failed) Finished: pushed 300 files (300.0 MiB) in ")
    empty = result(report, max_listed=0)
    assert empty["changes"] == empty["failed_items"] == empty["skipped_items"] == []
    assert empty["changed"] is True


def test_skipped_items() -> None:
    report = SyncReport(Plan(skipped=(Skipped(RelPath(b"run/\n"), "fifo, socket or device"),)))
    made = result(report)
    assert made["skipped_items"] == [{"path": "run/\\x0a", "reason": "fifo, socket or device"}]
    assert made["changed"] is False
    assert made["msg"] == "nothing to do; skipped 1 entry"


def test_the_peer_is_shown_escaped() -> None:
    peer = PeerIdentity(
        "sftp 3", client="OpenSSH_10.0", software="Evil\x1b[2J\u202e", host_key_fingerprint="SHA256:abc"
    )
    made = result(SyncReport(Plan(), peer=peer, notes=("no \x07 rename",)))
    assert made["peer"] == {
        "protocol": "sftp 3",
        "client": "OpenSSH_10.0",
        "software": "Evil\\x1b[2J\\u202e",
        "host_key_type": "",
        "host_key_fingerprint": "SHA256:abc",
        "key_exchange": "",
        "cipher": "",
    }
    assert made["notes"] == ["no \\x07 rename"]
    assert "peer" not in result(SyncReport(Plan()))


def test_over_tls_the_peer_has_no_parts_of_ssh() -> None:
    peer = PeerIdentity(
        "TLSv1.3",
        client="OpenSSL 3.5.9",
        software="vsFTPd\x1b 3.0.5",
        cipher="TLS_AES_256_GCM_SHA384",
        certificate_subject="CN=a\nb",
        certificate_fingerprint="SHA256:00",
        certificate_pin="sha256//AA",
        certificate_expires="2027-01-31T12:00:00Z",
        data_channel_resumed=True,
    )
    assert result(SyncReport(Plan(), peer=peer))["peer"] == {
        "protocol": "TLSv1.3",
        "client": "OpenSSL 3.5.9",
        "software": "vsFTPd\\x1b 3.0.5",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "certificate_subject": "CN=a\\x0ab",
        "certificate_fingerprint": "SHA256:00",
        "certificate_pin": "sha256//AA",
        "certificate_expires": "2027-01-31T12:00:00Z",
        "data_channel_resumed": True,
    }


def test_blank_and_failure_make_a_whole_result() -> None:
    made = {**blank_result(), **failure(TooManyDeletions("too many", cure="Look."))}
    assert set(made) == ALWAYS | {"failed", "error"}
    assert made["failed"] is True
    assert made["msg"] == "too many. Look."
    assert made["changed"] is False


def refusal(number: int) -> TooManyDeletions:
    """Return the error of max_delete for so many removals."""
    error = TooManyDeletions("too many", cure="Look.")
    entry = Entry(FILE, 7, 0, 0o644)
    error.refused = tuple(Remove(RelPath(b"%04d" % each), "extra", entry) for each in range(number))
    return error


@pytest.mark.parametrize("check_mode", [False, True])
def test_removals_that_were_refused_are_listed_and_are_no_change(*, check_mode: bool) -> None:
    made = result(SyncReport(Plan(), error=refusal(1001)), diff=True, max_listed=5, check_mode=check_mode)
    assert made["changed"] is False
    assert (made["changes"][0]["path"], made["changes"][0]["action"], len(made["changes"])) == ("0000", "remove", 1000)
    assert made["totals"]["remove"] == 0
    lines = made["diff"]["prepared"].splitlines()
    assert lines[-2:] == [
        "... and 1 more of these removals and changes of kind",
        "Total: 1,001 removals (6.8 KiB)",
    ]
    assert (made["failed"], made["msg"]) == (True, "too many. Look.")


def test_a_refused_run_shows_its_other_changes_too() -> None:
    error = refusal(1)
    error.refused = (*error.refused, store(b"new"))
    made = result(SyncReport(Plan(), error=error), diff=True, check_mode=True)
    assert [(each["path"], each["action"]) for each in made["changes"]] == [("0000", "remove"), ("new", "store")]
    assert made["changed"] is False
    assert made["diff"]["prepared"].splitlines()[-1] == "Total: 1 removal (7 B), 1 new entry (1.0 MiB)"


def test_a_run_that_is_refused_late_has_its_changes() -> None:
    """Files that could not be moved are stored, and their old names can be more removals than max_delete allows."""
    outcomes = (Outcome(store(b"new"), "read_back"),)
    made = result(SyncReport(Plan(), outcomes, problems=(refusal(900),)), diff=True)
    assert made["changed"] is True
    assert [(each["path"], each["action"]) for each in made["changes"]] == [("new", "store")]
    assert (made["totals"]["store"], made["totals"]["remove"]) == (1, 0)
    assert made["diff"]["prepared"].splitlines()[-1] == "Total: 1 new entry (1.0 MiB)"


def test_refused_removals_count_in_no_metric() -> None:
    record = {"ended": "2026-11-27T13:22:00Z", "result": "failed", "stats": {}}
    made = result(SyncReport(Plan(), error=refusal(900)))
    assert counted({"remove": 5}, {**record, "totals": made["totals"]})["remove"] == 5


@given(st.binary(min_size=1, max_size=20), st.text(st.characters(codec=None), max_size=20))
def test_any_bytes_and_any_text_are_safe(name: bytes, text: str) -> None:
    error = PermissionDenied(text, path=name, cure=text)
    plan = Plan((store(name),), skipped=(Skipped(RelPath(name), text),))
    made = result(SyncReport(plan, (Outcome(store(name)),), problems=(error,), notes=(text,)), diff=True)
    strings = [made["msg"], *made["notes"], *made["error"].values(), *made["skipped_items"][0].values()]
    strings += [made["changes"][0]["path"], *made["diff"]["prepared"].splitlines()]
    assert [each for each in strings if not each.isprintable()] == []


@pytest.mark.parametrize("path", [b"{{ 1 + 1 }}", b"{% raw %}"])
def test_templates_in_names_are_only_text(path: bytes) -> None:
    assert result(done(store(path)))["changes"][0]["path"] == path.decode()
