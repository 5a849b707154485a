# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML examples of the documentation, as data: `examples()` gives all, those marked as runnable can be run."""

from __future__ import annotations

__all__ = ["PAGES", "ROOT", "Example", "examples"]

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
PAGES = (
    "README.md",
    "docs/architecture.md",
    "docs/connections.md",
    "docs/deliveries.md",
    "docs/drop_boxes.md",
    "docs/faq.md",
    "docs/first_sync.md",
    "docs/ftps.md",
    "docs/migrate.md",
    "docs/reliability.md",
    "docs/secure_sync.md",
    "docs/threat_model.md",
    "docs/transfers.md",
    "docs/tuning.md",
)
_BLOCK = re.compile(r"^(<!-- runnable -->\n)?```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GROUP = "group/secure.ftp_synchronize.endpoint"


@dataclass(frozen=True)
class Example:
    """One example. tasks: as in a play; defaults: endpoint options of the play; runnable: marked as such."""

    page: str
    tasks: list[dict[str, Any]]
    defaults: dict[str, Any]
    runnable: bool

    @property
    def name(self) -> str:
        """The name of the example in tests."""
        return f"{self.page}: {self.tasks[0]['name']}"


def examples() -> Iterator[Example]:
    """Yield every YAML example of the pages."""
    for page in PAGES:
        for marker, text in _BLOCK.findall((ROOT / page).read_text()):
            items = yaml.safe_load(text)
            for play in items if "tasks" in items[0] else [{"tasks": items}]:
                defaults = play.get("module_defaults", {}).get(_GROUP, {})
                yield Example(page, play["tasks"], defaults, bool(marker))
