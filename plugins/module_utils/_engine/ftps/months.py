# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The months as listings abbreviate them, in the languages whose words do not contradict each other."""

from __future__ import annotations

from typing import Dict, Optional

_WORDS = (
    "jan january januar janv ene enero gen gennaio sty",
    "feb february februar févr fév fev febrero febbraio lut",
    "mar march mär märz mrz mars mrt marzo maart",
    "apr april avr avril abr abril aprile kwi",
    "may mai mayo mag maggio mei maj maio",
    "jun june juni juin junio giu giugno cze",
    "jul july juli juil julio lug luglio lip",
    "aug august août aoû ago agosto sie",
    "sep sept september septembre septiembre set wrz",
    "oct october okt oktober ott ottobre out octobre octubre paź",
    "nov november novembre noviembre lis",
    "dec december dez dezember déc dic dicembre diciembre gru",
)
_MONTHS: Dict[str, int] = {word: number for number, words in enumerate(_WORDS, 1) for word in words.split()}


def month_of(word: bytes) -> Optional[int]:
    """Return the month, 1 to 12, or None if the word is none that is known; "11月" is a month too."""
    try:
        text = word.decode("utf-8").lower().rstrip(".,")
    except UnicodeDecodeError:
        return None
    number = text.rstrip("月월")
    if number != text and number.isascii() and number.isdigit():
        return int(number) if 1 <= int(number) <= 12 else None
    return _MONTHS.get(text)
