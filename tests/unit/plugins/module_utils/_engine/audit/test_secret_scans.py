# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import NotMeasured
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import require_whole


def test_a_whole_scan_is_evidence() -> None:
    require_whole({"checked": {"files": 1}, "not_checked": []})


@pytest.mark.parametrize(("files", "left_out", "reason"), [(0, [], "no file was read"), (1, ["/a"], "not checked: /a")])
def test_a_scan_that_left_something_out(files: int, left_out: list[str], reason: str) -> None:
    with pytest.raises(NotMeasured, match=reason):
        require_whole({"checked": {"files": files}, "not_checked": left_out})
