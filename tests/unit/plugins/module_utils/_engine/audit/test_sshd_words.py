# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import NotMeasured
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.sshd_words import (
    first,
    seconds,
    words,
)

SETTINGS = {"ciphers": ["a,b,,c"], "logingracetime": ["30"], "banner": []}


def test_words() -> None:
    assert words(SETTINGS, "ciphers") == ["a", "b", "c"]
    assert seconds(SETTINGS, "logingracetime") == 30
    assert first(SETTINGS, "ciphers") == "a,b,,c"


@pytest.mark.parametrize("keyword", ["banner", "macs"])
def test_a_keyword_without_a_value(keyword: str) -> None:
    with pytest.raises(NotMeasured, match=keyword):
        first(SETTINGS, keyword)


def test_a_text_that_is_no_number() -> None:
    with pytest.raises(NotMeasured, match="ciphers a,b,,c is not a number"):
        seconds(SETTINGS, "ciphers")
