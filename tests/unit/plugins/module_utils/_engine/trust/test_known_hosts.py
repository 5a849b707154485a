# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The known_hosts format; ssh-keygen -F decides the matches."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Optional

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import (
    host_name,
    matching,
    parse_known_hosts,
    parse_line,
    view_of,
)
from support.servers import ssh_keys

KEY = ssh_keys.key("unit").public
OTHER = ssh_keys.key("unit-other").public


@pytest.mark.parametrize(
    ("hosts", "host", "port"),
    [
        ("a.example", "a.example", 22),
        ("A.Example", "a.EXAMPLE", 22),
        ("a.example", "b.example", 22),
        ("a.example,b.example", "b.example", 22),
        ("*.example", "a.example", 22),
        ("*.example,!a.example", "a.example", 22),
        ("!a.example,*.example", "b.example", 22),
        ("!a.example", "a.example", 22),
        ("a.exampl?", "a.example", 22),
        ("a.[e]xample", "a.example", 22),
        ("[a.example]:2222", "a.example", 2222),
        ("[a.example]:2222", "a.example", 22),
        ("[a.example]:2222", "a.example", 2223),
        ("[*.example]:2222", "a.example", 2222),
        ("[a.example]:*", "a.example", 2222),
        ("::1", "::1", 22),
        ("[::1]:2222", "::1", 2222),
        ("", "a.example", 22),
    ],
)
@pytest.mark.parametrize("hashed", [False, True])
def test_a_line_matches_as_for_ssh_keygen(tmp_path: Path, hosts: str, host: str, port: int, *, hashed: bool) -> None:
    file = tmp_path / "known"
    file.write_text(f"{hosts} {KEY}\n")
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=False, capture_output=True)
    name = host_name(host, port)
    asked = subprocess.run(["ssh-keygen", "-F", name, "-f", str(file)], check=False, capture_output=True, text=True)
    expected = any(not line.startswith("#") for line in asked.stdout.splitlines())
    found = [entry for entry in matching(parse_known_hosts(file.read_text()), host, port) if entry.key.text == KEY]
    assert bool(found) == expected


@pytest.mark.parametrize(("port", "name"), [(None, "host"), (22, "host"), (2222, "[host]:2222")])
def test_the_name_of_a_server(port: Optional[int], name: str) -> None:
    assert host_name("HOST", port) == name


def test_a_bare_host_counts_on_another_port_unless_the_port_is_named() -> None:
    entries = parse_known_hosts(f"host {KEY}\n")
    assert [entry.key.text for entry in matching(entries, "host", 2222)] == [KEY]
    entries = parse_known_hosts(f"host {KEY}\n[host]:2222 {OTHER}\n")
    assert [entry.key.text for entry in matching(entries, "host", 2222)] == [OTHER]


def test_markers_are_kept() -> None:
    entries = parse_known_hosts(f"@cert-authority * {KEY}\n@revoked * {OTHER}\n@unknown * {KEY}\n")
    assert [(entry.marker, entry.key.text) for entry in entries] == [("@cert-authority", KEY), ("@revoked", OTHER)]


@pytest.mark.parametrize(
    "line",
    ["", "# host {key}", "host", "host ssh-ed25519", "host ssh-ed25519 AAAA", "@revoked host", "host ssh-rsa {key}"],
)
def test_what_is_no_key_line_is_passed_over(line: str) -> None:
    line = line.format(key=KEY)
    assert parse_known_hosts(line + "\n" + f"host {KEY}\n")[-1].key.text == KEY
    assert len(parse_known_hosts(line)) == 0


@pytest.mark.parametrize("key", [KEY[:-4], "ssh-new" + KEY[11:], KEY + "AAAA"], ids=["cut", "new", "longer"])
def test_a_damaged_or_unknown_key_proves_nothing_and_can_still_be_removed(key: str) -> None:
    assert parse_known_hosts(f"host {key}\n") == []
    entry = parse_line(f"@revoked host {key} a comment")
    assert entry is not None
    assert (entry.sound, entry.marker, entry.hosts, entry.comment) == (False, "@revoked", "host", "a comment")


@pytest.mark.parametrize("hosts", ["|1|", "|1|AAAA|", "|2|AAAA|AAAA", "|1|*|*", "|1|AAAA|AAAA|AAAA"])
def test_a_broken_hash_matches_nothing(hosts: str) -> None:
    assert matching(parse_known_hosts(f"{hosts} {KEY}\n"), "host", 22) == []


def test_a_file_without_times_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"host {KEY}\n")
    assert view_of(str(tmp_path / "known"), 1000) is None
    assert view_of(str(tmp_path / "missing"), 1000) is None


def test_what_counts_now_is_in_the_view(tmp_path: Path) -> None:
    lines = [
        "# secure_sync:valid_until=1970-01-01 is how a limit looks\r\n\udc80",
        f"now {KEY} secure_sync:valid_from=1970-01-01 secure_sync:valid_until=1970-01-02",
        f"over {KEY} secure_sync:valid_until=1970-01-01",
        f"later {KEY} secure_sync:valid_from=1970-01-02",
        f"damaged {KEY[:-4]} secure_sync:valid_until=1970-01-01",
        f"unreadable {KEY} secure_sync:valid_until=x",
        f"@revoked bad {KEY} secure_sync:valid_until=1970-01-01",
        f"@cert-authority ca {KEY} secure_sync:valid_until=1970-01-01",
        f"\u2028plain {KEY}",
    ]
    file = tmp_path / "known"
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    assert view_of(str(file), 1000) == "\n".join([*lines[:2], lines[6], lines[8]])
    file.write_text(lines[1] + "\n")
    assert view_of(str(file), 1000) is None
