# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of AWX, and the variables and files that they inject into a job.

credential = Credential(kit.named("controller_credential_types", "Partner over SFTP"), {"username": "app", ...})
AwxJob(tmp_path, playbook, variables, credentials=[credential])
"""

from __future__ import annotations

__all__ = ["Credential", "Injection"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from jinja2.sandbox import ImmutableSandboxedEnvironment


class Injection(NamedTuple):
    """The extra variables and, by name, the files of a credential."""

    variables: dict[str, str]
    files: dict[str, str]


@dataclass(frozen=True)
class Credential:
    """A credential: its type and the values of fields. As in AWX, a field without a value has no name in templates."""

    kind: Mapping[str, Any]
    given: Mapping[str, str]

    def injected(self, directory: str) -> Injection:
        """Return all that it injects; the files are in this directory, from a job's view."""
        injectors, values = self.kind["injectors"], self._values()
        paths = {label.partition(".")[2]: f"{directory}/credential_{label}" for label in injectors.get("file", {})}
        return Injection(
            self._rendered(injectors["extra_vars"], {**values, "tower": {"filename": paths}}),
            {f"credential_{label}": text for label, text in self._rendered(injectors.get("file", {}), values).items()},
        )

    def _values(self) -> dict[str, str]:
        fields = {field["id"]: field for field in self.kind["inputs"]["fields"]}
        assert set(self.kind["inputs"]["required"]) <= set(self.given) <= set(fields)
        return {name: _with_line_end(value, fields[name]) for name, value in self.given.items() if value}

    @staticmethod
    def _rendered(templates: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
        environment = ImmutableSandboxedEnvironment()
        return {name: environment.from_string(template).render(values) for name, template in templates.items()}


def _with_line_end(value: str, field: Mapping[str, Any]) -> str:
    return value.rstrip("\n") + "\n" if field.get("format") == "ssh_private_key" else value
