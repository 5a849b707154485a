# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import STATES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report_html import (
    KINDS,
    SIGNS,
    WORDS,
    moment_words,
    state_word,
)


@pytest.mark.parametrize("state", STATES)
def test_a_state_has_a_sign_and_a_word(state: str) -> None:
    assert state_word(state) == f'<span class="state state-{KINDS[state]}">{SIGNS[state]} {WORDS[state]}</span>'


def test_a_time_to_the_minute() -> None:
    assert moment_words(0) == "1970-01-01 00:00"
