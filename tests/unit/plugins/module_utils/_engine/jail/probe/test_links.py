# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links that an account makes, and links in its jail."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import Expected
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.names import (
    links_made,
    links_present,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, LINK
from support.scenes.jail_session import JailSession

EXPECTED = Expected(writable=(b"/data",))
DATA = {b"/data": DIRECTORY}


def made(jail: JailSession, expected: Expected = EXPECTED) -> list[str]:
    found = [each.id for each in links_made(jail.sftp, expected)]
    assert jail.entries.keys() - {b"/", b"/data", b"/etc/passwd"} == set(), "something was left"
    return found


def test_both_kinds_are_tried() -> None:
    assert made(JailSession(DATA, writable=[b"/data"])) == ["links", "links"]


def test_refused_requests_are_no_finding() -> None:
    assert made(JailSession(DATA, writable=[b"/data"], refused=["symlink", "hardlink"])) == []


def test_links_that_the_account_may_make() -> None:
    assert made(JailSession(DATA, writable=[b"/data"]), EXPECTED._replace(symlinks=True)) == []


def test_a_link_that_shows_the_host() -> None:
    jail = JailSession({**DATA, b"/etc/passwd": FILE}, writable=[b"/data"], refused=["hardlink"], target=b"/etc/passwd")
    assert made(jail) == ["links", "name_outside"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (b"/etc", "link_leads_out"),
        (b"../../etc", "link_leads_out"),
        (b"../../data", "link_leads_out"),
        (b"../other", "link_leads_out"),
        (b"file", "link"),
        (b"../data/file", "link"),
        (b"/data/file", "link"),
    ],
)
def test_a_link_that_is_there(target: bytes, code: str) -> None:
    jail = JailSession({**DATA, b"/data/link": LINK}, target=target)
    (found,) = links_present(jail.sftp, EXPECTED, (b"/", b"/data"))
    assert (found.id, found.observed) == (code, "/data/link is a link to %s" % target.decode())


def test_a_harmless_link_of_an_account_that_may_make_links() -> None:
    jail = JailSession({**DATA, b"/data/link": LINK}, target=b"file")
    assert list(links_present(jail.sftp, EXPECTED._replace(symlinks=True), (b"/data",))) == []
