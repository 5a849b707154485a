# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that the role key_revocation prints, its check of the list, and its tasks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import LOCK
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import key_revocation_texts
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec

ROOT = Path(__file__).parents[2]
ROLE = ROOT / "roles/key_revocation"
KEY = "SHA256:" + "A" * 43
SESSION = {"user": "bob", "pid": 7, "fingerprint": KEY, "key_id": "", "serial": 0, "own": False}


def templar(**given: Any) -> Templar:
    """Return a templar with the variables of the role, and its options."""
    loader = DataLoader()
    variables = loader.load_from_file(str(ROLE / "vars/main.yml"), trusted_as_template=True)
    spec = role_spec("key_revocation", "main", loader.load_from_file)
    options = option_values(spec, {f"key_revocation_{name}": value for name, value in given.items()})
    own = {"options": options, "texts": key_revocation_texts(options)}
    return Templar(loader, variables={**variables, "__key_revocation": own})


def plan(found: dict[str, Any], **given: Any) -> list[str]:
    """Return the lines of a plan. found: the sessions of each server; a text: a fact of a server that failed before."""
    engine = templar(**given)
    hosts = {name: {"__key_revocation_sessions": each} for name, each in found.items()}
    left = [name for name, each in found.items() if not isinstance(each, str)]
    engine.available_variables = {
        **engine.available_variables,
        "hostvars": hosts,
        "ansible_play_hosts_all": [*found],
        "ansible_play_hosts": left,
    }
    text = (ROLE / "templates/plan.txt.j2").read_text()
    return str(engine.template(trust_as_template(text))).splitlines()


def test_the_check_of_the_list_waits_for_the_lock_of_key_revocation() -> None:
    assert templar().template(trust_as_template("{{ __key_revocation_lock }}")) == LOCK


def checked(directory: Path, programs: str = "") -> subprocess.CompletedProcess[str]:
    """Run the check with its metrics and its state in this directory. programs: a directory of others in PATH."""
    engine = templar(
        check={"metrics_directory": f"{directory}/metrics", "max_age": "1d"},
        revoked_keys_file=f"{directory}/revoked",
        sign={"principal": "x"},
    )
    program = str(engine.template(trust_as_template((ROLE / "templates/krl-check.j2").read_text())))
    environment = {**os.environ, "STATE_DIRECTORY": f"{directory}/state", "PATH": f"{programs}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh"], input=program, env=environment, text=True, capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", [".ftp_synchronize_krl.new", "ftp_synchronize_krl.prom"])
@pytest.mark.parametrize("target", ["file", "directory"])
def test_links_in_the_directory_of_metrics_lead_the_check_nowhere(tmp_path: Path, name: str, target: str) -> None:
    """The account of the collector of metrics may own the directory."""
    metrics, state, outside = (tmp_path / each for each in ("metrics", "state", "outside"))
    for each in (metrics, state, outside / "directory"):
        each.mkdir(parents=True)
    (outside / "file").write_text("of root")
    (metrics / name).symlink_to(outside / target)
    done = checked(tmp_path)
    assert "krl_damaged" in done.stdout, done.stderr
    assert "krl_valid 0" in (metrics / "ftp_synchronize_krl.prom").read_text()
    assert [each.name for each in metrics.iterdir()] == ["ftp_synchronize_krl.prom"]
    assert (outside / "file").read_text() == "of root"
    assert list((outside / "directory").iterdir()) == []


def test_a_link_that_comes_between_two_steps_of_the_check_leads_nowhere(tmp_path: Path) -> None:
    """To a FIFO it would hold up the check and its alarm, and to a device it would write. rm stands for the account."""
    for each in ("metrics", "state", "programs"):
        (tmp_path / each).mkdir()
    os.mkfifo(tmp_path / "fifo")
    rm = tmp_path / "programs/rm"
    rm.write_text(f'#!/bin/sh\n/bin/rm "$@"\nln -s {tmp_path}/fifo {tmp_path}/metrics/.ftp_synchronize_krl.new\n')
    rm.chmod(0o755)
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    done = checked(tmp_path, f"{tmp_path}/programs")
    assert os.read(reader, 100) == b""
    os.close(reader)
    assert "krl_damaged" in done.stdout, done.stderr


def test_the_plan_names_each_server() -> None:
    found = {
        "files1": {"sessions": [SESSION, {**SESSION, "user": "x\n", "pid": 8}]},
        "files2": {"sessions": [{**SESSION, "own": True}]},
        "files3": {"unreachable": True},
        "files4": {"failed": True, "sessions": []},
        "files5": "a fact",
    }
    servers = [*found, "files6", "files7"]
    lines = plan(found, fingerprints=[KEY], reason="stolen", servers=servers, retired_hosts=["files7"])
    assert lines == [
        "Nothing was changed. A run would do this:",
        f"revoke the key {KEY}",
        'files1: end 2 sessions: "bob" process 7, "x\\n" process 8',
        "files2: refused, because Ansible is connected with this key: connect with another key",
        "files3: not reached; a run names it until it has the list",
        "files4: the sessions are unknown; a run names it until it has the list",
        "files5: not reached; a run names it until it has the list",
        "files6: not in this run; a run names it until it has the list",
        "reason: stolen",
        "limits: 60s for a server, 300s for all",
    ]


def test_the_plan_of_a_key_that_is_made_good_again_ends_no_session() -> None:
    lines = plan({"files1": {"sessions": [SESSION]}}, fingerprints=[KEY], state="absent")
    assert lines[1:3] == [f"make good again: the key {KEY}", "files1: end no session"]


def test_the_plan_of_a_run_without_entries() -> None:
    lines = plan({"files1": {"sessions": []}}, limits={"refused": "5s"})
    assert lines[1:] == [
        "keep the list current: no key is named",
        "files1: end 0 sessions",
        "reason: not set, and a new entry needs it",
        "limits: 5s for a server, 300s for all",
    ]


@pytest.mark.parametrize("playbook", ["revoke_keys", "propose_revocation"])
def test_no_server_holds_up_the_others(playbook: str) -> None:
    plays = [play for play in yaml.safe_load((ROOT / f"playbooks/{playbook}.yml").read_text()) if "hosts" in play]
    assert [play.get("timeout") for play in plays] == [600] * len(plays)
    run, main = (yaml.safe_load((ROLE / f"tasks/{name}.yml").read_text()) for name in ("run", "main"))
    for tasks, module in ((run, "key_revocation"), (main[1]["block"], "key_session_info")):
        (task,) = [each for each in tasks if f"secure.ftp_synchronize.{module}" in each]
        assert task["timeout"] == "{{ __key_revocation_patience }}"
        assert (task["ignore_unreachable"], task["ignore_errors"]) == (True, True)
