# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger on the controller; its rules are in plugin_utils/test_account_ledger."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.account_ledger import ActionModule
from support.servers.ssh_keys import key

CLOSED, DOWN = {"state": "closed", "fingerprints": [key("partner").fingerprint]}, {"unreachable": True}
OPEN = {"state": "open"}


def run(
    directory: Path, state: str, *results: Any, check: bool = False, proof: Any = None, **given: Any
) -> dict[str, Any]:
    names = ["files1", "files2"][: len(results)]
    answers = {"results": "done", "proofs": "proven"} if results else {}
    given = {"directory": str(directory), "account": "partner", "state": state, **answers, **given}
    hostvars = {name: {"done": each, "proven": proof} for name, each in zip(names, results, strict=True)}
    task_vars = {"hostvars": hostvars, "ansible_play_hosts": names, "ansible_play_hosts_all": names}
    task = SimpleNamespace(args=given, async_val=0, check_mode=check, diff=False, delegate_to=None)
    task.action = "secure.ftp_synchronize.account_ledger"
    loader = DataLoader()
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="x"))
    return ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None).run(
        task_vars=task_vars
    )


def test_hosts_that_were_missed_are_named(tmp_path: Path) -> None:
    first = run(tmp_path, "closed", CLOSED, DOWN)
    assert (first["changed"], first["reached"]) == (True, ["files1"])
    assert first["msg"].startswith("partner is not closed on files2 (unreachable, since 20")
    assert run(tmp_path, "closed", CLOSED)["changed"] is False
    assert run(tmp_path, "closed")["missed"] == first["missed"]
    assert run(tmp_path, "open", keys=[key("partner-new").public])["error"]["code"] == "refused"
    done = run(tmp_path, "closed", CLOSED, CLOSED)
    assert (done["missed"], done["msg"]) == ([], "partner is closed on every host")
    assert run(tmp_path, "open", keys=[key("partner").public])["error"]["code"] == "key_compromised"


def test_a_login_that_is_not_proven(tmp_path: Path) -> None:
    run(tmp_path, "closed", CLOSED)
    proof = {"failed": True, "error": {"code": "authentication_failed"}}
    refused = run(tmp_path, "open", OPEN, proof=proof)
    assert [each["reason"] for each in refused["missed"]] == ["authentication_failed"]
    assert run(tmp_path, "open", part="jobs")["error"]["code"] == "refused"
    assert run(tmp_path, "open", OPEN, proof={"skipped": True})["missed"] == []


def test_hosts_without_jobs_are_left_out(tmp_path: Path) -> None:
    done = run(tmp_path, "closed", {"skipped": True}, CLOSED, part="jobs")
    assert (done["reached"], done["missed"], done["servers"]) == (["files2 (jobs)"], [], [])
    assert done["msg"] == "partner: no server is named. Correct the pattern of the servers."


def test_hosts_that_the_run_leaves_out(tmp_path: Path) -> None:
    every = {"servers": ["files1", "files2"]}
    first = run(tmp_path, "closed", **every)
    assert [each["host"] for each in first["missed"]] == ["files1", "files2"]
    assert (tmp_path / "account-partner.json").exists(), "before the first host is changed"
    assert [each["host"] for each in run(tmp_path, "closed", CLOSED, **every)["missed"]] == ["files2"]
    jobs = run(tmp_path, "closed", part="jobs", clients=["client"], **every)
    assert [each["host"] for each in jobs["missed"]] == ["client (jobs)", "files2"]
    gone = run(tmp_path, "closed", part="jobs", clients=["client"], retired=["client", "files2"], **every)
    assert (gone["missed"], gone["servers"]) == ([], ["files1"])


def test_a_server_that_was_never_closed(tmp_path: Path) -> None:
    assert run(tmp_path, "open")["error"]["code"] == "refused"
    run(tmp_path, "closed", CLOSED)
    assert "was never closed on files2" in run(tmp_path, "open", OPEN, OPEN)["msg"]
    assert "was never closed on files3" in run(tmp_path, "open", OPEN, servers=["files1", "files3"])["msg"]


def test_a_run_that_opens_while_another_closes(tmp_path: Path) -> None:
    """Both steps of each, in an order in which neither knows which of them changed the host last."""
    run(tmp_path, "closed", CLOSED)
    opens = run(tmp_path, "open", keys=[key("partner-new").public])["version"]
    closes = run(tmp_path, "closed")["version"]
    done = run(tmp_path, "closed", CLOSED, version=closes)
    assert done["missed"] == []
    refused = run(tmp_path, "open", OPEN, version=opens)
    assert refused["error"]["code"] == "ledger_changed"
    assert run(tmp_path, "open", part="jobs", version=opens)["error"]["code"] == "ledger_changed"
    assert [each["host"] for each in run(tmp_path, "closed")["missed"]] == ["files1"]
    again = run(tmp_path, "closed", CLOSED, version=run(tmp_path, "closed")["version"])
    assert again["missed"] == []


def test_the_run_that_ends_later_fails_too(tmp_path: Path) -> None:
    run(tmp_path, "closed", CLOSED)
    opens = run(tmp_path, "open", keys=[key("partner-new").public])["version"]
    closes = run(tmp_path, "closed")["version"]
    for state, answer, version in (("open", OPEN, opens), ("closed", CLOSED, closes)):
        assert run(tmp_path, state, answer, version=version)["error"]["code"] == "ledger_changed"
    assert [each["reason"] for each in run(tmp_path, "closed")["missed"]] == ["ledger_changed"]


def test_the_keys_of_a_closing_run_that_was_overtaken(tmp_path: Path) -> None:
    run(tmp_path, "closed", {"state": "closed"})
    run(tmp_path, "open", OPEN, keys=[key("partner-new").public])
    closes = run(tmp_path, "closed")["version"]
    run(tmp_path, "closed", {"state": "closed"}, version=closes)
    opens = run(tmp_path, "open", keys=[key("partner-new").public])["version"]
    assert run(tmp_path, "closed", CLOSED, version=closes)["error"]["code"] == "ledger_changed"
    assert opens > closes
    assert run(tmp_path, "open", keys=[key("partner").public])["error"]["code"] == "key_compromised"


def test_the_version_counts_only_in_a_run(tmp_path: Path) -> None:
    first = run(tmp_path, "closed", check=True)
    assert first["version"] > 1_700_000_000, "the time, which a new ledger has too"
    assert "error" not in run(tmp_path, "closed", CLOSED, check=True, version=1)


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "closed", CLOSED, check=True)["changed"]
    assert list(tmp_path.iterdir()) == []


def test_names_that_would_change_the_path(tmp_path: Path) -> None:
    assert run(tmp_path, "closed", CLOSED, account="../x")["error"]["code"] == "invalid_request"
    assert list(tmp_path.iterdir()) == []
