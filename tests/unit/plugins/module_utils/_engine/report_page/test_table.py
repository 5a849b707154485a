# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.report_page.page import Column, table


def test_a_table_has_a_caption_and_scopes() -> None:
    made = table("All <files>", [Column("Name"), Column("Size", "number")], [["a", "1"], ["<b>", "2"]])
    assert made == (
        '<table role="table"><caption>All &lt;files&gt;</caption>'
        '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Name</th>'
        '<th role="columnheader" class="number" scope="col">Size</th></tr></thead>'
        '<tbody role="rowgroup"><tr role="row"><th role="rowheader" scope="row">a</th>'
        '<td role="cell" class="number" data-label="Size">1</td></tr>'
        '<tr role="row"><th role="rowheader" scope="row">&lt;b&gt;</th>'
        '<td role="cell" class="number" data-label="Size">2</td></tr></tbody></table>'
    )
