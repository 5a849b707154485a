# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directives, sections and includes of ProFTPD's configuration."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.proftpd import (
    including,
    is_one_of,
    main_server,
    without_sections,
)


def test_a_directive_is_a_whole_word_in_any_case() -> None:
    picks = is_one_of("Port SQL.*")
    assert [line for line in ("Port 21", " port\t21", "PortX 1", "# Port", "SQLConnectInfo x") if picks(line)] == [
        "Port 21",
        " port\t21",
        "SQLConnectInfo x",
    ]


def test_only_the_main_server() -> None:
    text = "A 1\n<Global>\nA 2\n<IfModule x>\nA 3\n</IfModule>\n</Global>\n<IfModule x>\nA 4\n</IfModule>\n"
    picks = main_server(text, is_one_of("A"))
    assert [line for line in text.splitlines() if picks(line)] == ["A 1", "A 4"]


def test_sections_go_with_what_is_in_them() -> None:
    text = "A\n<Anonymous ~ftp>\n<Limit X>\nB\n</Limit>\nC\n</anonymous>\nD\n<Limit Y>\nE\n</Limit>\n"
    text += "<Global>\nF\n</Global>\n"
    assert without_sections(text, ("Anonymous", "Limit")) == "A\nD\n<Global>\nF\n</Global>\n"


def test_includes_of_files_directories_and_patterns(tmp_path: Path) -> None:
    for name, content in (("a.conf", "A"), ("b.conf", f"Include {tmp_path}/deep"), ("deep/c", "C"), ("empty/x", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert including(f'Include "{tmp_path}/*.conf"\nZ\n') == "A\nC\nZ\n"
    assert including("Include /no/such/*.conf\nInclude /no/such\n") == "Include /no/such\n"


def test_an_include_of_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"Include {tmp_path}/a")
    assert including(f"Include {tmp_path}/a\n").count("Include") == 1
