# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import NotMeasured
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import moment, octal


def test_values() -> None:
    assert moment("1970-01-02T00:00:00Z") == 86400
    assert octal("0640") == 0o640


def test_texts_without_a_value() -> None:
    with pytest.raises(NotMeasured, match="the time yesterday cannot be read"):
        moment("yesterday")
    with pytest.raises(NotMeasured, match="the mode 9 cannot be read"):
        octal("9")
