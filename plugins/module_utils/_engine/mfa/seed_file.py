# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a person's one-time codes, as pam_google_authenticator reads and writes it.

    SECRET                      the seed, Base32
    " RATE_LIMIT 3 30 ...       options; the PAM module appends its state to them
    " DISALLOW_REUSE ...
    12345678                    a recovery code; the PAM module removes a code that was used

The state belongs to the PAM module: it is kept for as long as the seed is the same. A line of our own, RECOVERY_CODES,
identifies the codes that the file got, so that used codes do not come back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import List, NamedTuple, Sequence, Tuple

_CODE = re.compile(r"[0-9]{8}\Z")
_OPTION = '" '
_WINDOW, _ISSUED = "WINDOW_SIZE", "RECOVERY_CODES"
_STEPS = ("TOTP_AUTH", "DISALLOW_REUSE", "RATE_LIMIT 3 30")


class SeedFile(NamedTuple):
    """The content of a file.

    options: the lines of options, without their mark
    codes: the recovery codes that are left
    """

    secret: str
    options: Tuple[str, ...]
    codes: Tuple[str, ...]


def seed_file(text: str) -> SeedFile:
    """Read a file. Lines that nothing knows are dropped."""
    lines = text.splitlines()
    options = tuple(line[len(_OPTION) :] for line in lines[1:] if line.startswith(_OPTION))
    return SeedFile(lines[0] if lines else "", options, tuple(line for line in lines[1:] if _CODE.match(line)))


def text_of(file: SeedFile) -> str:
    """Return the text of a file."""
    return "".join("%s\n" % line for line in (file.secret, *(_OPTION + each for each in file.options), *file.codes))


def updated(found: SeedFile, secret: str, window: int, codes: Sequence[str]) -> SeedFile:
    """Return the file with this seed, window and these recovery codes; of the same seed it keeps the state.

    codes: none keeps the codes of the file
    """
    kept = found if found.secret == secret else SeedFile(secret, _STEPS, ())
    options = _with_option(kept.options, _WINDOW, str(window))
    issued = _identity(secret, codes)
    if not codes or "%s %s" % (_ISSUED, issued) in options:
        return SeedFile(secret, options, kept.codes)
    return SeedFile(secret, _with_option(options, _ISSUED, issued), tuple(codes))


def _with_option(options: Sequence[str], name: str, value: str) -> Tuple[str, ...]:
    line = "%s %s" % (name, value)
    if line in options:
        return tuple(options)
    others: List[str] = [each for each in options if each.split(" ")[0] != name]
    return (*others, line)


def _identity(secret: str, codes: Sequence[str]) -> str:
    """Return the name of a set of codes, which discloses no code to a reader without the seed."""
    return hmac.new(secret.encode(), "\n".join(codes).encode(), hashlib.sha256).hexdigest()[:16]
