# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and purposes of the two files of a bundle."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.request import (
    BAGIT,
    PLAIN,
    purposes,
    signature_of,
)


def test_the_name_of_the_signature() -> None:
    assert signature_of(b"/out/release.tar") == b"/out/release.tar.sig"


def test_a_bag_has_two_purposes() -> None:
    assert [each.namespace for each in purposes(PLAIN)] == ["bundle@ftp-synchronize"]
    assert [each.namespace for each in purposes(BAGIT)] == ["bundle@ftp-synchronize", "bag@ftp-synchronize"]
