# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host of a play whose modules are answered by interpreter.py: compromised, or a witness that only records."""

from __future__ import annotations

__all__ = ["Asked", "PlayedHost"]

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .answers import HONEST

_PROGRAM = Path(__file__).with_name("interpreter.py")


class Asked(NamedTuple):
    """A module that the host was asked to run.

    content: the text of the file that came with it. piped: whether the module and its arguments came in no file.
    """

    module: str
    arguments: dict[str, Any]
    content: str
    piped: bool

    @property
    def text(self) -> str:
        """All that the host got to see."""
        return json.dumps(self.arguments, ensure_ascii=False) + self.content


class PlayedHost:
    """One host. variables: further variables of the inventory."""

    def __init__(self, directory: Path, name: str, variables: Mapping[str, Any] | None = None) -> None:
        self.name, self._directory = name, directory
        self._given = dict(variables or {})
        self._rules: list[dict[str, Any]] = list(HONEST)
        directory.mkdir(parents=True)
        self.interpreter = directory / "python3"
        self.interpreter.write_text(f"#!{sys.executable} -IS\n{_PROGRAM.read_text()}")
        self.interpreter.chmod(0o755)
        self._write()

    def answer(self, module: str = "*", result: Mapping[str, Any] | None = None, **rule: Any) -> PlayedHost:
        """Merge this into the answers of a module; `rule` holds the further words of interpreter.py."""
        self._rules.append({"module": module, **({"result": result} if result else {}), **rule})
        self._write()
        return self

    def facts(self, module: str = "*", **facts: Any) -> PlayedHost:
        """Return these facts with each answer of a module."""
        return self.answer(module, {"ansible_facts": facts})

    def really(self, *modules: str) -> PlayedHost:
        """Run these modules themselves, on this machine."""
        for module in modules:
            self.answer(module, really=sys.executable)
        return self

    @property
    def asked(self) -> Sequence[Asked]:
        """Every module that the host was asked to run, in order."""
        record = self._directory / "asked.jsonl"
        lines = record.read_text().splitlines() if record.exists() else []
        return [Asked(**json.loads(line)) for line in lines]

    @property
    def modules(self) -> list[str]:
        """Their names."""
        return [asked.module for asked in self.asked]

    @property
    def sent(self) -> str:
        """All that the host got to see."""
        return "\n".join(asked.text for asked in self.asked)

    def forget(self) -> None:
        """Begin a new record."""
        (self._directory / "asked.jsonl").unlink(missing_ok=True)

    def set(self, **variables: Any) -> PlayedHost:
        """Set further variables of the inventory."""
        self._given.update(variables)
        return self

    def variables(self) -> dict[str, Any]:
        """Return the variables of the inventory that lead Ansible here."""
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(self.interpreter),
            "ansible_remote_tmp": str(self._directory / "tmp"),
            **self._given,
        }

    def _write(self) -> None:
        staged = self._directory / "answers.new"
        staged.write_text(json.dumps(self._rules))
        shutil.move(staged, self._directory / "answers.json")
