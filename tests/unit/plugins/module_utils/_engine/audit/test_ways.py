# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can replace a file, by the observed directories above it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import NotMeasured
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import changeable, unseen


def parts(*paths: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"path": path, "uid": 0, "mode": "0755", **fields} for path in paths]


def test_each_part_that_others_can_change() -> None:
    found = [*parts("/"), *parts("/srv", uid=7, mode="0757"), *parts("/srv/a", mode="0644")]
    assert [each.observed for each in changeable(found)] == ["/srv: owned by the user id 7", "/srv: mode 0757"]
    assert [each.observed for each in changeable(found, "a: %s", (0, 7))] == ["a: /srv: mode 0757"]


def test_a_mode_that_cannot_be_read_hides_no_other_part() -> None:
    first, second = changeable([*parts("/", mode="rwx"), *parts("/srv", uid=7)])
    assert str(first) == "the mode rwx cannot be read"
    assert second.observed == "/srv: owned by the user id 7"


@pytest.mark.parametrize(
    ("way", "target", "words"),
    [
        (parts("/", "/srv"), "/srv/a", "/srv/a was not observed"),
        (parts("/", "/srv/a"), "/srv/a", "the directory above /srv/a was not observed"),
        (parts("/srv", "/srv/a"), "/srv/a", "the directory above /srv was not observed"),
        (parts("a"), "a", "the directory above a was not observed"),
        ([], "/srv/a", "the directory above /srv/a was not observed"),
        ([], "", "the directory above a file was not observed"),
    ],
)
def test_a_way_that_is_not_whole(way: list[dict[str, Any]], target: str, words: str) -> None:
    (reason,) = unseen(way, target)
    assert isinstance(reason, NotMeasured)
    assert str(reason) == words


def test_a_whole_way() -> None:
    assert list(unseen(parts("/", "/srv", "/held", "/held/a"), "/held/a")) == []
    assert list(unseen(parts("/", "/srv"))) == []
