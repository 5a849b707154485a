# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that open an account, in every file in which sshd may look for them, and other ways past these files.

- A block of sshd's configuration may hold for certain addresses alone, so sshd is asked for clients of each block.
- An account may write to such a file, so a line in it proves nothing: an attacker can put the public keys of others
  there, to have them revoked, or an authority of certificates. So only keys are revoked with which the account logged
  in, by sshd's own lines in the journal. Spared are also keys of other accounts, which log in with them or have them in
  their files, and all authorities. A directory service may not list its accounts.
- A file of an account is read as the account, as sshd does: on a network file system, root may be refused. A child of
  this process reads, so that a file system that does not answer holds up nothing. Its real user stays root: processes
  of the account cannot reach it.
"""

from __future__ import annotations

import glob
import grp
import os
import pwd
import re
import select
import signal
import stat
import time
from contextlib import suppress
from typing import FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import NotOverSsh, NotSupported, OperationFailed
from ..rotation.server_keys.read_by_sshd import Ask, asked
from ..rotation.server_keys.sessions import Login, keys_on_record, own_logins
from ..sshd.administrators import administrators
from ..sshd.daemon import CONFIG
from ..sshd.session import owner
from ..sshd.views import configured, expanded, words_of
from ..system.accounts import id_of
from ..system.login_state import closed_accounts
from ..trust.fingerprint import PublicKey
from .authorized_lines import lines_of

_ROOT = "root"
_SUDOERS = ("/etc/sudoers", "/etc/sudoers.d/*")
_RULE = re.compile(r"^[ \t]*(%?)([A-Za-z_][A-Za-z0-9_.@-]*)[ \t][^=\n]+=", re.MULTILINE)
_NO_NAMES = ("Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias")
_LONGEST = 1 << 20
_SECONDS = 10.0
_NONE, _CONTENT, _ERROR = b"-", b"+", b"!"
_KEYS, _AUTHORITIES = "authorizedkeysfile", "trustedusercakeys"
_LINE = re.compile(r"(?im)^[ \t]*trustedusercakeys(?:[ \t]*=|[ \t])(.*)$")
WAYS = ("AuthorizedKeysCommand", "HostbasedAuthentication", "TrustedUserCAKeys")
"""Settings of sshd by which an account gets in without its authorized keys and its password."""
_CLOSED = {"none", "no", ""}


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
        odd += [f"line {number} of {path} is not exactly one plain key" for number in lines.odd]
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
    """Yield the authorities of root's files. Raises OperationFailed: an authority that is not known is not spared."""
    for path in authority_files(account):
        yield from lines_of(read_as(_ROOT, path) or b"").keys


def _on_record(account: str, shadow: str) -> Tuple[Optional[FrozenSet[str]], FrozenSet[str]]:
    """Return the keys by which the account logged in, and the keys and authorities of this task and of others."""
    try:
        own, logins = own_logins(), keys_on_record()
    except NotSupported:
        return None, frozenset()
    # Ids are compared: some services accept a name in several forms.
    user, closed = id_of(account), closed_accounts(shadow)
    used = frozenset(each.fingerprint for each in logins if id_of(each.user) == user)
    # An account that is unknown now may be of a directory service that does not answer.
    others = [each for each in logins if id_of(each.user) != user and each.user not in closed]
    return used, _prints([*own, *others])


def _prints(logins: List[Login]) -> FrozenSet[str]:
    return frozenset(each for login in logins for each in (login.fingerprint, login.ca) if each)


def other_accounts(account: str, logins: Iterable[str], *, shadow: str) -> List[str]:
    """Return the names of the others. A directory service may not list its accounts: those that may become root, and
    the accounts of this login, are named by other sources."""
    names = [*(each.pw_name for each in pwd.getpwall()), *administrators(), *_sudoers(), *filter(None, logins)]
    return sorted(set(names) - {account} - closed_accounts(shadow))


def sudoers_in(text: str) -> Iterator[str]:
    """Yield the accounts in the rules of a file of sudoers, and the members of its groups."""
    for group, name in _RULE.findall(text):
        if group:
            with suppress(KeyError):
                yield from grp.getgrnam(name).gr_mem
        elif name not in _NO_NAMES:
            yield name


def _sudoers() -> Iterator[str]:
    for path in (each for pattern in _SUDOERS for each in sorted(glob.glob(pattern))):
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                yield from sudoers_in(stream.read())
        except (FileNotFoundError, IsADirectoryError):
            continue
        except OSError as error:
            raise OperationFailed(f"{path}: {error.strerror}", cure="Make it readable for root.") from None


def read_as(account: str, path: str, *, seconds: float = _SECONDS) -> Optional[bytes]:
    """Return the content of a regular file; None if there is none. Raises OperationFailed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _answer(account, path, writing)
    os.close(writing)
    try:
        received = _all(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        _end(child)
    if received[:1] in (_NONE, _CONTENT):
        return received[1:] if received[:1] == _CONTENT else None
    raise OperationFailed(
        f"{path}: cannot be read as {account}: {received[1:].decode('utf-8', 'replace') or 'no answer'}",
        cure="Make it a readable file of authorized keys alone, or move it away; then run this again.",
    )


def _answer(account: str, path: str, writing: int) -> None:
    """Answer as the child, and end it."""
    try:
        _become(account)
        with os.fdopen(writing, "wb") as stream:
            stream.write(_said(path))
    finally:
        os._exit(0)


def _become(account: str) -> None:
    if os.geteuid() == 0:
        entry = pwd.getpwnam(account)
        os.initgroups(account, entry.pw_gid)
        os.setegid(entry.pw_gid)
        os.seteuid(entry.pw_uid)


def _said(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return _ERROR + b"not a regular file"
            content = stream.read(_LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return _NONE
    except OSError as error:
        return _ERROR + str(error.strerror).encode()
    return _CONTENT + content if len(content) <= _LONGEST else _ERROR + b"longer than %d bytes" % _LONGEST


def _all(reading: int, deadline: float) -> bytes:
    """Return the whole answer; nothing if it does not come in time."""
    parts: List[bytes] = []
    while select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return b""


def _end(child: int) -> None:
    """End the child. A process that waits for a dead file system is left to the system."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + 1
    while not os.waitpid(child, os.WNOHANG)[0] and time.monotonic() < deadline:
        time.sleep(0.001)


def key_words(account: str, *, ask: Ask = asked) -> List[str]:
    """Return the words of AuthorizedKeysFile for an account. Raises ConfigurationInvalid."""
    return [word for word in dict.fromkeys(" ".join(ask(account, _KEYS)).split()) if word != "none"]


def key_paths(account: str, words: List[str]) -> List[str]:
    """Return the paths behind these words. Raises KeyError if there is no such account."""
    return list(dict.fromkeys(expanded(words, pwd.getpwnam(account))))


def authority_files(account: str, *, ask: Ask = asked, config: str = CONFIG) -> List[str]:
    """Return the files of all authorities of certificates, also those in blocks for other accounts."""
    named = [word for value in configured(_LINE, config) for word in words_of(value)]
    return [path for path in dict.fromkeys([*named, *ask(account, _AUTHORITIES)]) if path.startswith("/")]


def other_ways(account: str, *, ask: Ask = asked) -> List[str]:
    """Return the names of those that are in force for an account."""
    return [name for name in WAYS if not set(ask(account, name.lower())) <= _CLOSED]
