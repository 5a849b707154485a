# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that a host returns is never a template, on any ansible-core that the collection supports, also after it went
through filters and a file format. A fact of a host wins over its variables of the inventory: roles take their options
before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.compromised.trust_scene import TrustScene
from support.running.ansible_cores import CORES

# How a role may pass on a part of a result, r.
WAYS = {
    "as it is": "{{ r.evil }}",
    "joined": "{{ [r.evil, r.evil] | join(' ') }}",
    "through JSON": "{{ r.evil | to_json | from_json }}",
    "through YAML": "{{ {'it': r.evil} | to_json | from_yaml }}",
    "through a template": "{% set it = r.evil %}- {{ it | to_json }}",
    "combined": "{{ r | combine({'it': r.evil}) }}",
    "by its key": "{{ dict([[r.evil, r.evil]]) | dict2items | items2dict }}",
    "as default": "{{ nothing_there | default(r.evil) }}",
    "as a string": "{{ r.evil | string | replace('@', '') }}",
    "by a look-up": "{{ lookup('ansible.builtin.vars', 'r').evil }}",
    "of another host": "{{ hostvars.evil.r.evil }}",
}


def kept(value: str) -> dict[str, Any]:
    """Return a task that keeps a part of the result."""
    return {"ansible.builtin.set_fact": {"passed_on": value}}


def sent(value: str) -> dict[str, Any]:
    """Return a task that sends it to another host."""
    return {"ansible.builtin.command": {"argv": [value]}, "delegate_to": "witness"}


@pytest.mark.parametrize("core", ["", *CORES])
def test_text_of_a_host_stays_text(core: str, tmp_path: Path) -> None:
    scene = TrustScene(tmp_path, core)
    sentinel = tmp_path / "sentinel"
    text = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % sentinel
    evil = scene.host("evil", fact_or_not="of the inventory").answer("ping", {"evil": text})
    evil.facts("ping", fact_or_not=text)
    witness = scene.host("witness")
    tasks = [task for value in WAYS.values() for task in (kept(value), sent("{{ passed_on }}"))]
    asked = {"ansible.builtin.ping": {}, "register": "r"}
    played = scene.play([asked, *tasks, sent("{{ fact_or_not }}")], "evil")
    assert played.status == 0, played.output
    assert not sentinel.exists()
    texts = [asked.text for asked in witness.asked]
    assert len(texts) == len(WAYS) + 1
    assert [text for text in texts if "lookup(" not in text] == []
    print(f"{len(WAYS) + 1} ways")
