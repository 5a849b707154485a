# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against answers that pass for words of Ansible or of the controller.

Ansible puts the item of a loop into the registered result, but since ansible-core 2.21 a key of the answer with the
name of the loop variable wins: the host replaces the controller's item. Other keys add hosts or skip a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils._engine.errors import Refused
from ..module_utils._engine.model.display import plain

OBEYED = frozenset({"add_group", "add_host", "item", "results", "skipped", "unreachable"})
"""Keys of a result that Ansible obeys or fills in. No module of this collection returns them."""
OF_ANSIBLE = ("ansible_", "_ansible_item", "_ansible_delegated", "_ansible_ignore")
ADDED = frozenset({"ansible_parsed"})
"""Keys that ansible-core 2.22 itself adds to every answer, overriding the host's."""

DEEPEST = 30
"""Levels of lists and dictionaries. Ansible cannot template a value of some 200 levels, also for other hosts."""


class AnswerRefused(Refused):
    """A host sent an answer that an uncompromised host never sends."""

    code = "answer_refused"


def require_plain_answer(host: str, keys: Iterable[str], loop_names: Iterable[str] = ()) -> None:
    """Raise AnswerRefused if an answer has keys with a meaning for Ansible.

    keys: the names at the top of the answer
    loop_names: loop variable and index variable of the task
    """
    reserved = OBEYED.union(loop_names)
    given = {str(key) for key in keys} - ADDED
    found = sorted(key for key in given if key in reserved or key.startswith(OF_ANSIBLE))
    if found:
        raise AnswerRefused(
            f"answer of {plain(host)}: must not hold {', '.join(plain(key[:80]) for key in found[:5])}",
            cure="Treat the host as compromised: no module of this collection returns these keys.",
        )


def require_shallow_answer(host: str, answer: Mapping[str, Any]) -> None:
    """Raise AnswerRefused if an answer has more than DEEPEST levels."""
    level: list[Any] = [answer]
    for _depth in range(DEEPEST):
        level = [value for each in level for value in _values(each) if isinstance(value, (Mapping, list, tuple))]
        if not level:
            return
    raise AnswerRefused(
        f"answer of {plain(host)}: has more than {DEEPEST} levels",
        cure="Treat the host as compromised: no module of this collection returns such values.",
    )


def _values(of: Any) -> Iterable[Any]:
    return of.values() if isinstance(of, Mapping) else of
