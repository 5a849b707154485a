# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of pam_google_authenticator: its state survives every run with the same seed."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.account_files import (
    SeedFile,
    seed_file,
    text_of,
    updated,
)

SEED, OTHER = "A" * 32, "B" * 32
USED = f"""{SEED}
" TOTP_AUTH
" DISALLOW_REUSE 58801234 58801235
" RATE_LIMIT 3 30 1764000000
" WINDOW_SIZE 3
11111111
22222222
"""
NOTHING = SeedFile("", (), ())


def test_a_new_file() -> None:
    made = updated(NOTHING, SEED, 3, ())
    assert text_of(made).splitlines() == [
        SEED,
        '" TOTP_AUTH',
        '" DISALLOW_REUSE',
        '" RATE_LIMIT 3 30',
        '" WINDOW_SIZE 3',
    ]


def test_a_file_is_read_as_it_is() -> None:
    assert text_of(seed_file(USED)) == USED
    assert seed_file("") == NOTHING


def test_the_state_stays() -> None:
    assert updated(seed_file(USED), SEED, 3, ()) == seed_file(USED)
    wider = updated(seed_file(USED), SEED, 5, ())
    assert "DISALLOW_REUSE 58801234 58801235" in wider.options
    assert [each for each in wider.options if each.startswith("WINDOW_SIZE")] == ["WINDOW_SIZE 5"]


def test_a_new_seed_forgets_codes_and_state() -> None:
    made = updated(seed_file(USED), OTHER, 3, ())
    assert made.codes == ()
    assert "58801234" not in text_of(made)


def test_used_recovery_codes_stay_used() -> None:
    codes = ("33333333", "44444444")
    given = updated(seed_file(USED), SEED, 3, codes)
    assert given.codes == codes
    after_use = seed_file(text_of(given).replace("33333333\n", ""))
    assert updated(after_use, SEED, 3, codes) == after_use
    assert updated(after_use, SEED, 3, ("55555555",)).codes == ("55555555",)


@pytest.mark.parametrize("code", ["33333333", "44444444"])
def test_the_name_of_codes_discloses_no_code(code: str) -> None:
    given = updated(seed_file(USED), SEED, 3, ("33333333", "44444444"))
    (line,) = [each for each in given.options if each.startswith("RECOVERY_CODES")]
    assert code not in line
