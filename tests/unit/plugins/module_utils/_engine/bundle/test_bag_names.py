# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that readers of bags take for different files."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.composing import require_bag_name
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK, Entry

PLAIN = Entry(FILE, 1, 0, 0o644)


@pytest.mark.parametrize("name", ["a", "two words", "\u00e4", "-rf", "a\\b", "*", " a", "d /a", "$HOME", "~"])
def test_good_names(name: str) -> None:
    require_bag_name(RelPath(name.encode()), PLAIN)


@pytest.mark.parametrize(
    "name", [b"100%", b"a%0Ab", b"a\nb", b"a\rb", b"a ", b"\xff", b"a\tb", "a\u2028b".encode(), "a\u0085b".encode()]
)
def test_bad_names(name: bytes) -> None:
    with pytest.raises(NotSupported) as caught:
        require_bag_name(RelPath(name), PLAIN)
    assert (caught.value.path, bool(caught.value.cure)) == (name, True)


def test_links() -> None:
    with pytest.raises(NotSupported, match="symbolic link"):
        require_bag_name(RelPath(b"a"), PLAIN._replace(kind=LINK))
