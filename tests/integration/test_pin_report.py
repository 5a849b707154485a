# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports about pins with jmespath, by the filter json_query of community.general, as the documentation shows them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.running.other_collections import with_collection
from support.running.play import Play
from support.servers import ssh_keys

ROOT = Path(__file__).parents[2]
HOSTS = ["files.example.com", "[ftp.example.com]:2222", "old.example.com"]
UNTIL = "2099-01-01T00:00:00Z"


def of_the_module() -> list[dict[str, Any]]:
    """Return the tasks in the module's EXAMPLES."""
    source = (ROOT / "plugins/modules/host_key_pin_info.py").read_text()
    return yaml.safe_load(source.partition('EXAMPLES = r"""')[2].partition('"""')[0])


def of_the_page() -> list[dict[str, Any]]:
    """Return the module's first example, and a task that shows the result of the page's expression."""
    (line,) = re.findall(
        r"`(partners\.pins \| community\.general\.json_query.*?\))`", (ROOT / "docs/pins.md").read_text()
    )
    shown = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ " + line + " }}"}}
    return [of_the_module()[0], shown]


@pytest.mark.parametrize("tasks", [of_the_module(), of_the_page()], ids=["module", "page"])
def test_the_pins_that_are_about_to_end(tasks: list[dict[str, Any]], tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    pins = [f"{host} {ssh_keys.key(f'report-{number}').public}" for number, host in enumerate(HOSTS)]
    known.write_text(f"{pins[0]}\n{pins[1]} secure_sync:valid_until={UNTIL}\n# {pins[2]}\n")
    listing, report = tasks
    del listing["register"]
    listing["secure.ftp_synchronize.host_key_pin_info"]["path"] = str(known)
    play = Play(tmp_path / "play", keywords={"vars": {"ansible_python_interpreter": sys.executable}})
    play.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{ROOT}/.cache/collections:{with_collection('community.general')}"
    report["vars"] = {**report.get("vars", {}), "partners": "{{ result0 }}"}
    listed, told = (played := play.run([listing, report])).results
    assert [each["state"] for each in listed["pins"]] == ["active", "retiring"], played.output
    (row,) = told["msg"]
    assert (row["host"], row["until"]) == (HOSTS[1], UNTIL)
    retiring = ssh_keys.key("report-1").fingerprint
    assert row.get("key", retiring) == retiring
