# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of the units that a job starts. tests/integration/test_job_units.py has systemd as the judge."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.side_units import (
    notify_unit_text,
    ping_unit_texts,
)

PROGRAM = "/usr/local/lib/sync.pyz"
MAIL = ["/usr/bin/msmtp", "ops@example.com"]


def lines(text: str) -> list[str]:
    """Return the lines of a unit."""
    return text.splitlines()


def test_a_command_gets_the_message_of_the_job() -> None:
    text = lines(notify_unit_text(PROGRAM, MAIL, "mailer"))
    command = '"/usr/bin/msmtp" "ops@example.com"'
    assert f"ExecStart=/usr/bin/python3 -I {PROGRAM} notify --name %i -- {command}" in text
    assert "User=mailer" in text


def test_nothing_of_a_command_is_expanded() -> None:
    text = notify_unit_text(PROGRAM, ["/bin/mail", '$HOME %h "x" \\'], "mailer")
    assert r'"/bin/mail" "$$HOME %%h \"x\" \\"' in text


def test_a_message_needs_no_record() -> None:
    text = lines(notify_unit_text(PROGRAM, MAIL, "mailer"))
    assert "LoadCredential=record:/var/lib/secure_ftp_synchronize/jobs/%i/last.json" in text
    assert "SetCredential=record:{}" in text


@pytest.mark.parametrize(
    "command", [[], ["msmtp"], [""], ["/bin/mail", "a\nExecStart=/bin/sh"], ["/bin/mail", "x" * 5000]]
)
def test_a_bad_command(command: list[str]) -> None:
    with pytest.raises(InvalidRequest, match=r"^notify_command: ") as caught:
        notify_unit_text(PROGRAM, command, "mailer")
    assert caught.value.cure


@pytest.mark.parametrize("account", ["", "root\n", "a b", "-x", "%i"])
def test_a_bad_account(account: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^notify_account: "):
        notify_unit_text(PROGRAM, MAIL, account)


@pytest.mark.parametrize("program", ["sync.pyz", "/a\nb", ""])
def test_a_bad_program(program: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^program: "):
        ping_unit_texts(program)
    with pytest.raises(InvalidRequest, match=r"^program: "):
        notify_unit_text(program, MAIL, "mailer")


def test_pings_have_the_url_and_no_account_of_a_job() -> None:
    url = "secure-sync-%i.ping_url"
    for text in ping_unit_texts(PROGRAM).values():
        assert f"LoadCredentialEncrypted={url}:/etc/credstore.encrypted/{url}" in lines(text)
        assert "DynamicUser=yes" in lines(text)
        assert "%%" not in text


def test_the_start_follows_the_end_of_the_run_before() -> None:
    texts = ping_unit_texts(PROGRAM)
    start, end = (lines(texts[f"secure-sync-ping-{name}@.service"]) for name in ("start", "failure"))
    ends = "secure-sync-ping-success@%i.service secure-sync-ping-failure@%i.service"
    assert f"After=network-online.target {ends}" in start
    assert f"ExecStart=/usr/bin/python3 -I {PROGRAM} ping --name %i --start" in start
    assert f"ExecStart=/usr/bin/python3 -I {PROGRAM} ping --name %i" in end
    assert "SetCredential=record:{}" in end
