# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook names codes, arguments and playbooks that exist, and the page names its variables."""

from __future__ import annotations

import re
import runpy
from typing import Any

import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import exit_status
from support.running.examples import ROOT

RULEBOOK = ROOT / "extensions/eda/rulebooks/failed_jobs.yml"
(RULESET,) = yaml.safe_load(RULEBOOK.read_text())
RETRY, PROPOSE = RULESET["rules"][:2]
OF_ISSUERS = {"issuer_unavailable", "issuer_unproven"}
PAGE = (ROOT / "docs/rulebooks.md").read_text()


def codes(rule: dict[str, Any]) -> set[str]:
    """Return the codes in the condition of a rule."""
    return set(re.findall(r'"([a-z_]+)"', rule["condition"])) - {"failed"}


def codes_with(status: int) -> set[str]:
    """Return the codes of errors that end the program with a status."""
    return {code for code in all_codes(SyncError) if exit_status.exit_status(code) == status}


def all_codes(error: type[SyncError]) -> set[str]:
    """Return the codes of an error and its descendants that a sync can end with."""
    own = {error.code} - OF_ISSUERS if error.__module__ == errors.__name__ else set()
    return own.union(*(all_codes(child) for child in error.__subclasses__()))


def test_jobs_without_a_connection_are_started_again() -> None:
    assert codes(RETRY) == codes_with(exit_status.NO_CONNECTION)
    assert RETRY["throttle"]["once_within"] == "1 hour"


def test_jobs_whose_server_was_not_proven_are_not_started_again() -> None:
    assert codes(PROPOSE) == codes_with(exit_status.UNPROVEN)
    assert codes(PROPOSE).isdisjoint(codes(RETRY))


def test_its_playbooks_exist() -> None:
    for rule in (RETRY, PROPOSE):
        collection, _dot, playbook = rule["action"]["run_playbook"]["name"].rpartition(".")
        assert collection == "secure.ftp_synchronize"
        assert (ROOT / f"playbooks/{playbook}.yml").exists()


def test_its_source_has_these_arguments() -> None:
    (source,) = RULESET["sources"]
    arguments = source["secure.ftp_synchronize.transfer_events"]
    loaded = runpy.run_path(str(ROOT / "extensions/eda/plugins/event_source/transfer_events.py"))
    assert set(arguments) <= set(loaded["_OPTIONS"])


def test_the_page_names_its_variables() -> None:
    texts = "".join(path.read_text() for path in RULEBOOK.parent.glob("*.yml"))
    used = set(re.findall(r"\{\{ (\w+) \}\}", texts))
    (example,) = re.findall(r"^```yaml\n# eda_variables.yml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert set(yaml.safe_load(example)) == used


def test_the_page_names_the_arguments_of_the_source() -> None:
    loaded = runpy.run_path(str(ROOT / "extensions/eda/plugins/event_source/transfer_events.py"))
    assert set(re.findall(r"^\| `(\w+)` \| .* \|$", PAGE, re.MULTILINE)) == set(loaded["_OPTIONS"])
