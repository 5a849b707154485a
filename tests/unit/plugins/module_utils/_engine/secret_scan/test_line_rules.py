# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for single lines: secrets, and lines that only look alike."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan import line_rules

TOKEN = "hvs.CAESIJ8Wq2n3kP0xYbT6rVd4mL9zQsEo1uHgF7aB5cD"


@pytest.mark.parametrize(
    ("line", "kind", "secret"),
    [
        (f"token {TOKEN}", "token of Vault or OpenBao", TOKEN),
        ("-----BEGIN RSA PRIVATE KEY-----", "private key", "-----BEGIN RSA PRIVATE KEY-----"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----"),
        ("AGE-SECRET-KEY-1" + "Q" * 58, "age identity", "AGE-SECRET-KEY-1" + "Q" * 58),
        ("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", "seed of one-time codes", "JBSWY3DPEHPK3PXP"),
        ("id AKIAQX7R2MZ5LW4NTB3K", "access key of AWS", "AKIAQX7R2MZ5LW4NTB3K"),
        ("ghp_" + "a" * 36, "token of GitHub", "ghp_" + "a" * 36),
        ("ftps://partner:s3cret@files.example.com/", "password in a URL", "s3cret"),
    ],
)
def test_tokens(line: str, kind: str, secret: str) -> None:
    assert [(each.kind, each.secret) for each in line_rules.tokens(line)] == [(kind, secret)]


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN PUBLIC KEY-----", "https://user@host/x:y@z", "https://user:{{ pw }}@host", "hvs.short", "age1qqqq",
        "time 12:30:45 a@b", "ssh://host:22/path",
    ],
)  # fmt: skip
def test_no_tokens(line: str) -> None:
    assert list(line_rules.tokens(line)) == []


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("curl -s -u user:weak88 https://x", "weak88"),
        ("curl --user 'user:weak88' https://x", "weak88"),
        ("sshpass -p dragon ssh x", "dragon"),
        ("lftp -u user,weak88 sftp://x", "weak88"),
        ("PASS weak88", "weak88"),
        (r"printf 'USER x\r\nPASS weak88\r\n'", "weak88"),
        ("job --password=weak88 --verbose", "weak88"),
        ("job --token weak88", "weak88"),
        ("echo weak88 | sudo -S id", "weak88"),
    ],
)
def test_secrets_of_command_lines(line: str, secret: str) -> None:
    assert [(each.id, each.secret) for each in line_rules.commands(line)] == [("secret_in_argv", secret)]


@pytest.mark.parametrize(
    "line",
    ["curl -u user https://x", "job --password-file /etc/x", "job --password /etc/x", "BYPASS it", "job --token"],
)
def test_commands_without_a_secret(line: str) -> None:
    assert list(line_rules.commands(line)) == []


def test_variables_in_a_command() -> None:
    (found,) = line_rules.command_secrets("job --password={{ db_password }}")
    assert (found.severity, found.kind, found.secret) == ("medium", "variable db_password in a command", None)


def test_assignments() -> None:
    line = "web1 ansible_password=inv-6612 ansible_become_pass='other 77' ansible_user=root password_file=x token=$T"
    assert [each.secret for each in line_rules.assignments(line)] == ["inv-6612", "other 77"]
    assert list(line_rules.assignments("password: str, token=none")) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("export ANSIBLE_DEBUG=1", "debug_on"),
        ('ANSIBLE_DISPLAY_ARGS_TO_STDOUT: "true"', "arguments_shown"),
        ("ANSIBLE_KEEP_REMOTE_FILES=yes", "files_kept"),
        ("ANSIBLE_VERBOSITY=4", "verbose_job"),
    ],
)
def test_settings(line: str, name: str) -> None:
    assert [each.id for each in line_rules.settings(line)] == [name]
    assert list(line_rules.settings(line.rpartition("=" if "=" in line else ":")[0] + "=0")) == []
