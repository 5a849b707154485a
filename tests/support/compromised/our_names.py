# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every name of the collection that a host could use for a fact, every entry point and every playbook. They are read
from the collection itself, so that additions are covered."""

from __future__ import annotations

__all__ = ["ENTRY_POINTS", "ON_HOSTS", "PLAYBOOKS", "ROLES", "names_of", "options_of", "roles_in", "task_files"]

import re
from pathlib import Path

import yaml

_ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (_ROOT / "roles").iterdir())


def _specifications(role: str) -> dict[str, dict]:
    return yaml.safe_load((_ROOT / "roles" / role / "meta/argument_specs.yml").read_text())["argument_specs"]


ENTRY_POINTS = [(role, entry) for role in ROLES for entry in _specifications(role)]


def options_of(role: str) -> dict[str, dict]:
    """Return all options of all entry points of a role, with their specifications."""
    return {name: option for entry in _specifications(role).values() for name, option in entry["options"].items()}


def names_of(role: str) -> list[str]:
    """Return all variables of a role: options, defaults, private, registered and set variables."""
    files = [path for path in (_ROOT / "roles" / role).rglob("*") if path.suffix in (".yml", ".j2")]
    text = "\n".join(path.read_text() for path in files)
    prefixes = "|".join(ROLES)
    used = re.findall(rf"(?<![\w./])_{{0,2}}(?:{prefixes})_[a-z0-9_]+\b(?!\.yml)", text)
    return sorted({*options_of(role), *(name for name in used if name.lstrip("_").startswith(role))})


def task_files(role: str) -> list[str]:
    """Return the texts of a role's task files."""
    return [path.read_text() for path in (_ROOT / "roles" / role / "tasks").rglob("*.yml")]


def roles_in(playbook: Path) -> set[str]:
    """Return the roles that a playbook includes, and those that these include."""
    found: set[str] = set()
    texts = [playbook.read_text()]
    while texts:
        named = set(re.findall(r"\bsecure\.ftp_synchronize\.(\w+)", texts.pop())) & set(ROLES)
        texts += [text for role in named - found for text in task_files(role)]
        found |= named
    return found


PLAYBOOKS = [path for path in sorted((_ROOT / "playbooks").glob("*.yml")) if roles_in(path) or path.stem == "sync"]
"""Of the playbooks without a role, which run modules alone, one is enough."""
ON_HOSTS = [path for path in PLAYBOOKS if path.stem != "verify_ftps_server"]
"""Without the playbook that works on the controller and asks no host."""
