# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules a file gets, and the comments that permit a line."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.scan import (
    TextFile,
    text_findings,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.yaml_rules import NotYaml


def found(name: str, text: str, *, log: bool = False) -> list[tuple[int, str]]:
    return [(each.line, each.found.id) for each in text_findings(TextFile(f"/srv/{name}", text, log))]


def test_rules_follow_the_name() -> None:
    text = "db_password=hunter2"
    assert found("hosts", text) == [(1, "literal_secret")]
    assert found("notes.md", text) == []
    assert found("vars.yml", "db_password: hunter2") == [(1, "literal_secret")]
    assert found("ansible.cfg", "[defaults]\nno_target_syslog=true\ndebug=true") == [(0, "debug_on")]


def test_a_log_has_the_rules_of_lines_alone() -> None:
    assert found("job.yml", "a: [\ncurl -u a:b1 x\n", log=True) == [(2, "secret_in_argv")]
    assert found("ansible.cfg", "[defaults]\ndebug=true", log=True) == []


@pytest.mark.parametrize("comment", ["# pragma: allowlist secret", "# pragma: whitelist secret"])
def test_a_comment_permits_its_line(comment: str) -> None:
    assert found("a.yml", f"password: x1 {comment}\ntoken: y1\n") == [(2, "literal_secret")]


def test_a_comment_permits_the_next_line() -> None:
    text = "# pragma: allowlist nextline secret\npassword: x1\ntoken: y1\n"
    assert found("a.yml", text) == [(3, "literal_secret")]


def test_files_for_ansible_vault() -> None:
    assert found("vault.yml", "name: plain\n") == [(0, "vault_in_clear")]
    assert found("vault.yml", "name: '{{ plain }}'\n") == []
    assert found("vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6231\n") == []
    assert found(".vault_pass", "hunter2\n") == [(0, "vault_in_clear")]
    assert found(".vault_pass", "#!/bin/sh\npass show vault\n") == []
    assert found("default.yml", "name: plain\n") == []


def test_findings_of_lines_come_before_the_refusal_of_yaml() -> None:
    findings = text_findings(TextFile("/a.yml", "x: [\nhvs.CAESIJ8Wq2n3kP0xYbT6rVd4mL9zQsEo1uHg\n", log=False))
    assert next(findings).found.kind == "token of Vault or OpenBao"
    with pytest.raises(NotYaml):
        next(findings)
