# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that open an account, in every file in which sshd may look for them, and other ways past these files.

An account may write to such a file, so a line in it proves nothing: an attacker can put the public keys of others
there, to have them revoked. Keys that another account has as well are therefore spared.
"""

from __future__ import annotations

from contextlib import suppress
from typing import FrozenSet, Iterator, List, NamedTuple, Tuple

from ..errors import NotSupported, OperationFailed
from ..rotation.server_keys.sessions import search
from ..sshd.refusals import NotOverSsh
from ..sshd.session import ancestors, owner
from ..trust.fingerprint import PublicKey
from .authorized_lines import lines_of
from .key_paths import key_paths, key_words, other_ways
from .other_accounts import other_accounts
from .read_as import read_as

__all__ = ["AccountKeys", "account_keys", "login_of_this_session"]


class AccountKeys(NamedTuple):
    """found: keys of the account
    kept: keys of other accounts. kept_prints: fingerprints of keys of this login
    odd: lines that are not exactly one plain key, for people
    ways: settings of sshd that let it in without these keys
    """

    found: Tuple[PublicKey, ...] = ()
    kept: FrozenSet[PublicKey] = frozenset()
    kept_prints: FrozenSet[str] = frozenset()
    odd: Tuple[str, ...] = ()
    ways: Tuple[str, ...] = ()

    def keeps(self, key: PublicKey) -> bool:
        """Return whether a key must not be revoked: another account depends on it."""
        return key in self.kept or key.fingerprint in self.kept_prints


def login_of_this_session() -> str:
    """Return the account that logged in for this task; "" if it did not come over SSH."""
    with suppress(NotOverSsh):
        return owner().user
    return ""


def account_keys(account: str, login: str, *, shadow: str = "/etc/shadow") -> AccountKeys:
    """Return the keys of an account. login: the account by which the controller connects; "" if unknown.

    Raises OperationFailed for a file that cannot be read, ConfigurationInvalid.
    """
    found: List[PublicKey] = []
    odd: List[str] = []
    words = key_words(account)
    for path in key_paths(account, words):
        lines = lines_of(read_as(account, path) or b"")
        found += lines.keys
        odd += ["line %d of %s is not exactly one plain key" % (number, path) for number in lines.odd]
    others = other_accounts(account, (login, login_of_this_session()), shadow=shadow)
    kept = frozenset(key for name in others for key in _keys_of_other(name))
    return AccountKeys(
        tuple(dict.fromkeys(found)), kept, _prints_of_this_login(), tuple(odd), tuple(other_ways(account))
    )


def _keys_of_other(account: str) -> Iterator[PublicKey]:
    """Yield the keys of another account, without those in files that sshd cannot read either."""
    with suppress(KeyError):  # a member of a group without an account
        for path in key_paths(account, key_words(account)):
            with suppress(OperationFailed):
                yield from lines_of(read_as(account, path) or b"").keys


def _prints_of_this_login() -> FrozenSet[str]:
    above = frozenset(ancestors())
    with suppress(NotSupported):
        return frozenset(login.fingerprint for login in search(lambda login: login.pid in above).sessions)
    return frozenset()
