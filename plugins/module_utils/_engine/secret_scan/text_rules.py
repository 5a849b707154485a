# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pass `ansible` over the text of one file: which rules apply is decided by its name and its first words.

Of an ansible.cfg, settings count that show or keep secrets (Ansible Configuration Settings, section defaults).
"""

from __future__ import annotations

import configparser
import os
import re
from typing import Iterator, List, NamedTuple, Sequence

from ..model.findings import HIGH, LOW, MEDIUM
from . import line_rules, yaml_rules
from .line_rules import LineFinding, Rule
from .yaml_rules import Placed

_YAML = (".yml", ".yaml", ".json")
_PROSE = (".md", ".rst", ".py", ".js", ".j2", ".html", ".txt")
"""Names with values are no assignments there."""
_ENCRYPTED = "$ANSIBLE_VAULT;"
_VAULT_NAME = re.compile(r"(?:^|[._-])vault(?:[._-]|$)", re.IGNORECASE)
_PERMITTED = re.compile(r"pragma:\s*(?:allow|white)list\s+secret", re.IGNORECASE)
_NEXT_PERMITTED = re.compile(r"pragma:\s*(?:allow|white)list\s+nextline\s+secret", re.IGNORECASE)


class TextFile(NamedTuple):
    """One file. log: output of a program, not a file of Ansible."""

    path: str
    text: str
    log: bool

    @property
    def name(self) -> str:
        """Return the name without directories."""
        return os.path.basename(self.path)

    @property
    def is_yaml(self) -> bool:
        """Return whether the rules for YAML apply."""
        return not self.log and self.name.endswith(_YAML)


def text_findings(file: TextFile) -> Iterator[Placed]:
    """Yield the findings that no comment permits. Raises NotYaml, after the findings of single lines."""
    lines = file.text.splitlines()
    for each in _all(file, lines):
        if not _is_permitted(lines, each.line):
            yield each


def _all(file: TextFile, lines: Sequence[str]) -> Iterator[Placed]:
    rules = _line_rules(file)
    for number, line in enumerate(lines, 1):
        yield from (Placed(number, each) for rule in rules for each in rule(line))
    if file.is_yaml:
        yield from _yaml(file)
    elif not file.log:
        yield from (Placed(0, each) for each in config_findings(file.text))
        yield from _vault_password(file)


def _line_rules(file: TextFile) -> List[Rule]:
    rules: List[Rule] = [line_rules.tokens, line_rules.settings]
    if not file.is_yaml:
        rules.append(line_rules.commands)
        if not file.name.endswith(_PROSE):
            rules.append(line_rules.assignments)
    return rules


def _yaml(file: TextFile) -> Iterator[Placed]:
    if file.text.startswith(_ENCRYPTED) or not yaml_rules.HAS_YAML:
        return
    documents = yaml_rules.compose(file.text)
    yield from yaml_rules.placed(documents)
    if _VAULT_NAME.search(file.name) and any(True for _each in yaml_rules.literals(documents)):
        yield Placed(0, LineFinding("vault_in_clear", HIGH, "a file for Ansible Vault is not encrypted", None))


def _vault_password(file: TextFile) -> Iterator[Placed]:
    """A script that asks for the password is no password."""
    is_password = _VAULT_NAME.search(file.name) and "pass" in file.name.lower()
    if is_password and file.text.strip() and not file.text.startswith((_ENCRYPTED, "#!")):
        yield Placed(0, LineFinding("vault_in_clear", HIGH, "password of Ansible Vault", None))


def _is_permitted(lines: Sequence[str], line: int) -> bool:
    """Return whether a comment of detect-secrets permits the line."""
    if not 0 < line <= len(lines):
        return False
    return bool(_PERMITTED.search(lines[line - 1]) or (line > 1 and _NEXT_PERMITTED.search(lines[line - 2])))


_BLANKS = re.compile(r"[^\S\n]{2,}")
"""configparser tries each of them, for the square of their number."""
_TRUE = frozenset(("true", "yes", "on", "1", "t", "y"))
_SHOWN = (
    ("debug", "debug_on", HIGH, "debug = true shows the arguments of modules"),
    ("display_args_to_stdout", "arguments_shown", MEDIUM, "display_args_to_stdout = true shows the arguments of tasks"),
    ("keep_remote_files", "files_kept", MEDIUM, "keep_remote_files = true leaves the arguments of modules on the host"),
)


def config_findings(text: str) -> Iterator[LineFinding]:
    """Yield the findings of the whole file. A file that is no configuration has none."""
    config = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        config.read_string(_BLANKS.sub(" ", text))
    except configparser.Error:
        return
    if not config.has_section("defaults"):
        return
    defaults = {name: (value or "").strip() for name, value in config.items("defaults")}
    for name, kind_id, severity, kind in _SHOWN:
        if defaults.get(name, "").lower() in _TRUE:
            yield LineFinding(kind_id, severity, kind, None)
    if defaults.get("log_path"):
        yield LineFinding("log_kept", LOW, "log_path keeps the output of all runs", None)
    if defaults.get("no_target_syslog", "").lower() not in _TRUE:
        kind = "no_target_syslog is not set: hosts log the arguments of modules that have no no_log"
        yield LineFinding("log_kept", LOW, kind, None)
