# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of the sandbox are in one file. tests/hosts start the services with them."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.action.role_options import TEXTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.sandbox import (
    OF_AN_ACCOUNT,
    SANDBOX,
)

ROOT = Path(__file__).parents[6]
ITS_OWN = {"secure-krl-check.service.j2", "secure-krl-accounts@.service.j2"}
"""Units of shell scripts that check and change accounts: they have a few of the lines."""


def test_a_line_is_given_once() -> None:
    lines = OF_AN_ACCOUNT.splitlines()
    assert len(set(lines)) == len(lines)
    allowed, refused = (
        lines.index(f"SystemCallFilter={each}") for each in ("@system-service", "~@privileged @resources")
    )
    assert allowed < refused, "the first filter makes the list of all that is allowed"


def test_no_unit_has_a_copy() -> None:
    line = re.compile(rf"^({'|'.join(map(re.escape, SANDBOX.splitlines()))})$", re.M)
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "roles").glob("*/templates/*.service.j2")]
    found = {path.name: len(line.findall(path.read_text())) for path in files}
    assert {name for name, number in found.items() if number > 2} == {"sandbox.py"}


def test_the_units_of_roles_have_it() -> None:
    templates = {path.name: path.read_text() for path in (ROOT / "roles").glob("*/templates/*.service.j2")}
    without = {name for name, text in templates.items() if ".texts.sandbox }}" not in text}
    assert without == {*ITS_OWN, "drill.service.j2"}, "a drill runs ansible-playbook for its user"
    roles = {path.parts[-3] for path in (ROOT / "roles").glob("*/templates/*.service.j2") if path.name not in without}
    assert {TEXTS[role]({}, dict, "main")["sandbox"] for role in roles} == {SANDBOX}
