# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the second factor that sshd asks each account for, and the state of its one-time codes. Nothing is
changed."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence, Tuple

from ..sshd.administrators import LOOPBACK
from ..sshd.daemon import CONFIG, Client, Effective
from ..sshd.views import views_of_all
from .account_files import ACCEPTED, PENDING, SEED, AccountFiles, seed_file
from .pam_text import asks_for_codes

FIDO2, CODE = "fido2", "totp"
_ASKED = "keyboard-interactive"
_KEYS = "pubkeyacceptedalgorithms"


class MfaAccount(NamedTuple):
    """The state of an account.

    factors: that sshd demands besides an ordinary key
    methods, key_options, service: settings of sshd for a login of the account
    enrolled: whether there is a seed
    pending_until, accepted: seconds since 1970
    codes_left: the number of recovery codes
    """

    account: str
    factors: Tuple[str, ...]
    methods: str
    key_options: str
    service: str
    enrolled: bool
    pending_until: Optional[int]
    accepted: Optional[float]
    codes_left: int


def look_up(
    accounts: Sequence[str], directory: str, config: str = CONFIG, address: str = LOOPBACK
) -> Tuple[MfaAccount, ...]:
    """Return the state of each account; if it depends on the port or on the address of the client, where sshd demands
    the fewest factors. Raises ConfigurationInvalid, SshdMissing, UnsafePath."""
    return tuple(_weakest(AccountFiles(directory, name), Client(name, address), config) for name in accounts)


def _weakest(files: AccountFiles, client: Client, config: str) -> MfaAccount:
    found = (_account(files, each.settings) for each in views_of_all(client, config))
    return min(found, key=lambda each: len(each.factors))


def _account(files: AccountFiles, found: Effective) -> MfaAccount:
    text = files.text(SEED)
    pending = (files.text(PENDING) or "").strip()
    return MfaAccount(
        account=files.account,
        factors=factors_of(found, by_pam=asks_for_codes(found, files.account, files.directory)),
        methods=_first(found, "authenticationmethods"),
        key_options=_first(found, "pubkeyauthoptions"),
        service=_first(found, "pamservicename"),
        enrolled=text is not None,
        pending_until=int(pending) if pending.isdigit() else None,
        accepted=files.time(ACCEPTED),
        codes_left=len(seed_file(text or "").codes),
    )


def factors_of(found: Effective, *, by_pam: bool) -> Tuple[str, ...]:
    """Return the second factors without which sshd lets no login in. by_pam: PAM asks for a code."""
    factors = []
    ways = [way.split(",") for way in _first(found, "authenticationmethods").split()]
    by_key = ways and all("publickey" in way for way in ways)
    keys = [name for name in _first(found, _KEYS).split(",") if name]
    if by_key and "verify-required" in _first(found, "pubkeyauthoptions") and _all_in_tokens(keys):
        factors.append(FIDO2)
    if ways and all(any(part.startswith(_ASKED) for part in way) for way in ways) and by_pam:
        factors.append(CODE)
    return tuple(factors)


def _all_in_tokens(keys: Sequence[str]) -> bool:
    return bool(keys) and all(name.startswith("sk-") for name in keys)


def _first(found: Effective, keyword: str) -> str:
    return " ".join(found.get(keyword, ()))
