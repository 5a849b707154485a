# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.report_page.page import STYLE


def test_every_colour_is_a_variable_of_each_scheme() -> None:
    light, dark, printed = (part.split("}")[0] for part in STYLE.split(":root {")[1:])
    names = {word.split(":")[0].strip() for word in light.split(";") if "--" in word}
    assert names == {word.split(":")[0].strip() for word in dark.split(";") if "--" in word}
    assert names == {word.split(":")[0].strip() for word in printed.split(";") if "--" in word}
    assert all(f"var({name})" in STYLE for name in names)


def test_there_is_a_narrow_layout_and_one_for_paper() -> None:
    assert "@media (max-width: " in STYLE
    assert "@media print" in STYLE
