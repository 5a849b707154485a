# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pass `ansible` over the text of one file: which rules apply is decided by its name and its first words."""

from __future__ import annotations

import os
import re
from typing import Iterator, List, NamedTuple, Sequence

from ..model.findings import HIGH
from . import line_rules, yaml_rules
from .config_rules import config_findings
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
