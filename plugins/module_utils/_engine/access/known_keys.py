# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that open an account, in every file in which sshd may look for them, and other ways past these files.

An account may write to such a file, so a line in it proves nothing: an attacker can put the public keys of others
there, to have them revoked, or an authority of certificates. So only keys are revoked with which the account logged in,
by sshd's own lines in the journal. Spared are also keys of other accounts, which log in with them or have them in their
files, and all authorities. A directory service may not list its accounts.
"""

from __future__ import annotations

import pwd
from contextlib import suppress
from typing import FrozenSet, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import NotOverSsh, NotSupported, OperationFailed
from ..rotation.server_keys.sessions import Login, keys_on_record, own_logins
from ..sshd.session import owner
from ..trust.fingerprint import PublicKey
from .authorized_lines import lines_of
from .key_paths import authority_files, key_paths, key_words, other_ways
from .login_state import closed_accounts
from .other_accounts import other_accounts
from .read_as import read_as

_ROOT = "root"


class AccountKeys(NamedTuple):
    """found: keys of the account
    kept: keys of other accounts, and authorities
    kept_prints: fingerprints of keys and authorities by which this task and other accounts logged in
    odd: lines that are not exactly one plain key, for people
    ways: settings of sshd that let it in without these keys
    used: fingerprints of keys by which the account logged in; None if sshd's log cannot be read
    """

    found: Tuple[PublicKey, ...] = ()
    kept: FrozenSet[PublicKey] = frozenset()
    kept_prints: FrozenSet[str] = frozenset()
    odd: Tuple[str, ...] = ()
    ways: Tuple[str, ...] = ()
    used: Optional[FrozenSet[str]] = frozenset()

    def keeps(self, key: PublicKey) -> bool:
        """Return whether a key must not be revoked: another account depends on it."""
        return key in self.kept or key.fingerprint in self.kept_prints

    def revokes(self, key: PublicKey) -> bool:
        """Return whether a key is revoked: this account alone has logged in with it."""
        return key.fingerprint in (self.used or ()) and not self.keeps(key)


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
    kept = frozenset([*_authorities(account), *(key for name in others for key in _keys_of_other(name))])
    used, prints = _on_record(account, shadow)
    return AccountKeys(tuple(dict.fromkeys(found)), kept, prints, tuple(odd), tuple(other_ways(account)), used)


def _keys_of_other(account: str) -> Iterator[PublicKey]:
    """Yield the keys of another account, without those in files that sshd cannot read either."""
    with suppress(KeyError):  # a member of a group without an account
        for path in key_paths(account, key_words(account)):
            with suppress(OperationFailed):
                lines = lines_of(read_as(account, path) or b"")
                yield from (*lines.keys, *lines.authorities)


def _authorities(account: str) -> Iterator[PublicKey]:
    for path in authority_files(account):
        with suppress(OperationFailed):
            yield from lines_of(read_as(_ROOT, path) or b"").keys


def _on_record(account: str, shadow: str) -> Tuple[Optional[FrozenSet[str]], FrozenSet[str]]:
    """Return the keys by which the account logged in, and the keys and authorities of this task and of others."""
    try:
        own, logins = own_logins(), keys_on_record()
    except NotSupported:
        return None, frozenset()
    user, closed = _id_of(account), closed_accounts(shadow)
    used = frozenset(each.fingerprint for each in logins if _id_of(each.user) == user)
    # An account that is unknown now may be of a directory service that does not answer.
    others = [each for each in logins if _id_of(each.user) != user and each.user not in closed]
    return used, _prints([*own, *others])


def _prints(logins: List[Login]) -> FrozenSet[str]:
    return frozenset(each for login in logins for each in (login.fingerprint, login.ca) if each)


def _id_of(name: str) -> Optional[int]:
    """Return the user id: some services accept a name in several forms."""
    with suppress(KeyError):
        return pwd.getpwnam(name).pw_uid
    return None
