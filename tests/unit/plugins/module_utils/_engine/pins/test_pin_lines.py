# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a file that are about one server."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import (
    Pin,
    lines_about,
    pin_lines,
    rotation_report,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import (
    CERT_AUTHORITY,
    REVOKED,
)
from support.servers import ssh_keys

KEY = ssh_keys.key("unit").public
NAME = "[a.example]:2222"
BEGIN = "secure_sync:valid_from=2026-06-01"
END = "secure_sync:valid_until=2026-12-01"
JUNE, DECEMBER = 1_780_272_000, 1_796_083_200


def line(hosts: str, *, mark: str = "", comment: str = "", key: str = KEY) -> bytes:
    return " ".join(filter(None, [mark, hosts, key, comment])).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "about", "own"),
    [
        (line(NAME), True, True),
        (line(NAME.upper()), True, True),
        (line(f"b.example,{NAME}"), True, True),
        (line("[*.example]:2222"), True, False),
        (line(f"*.example,{NAME}"), True, True),
        (line("a.example"), False, False),
        (line("[a.example]:222"), False, False),
        (line(f"!{NAME},*"), False, False),
        (line("b.example", comment=NAME), False, False),
        (b"# " + line(NAME), False, False),
        (line(NAME, key=KEY[:-4]), False, False),
        (b"\xff\xfe" + line("[a*"), False, False),
    ],
    ids=[
        "name",
        "case",
        "list",
        "pattern",
        "pattern and name",
        "no port",
        "port",
        "negated",
        "comment",
        "off",
        "key",
        "bytes",
    ],
)
def test_a_line_is_about_a_server_if_its_names_cover_it(content: bytes, about: bool, own: bool) -> None:
    found = lines_about([b"\n", content], NAME)
    assert [(each.place, each.own) for each in found] == ([(1, own)] if about else [])


@pytest.mark.parametrize(("name", "own"), [(NAME, [True]), ("a.example", [])])
def test_a_hashed_name_is_that_of_one_server(name: str, own: list[bool]) -> None:
    salt = b"salt" * 5
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    hosts = "|1|%s|%s" % (base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
    assert [each.own for each in lines_about([line(hosts)], NAME)] == own


def test_a_damaged_key_is_found_on_request_alone() -> None:
    damaged = line(NAME, key=f"ssh-ed25519 {KEY.split()[1][:-8]}")
    assert lines_about([damaged], NAME) == []
    assert [each.entry.sound for each in lines_about([damaged], NAME, damaged=True)] == [False]


def test_all_lines_with_a_sound_key() -> None:
    found = pin_lines([b"# none\n", line("a"), line("*", mark=CERT_AUTHORITY), line("b", key="ssh-ed25519 AAAA")])
    assert [(each.place, each.entry.marker, each.own) for each in found] == [(1, "", True), (2, CERT_AUTHORITY, True)]


def test_the_mark_belongs_to_the_identity_of_a_pin() -> None:
    key = PublicKey("ssh-ed25519", b"blob")
    assert Pin("", key, "one").identity == Pin("", key, "two").identity
    assert Pin(REVOKED, key).identity != Pin("", key).identity


@pytest.mark.parametrize(
    ("comment", "now", "phase"),
    [
        ("", JUNE, "active"),
        (BEGIN, JUNE - 1, "next"),
        (BEGIN, JUNE, "active"),
        (END, DECEMBER - 1, "retiring"),
        (END, DECEMBER, "expired"),
        ("secure_sync:valid_until=soon", JUNE, "expired"),
    ],
)
def test_the_phase_of_a_pin(comment: str, now: float, phase: str) -> None:
    report = rotation_report(lines_about([line(NAME, comment=comment)], NAME), now)
    assert {name: len(entries) for name, entries in report.items() if entries} == {phase: 1}


def test_a_revocation_has_no_end_and_no_phase() -> None:
    found = lines_about([line(NAME, mark=REVOKED, comment=END)], NAME)
    assert found[0].validity.valid_until is None
    assert not any(rotation_report(found, DECEMBER).values())
