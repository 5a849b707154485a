# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit of playbooks/awx, as Ansible reads it.

kit = Kit.rendered()
kit.named("controller_templates", "Exchange")["survey_spec"]
"""

from __future__ import annotations

__all__ = ["DIRECTORY", "VALUES", "Kit"]

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from .credential import Credential

DIRECTORY = Path(__file__).parents[3] / "playbooks/awx"
VALUES = {
    "kit_image": "registry.example.com/file-exchange:1",
    "kit_project_url": "https://git.example.com/file-exchange.git",
    "kit_notification_url": "https://alerts.example.com/awx",
    "kit_credentials": ["Partners"],
}
"""The values of a user."""


@dataclass(frozen=True)
class Kit:
    """The variables of kit.yml that AWX gets."""

    data: Mapping[str, list[dict[str, Any]]]

    @classmethod
    def rendered(cls, values: Mapping[str, Any] = VALUES) -> Self:
        """Return the kit with the values of a user."""
        loader = DataLoader()
        raw = loader.load_from_file(str(DIRECTORY / "kit.yml"), trusted_as_template=True)
        templar = Templar(loader=loader, variables={**raw, **values})
        rendered = {name: templar.template(value) for name, value in raw.items() if not name.startswith("kit__")}
        return cls(json.loads(json.dumps(rendered)))  # without the tags of Ansible

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """Return the entry of this kind and name."""
        (entry,) = [entry for entry in self.data[kind] if entry["name"] == name]
        return entry

    def names(self, kind: str) -> list[str]:
        """Return the names of all entries of a kind."""
        return [entry["name"] for entry in self.data[kind]]

    def playbook(self, template: str) -> Path:
        """Return the file of the project that a template runs."""
        return DIRECTORY / "project" / self.named("controller_templates", template)["playbook"]

    def credential(self, kind: str, **given: str) -> Credential:
        """Return a credential of a type of the kit."""
        return Credential(self.named("controller_credential_types", kind), given)

    def answers(self, template: str, **given: str) -> dict[str, Any]:
        """Return the extra variables of a job: of its template, and the answers to its survey."""
        entry = self.named("controller_templates", template)
        survey = {question["variable"]: question for question in entry.get("survey_spec", {}).get("spec", [])}
        assert set(given) <= set(survey), "the survey has no such question"
        required = {name for name, question in survey.items() if question["required"] and "default" not in question}
        assert required <= set(given), "AWX would not start the job"
        defaults = {name: question["default"] for name, question in survey.items() if "default" in question}
        return {**entry.get("extra_vars", {}), **defaults, **given}
