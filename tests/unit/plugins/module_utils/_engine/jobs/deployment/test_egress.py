# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for the connections of an account. tests/hosts/test_sync_job.py has the kernel as the judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import egress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed

RULES = """\
# Managed by Ansible (secure.ftp_synchronize.sync_job): changes are overwritten.
table inet sync-nightly
delete table inet sync-nightly
table inet sync-nightly {
\tchain output {
\t\ttype filter hook output priority filter; policy accept;
\t\tmeta skuid != "sync-nightly" accept
\t\tip daddr { 192.0.2.7/32, 198.51.100.0/24 } accept
\t\tip6 daddr { 2001:db8::/32 } accept
\t\tmeta l4proto tcp counter reject with tcp reset
\t\tcounter reject
\t}
}
"""


def test_the_rules() -> None:
    assert egress.rules_text("nightly", ["192.0.2.7", "198.51.100.9/24", "2001:db8::/32"]) == RULES


def test_one_family() -> None:
    assert "ip6" not in egress.rules_text("nightly", ["192.0.2.7"])
    assert "ip daddr" not in egress.rules_text("nightly", ["::1"])


def answering(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> list[tuple[str, ...]]:
    """Let programs end with these statuses; return their command lines."""
    asked: list[tuple[str, ...]] = []

    def ask(*words: str, **_options: object) -> Completed:
        asked.append(words)
        return Completed(statuses[len(asked) - 1], "", "")

    monkeypatch.setattr(egress, "ask_program", ask)
    return asked


def test_an_address_that_is_not_allowed_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, 0, 1)
    assert egress.account_limit("nightly", ["127.0.0.2", "127.0.0.3"]) == egress.ENFORCED
    assert [words[-2] for words in asked] == ["127.0.0.4", "127.0.0.4"]
    assert asked[1][:3] == ("runuser", "-u", "sync-nightly")


def test_an_account_that_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 0, 0)
    with pytest.raises(OperationFailed, match=r"^egress: the account can reach 127\.0\.0\.2"):
        egress.account_limit("nightly", ["192.0.2.7"])


@pytest.mark.parametrize("statuses", [(0, 0), (1,)])
def test_a_unit_without_bpf_is_not_measured(monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, ...]) -> None:
    """Nor is a unit whose control could not reach the address either."""
    answering(monkeypatch, *statuses)
    assert egress.unit_limit(["192.0.2.7"]) == egress.NOT_MEASURED


def test_all_of_loopback_is_allowed() -> None:
    assert egress.account_limit("nightly", ["127.0.0.0/8"]) == egress.NOT_MEASURED


@pytest.mark.parametrize("limited", [True, False])
def test_rules_are_restored_in_one_step(limited: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in progress must not be without its rules in between."""
    file = tmp_path / "nightly.nft"
    monkeypatch.setattr(egress, "egress_file", lambda _name: str(file))
    if limited:
        file.touch()
    loaded = answering(monkeypatch, 0, 0)
    monkeypatch.setattr(egress, "run_program", egress.ask_program)
    egress.restore_rules("nightly")
    load, delete = ("nft", "-f", str(file)), ("nft", "delete", "table", "inet", "sync-nightly")
    assert loaded == [load if limited else delete]
