# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases that a role must refuse, all in one play: each case has its own output and its own view of the host.

refused = refusals({"bad name": Case([role("ftps_server", ...)])}, STATE, play.run, host.inside)
assert refused["bad name"].refused, refused["bad name"].output
"""

from __future__ import annotations

__all__ = ["Case", "Refusal", "refusals"]

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..running.playbook_process import Outcome

_DIRECTORY = "/run/refusals"


@dataclass(frozen=True)
class Case:
    """Tasks that must be refused. before, after: shell scripts that prepare the host and clear up again."""

    tasks: Sequence[dict[str, Any]]
    before: str = ":"
    after: str = ":"


class Refusal(NamedTuple):
    """The outcome of a case: Ansible's output on one line, and the changes of the host's state."""

    refused: bool
    output: str
    difference: str


def refusals(
    cases: Mapping[str, Case],
    state: str,
    run: Callable[[Sequence[dict[str, Any]]], Outcome],
    inside: Callable[[str], str],
) -> dict[str, Refusal]:
    """Run every case and give its outcome by its name. state: a shell script that prints the state of the host;
    run, inside: how tasks and shell scripts are run there as root."""
    names = dict(enumerate(cases))
    outcome = run([task for number, name in names.items() for task in _tasks(number, cases[name], state)])
    assert outcome.status == 0, outcome.output
    printed = dict(re.findall(r"^TASK \[Case (\d+)\](.*?)^TASK \[End of case \1\]", outcome.output, re.M | re.S))
    return {name: _refusal(printed[str(number)], inside(_compare(number))) for number, name in names.items()}


def _tasks(number: int, case: Case, state: str) -> list[dict[str, Any]]:
    refused = {"name": "Refused", "ansible.builtin.debug": {"msg": "refused"}}
    return [
        _shell(f"Case {number}", f"{case.before}\nmkdir -p {_DIRECTORY}\n{_keep(state, number, 'before')}"),
        {"block": list(case.tasks), "rescue": [refused]},
        _shell(f"End of case {number}", f"{_keep(state, number, 'after')}\n{case.after}"),
    ]


def _shell(name: str, script: str) -> dict[str, Any]:
    return {"name": name, "ansible.builtin.shell": script}


def _keep(state: str, number: int, when: str) -> str:
    return f"{{\n{state}\n}} >{_DIRECTORY}/{number}.{when} 2>&1"


def _compare(number: int) -> str:
    return f"diff -u {_DIRECTORY}/{number}.before {_DIRECTORY}/{number}.after || true"


def _refusal(printed: str, difference: str) -> Refusal:
    return Refusal("TASK [Refused]" in printed, " ".join(printed.split()), difference)
