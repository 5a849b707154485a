# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One version everywhere: galaxy.yml, the changelog, its page, every `version_added`. scripts/release sets the tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
RELEASES = yaml.safe_load((ROOT / "changelogs/changelog.yaml").read_text())["releases"]
DOCUMENTED = [*sorted((ROOT / "plugins").rglob("*.py")), *sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))]


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def added(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        for version in re.findall(r"^\s*version_added: *\"?([^\s\"]+)", path.read_text(), re.MULTILINE):
            yield str(path.relative_to(ROOT)), version


def test_the_changelog_ends_with_the_version_of_galaxy_yml() -> None:
    assert max(RELEASES, key=number) == VERSION
    assert re.search(r"^v(\d\S*)$", (ROOT / "CHANGELOG.rst").read_text(), re.MULTILINE)[1] == VERSION  # type: ignore[index]


def test_every_release_has_a_summary() -> None:
    assert all(release["changes"]["release_summary"] for release in RELEASES.values())


def test_version_added_names_a_release_up_to_this_one() -> None:
    assert [(place, version) for place, version in added(DOCUMENTED) if version not in RELEASES] == []


@pytest.mark.parametrize("path", sorted((ROOT / "plugins/modules").glob("[!_]*.py")), ids=lambda path: path.stem)
def test_every_module_names_the_release_that_added_it(path: Path) -> None:
    assert list(added([path]))


def test_roles_name_the_release_that_added_them() -> None:
    without = [path for path in ROOT.glob("roles/*/meta/argument_specs.yml") if not list(added([path]))]
    assert without == []
