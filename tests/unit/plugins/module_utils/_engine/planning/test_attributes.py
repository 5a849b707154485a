# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mode and mtime an entry gets."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import PlanPolicy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import (
    NEW_DIRECTORY_MODE,
    NEW_FILE_MODE,
    AttributeRules,
    even_directory_times,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities

SECOND = 10**9
FINE, SECONDS = Capabilities(), Capabilities(mtime_precision=SECOND)
WANTED = Entry(FILE, 1, 5 * SECOND + 1, 0o4640)


def rules(capabilities: Capabilities = FINE, **policy: bool) -> AttributeRules:
    return AttributeRules(PlanPolicy(**policy), capabilities)


def test_what_is_stored_gets_the_permission_bits_and_the_time_that_can_be_stored() -> None:
    assert rules().of_file(WANTED, None) == Attributes(0o640, 5 * SECOND + 1)
    assert rules(SECONDS).of_file(WANTED, None) == Attributes(0o640, 5 * SECOND)
    assert rules().of_directory(Entry(DIRECTORY, 0, 7, 0o1777)) == Attributes(0o777, 7)


def test_without_the_source_s_mode_a_file_keeps_its_own_or_gets_a_usual_one() -> None:
    lax = rules(preserve_mode=False, preserve_mtime=False)
    assert lax.of_file(WANTED, Entry(FILE, 9, 9, 0o2600)) == Attributes(0o600, None)
    assert lax.of_file(WANTED, None) == Attributes(NEW_FILE_MODE, None)
    assert lax.of_directory(Entry(DIRECTORY, 0, 7, 0o700)) == Attributes(NEW_DIRECTORY_MODE, None)


@pytest.mark.parametrize(
    ("present", "policy", "mending"),
    [
        (WANTED, {}, None),
        (WANTED._replace(mode=0o640), {}, None),
        (WANTED._replace(mode=0o600), {}, ("mode", Attributes(0o640, None))),
        (WANTED._replace(mode=0o600), {"preserve_mode": False}, None),
        (WANTED._replace(mode=0o600), {"modes_kept": False}, None),
        (WANTED._replace(mtime=4), {}, ("mtime", Attributes(None, 5 * SECOND + 1))),
        (WANTED._replace(mtime=4), {"preserve_mtime": False}, None),
        (WANTED._replace(mode=0o600, mtime=4), {}, ("mode", Attributes(0o640, 5 * SECOND + 1))),
    ],
)
def test_only_what_differs_is_mended(present: Entry, policy: dict, mending: object) -> None:
    assert rules(**policy).mending(WANTED, present) == mending


def test_a_difference_that_cannot_be_stored_is_none() -> None:
    assert rules(SECONDS).mending(WANTED, WANTED._replace(mtime=5 * SECOND + 999)) is None


def test_of_a_directory_both_are_set() -> None:
    wanted, present = Entry(DIRECTORY, 0, 7, 0o755), Entry(DIRECTORY, 0, 7, 0o700)
    assert rules().mending(wanted, present) == ("mode", Attributes(0o755, 7))


def test_what_a_destination_does_not_keep_of_directories_is_no_difference() -> None:
    wanted = Entry(DIRECTORY, 0, 7, 0o755)
    other, older = wanted._replace(mode=0o700), wanted._replace(mtime=5)
    for lost, kept in (("directory_modes_kept", older), ("directory_mtimes_kept", other)):
        forgetful = rules(**{lost: False})
        assert [forgetful.mending(wanted, each) is None for each in (other, older)] == [kept is older, kept is other]
        assert forgetful.mending(WANTED, WANTED._replace(mode=0o600, mtime=4)) == (
            "mode",
            Attributes(0o640, WANTED.mtime),
        )


def test_directories_at_both_ends_get_one_mtime() -> None:
    a, b, f, only = (RelPath(name) for name in (b"a", b"b", b"f", b"only"))
    unknowing = {
        a: Entry(DIRECTORY, 0, 1, 0o755),
        b: Entry(DIRECTORY, 0, 2, 0o755),
        f: Entry(FILE, 1, 3, 0o644),
        only: Entry(DIRECTORY, 0, 4, 0o755),
    }
    knowing = {a: Entry(DIRECTORY, 0, 10, 0o700), b: Entry(FILE, 0, 11, 0o644), f: Entry(FILE, 1, 12, 0o644)}
    even_directory_times(unknowing, knowing)
    assert [unknowing[path].mtime for path in (a, b, f, only)] == [10, 2, 3, 4]
    assert unknowing[a].mode == 0o755
