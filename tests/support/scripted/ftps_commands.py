# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of the tests' FTPS server: every one done as a good server does it. Each gives its final reply."""

from __future__ import annotations

__all__ = ["ACTIONS", "BEFORE_LOGIN", "PASSWORD", "USER", "look"]

import calendar
import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from .ftps_wire import Listed, dos_line, facts_line, reply, timestamp, unix_line

if TYPE_CHECKING:
    from .ftps_session import Session

USER, PASSWORD = "mirror", "correct horse battery staple"
_BLOCK = 64 * 1024


def look(directory: bytes, name: bytes) -> Listed:
    """Return the entry under a name."""
    path = os.path.join(directory, name)
    return Listed.of(name, os.lstat(path), os.readlink(path) if os.path.islink(path) else b"")


def _user(session: Session, argument: bytes) -> bytes:
    if not session.secure:
        return reply(530, b"TLS first")
    session.user = argument
    return reply(331, b"Password?")


def _password(session: Session, argument: bytes) -> bytes:
    session.logged_in = (session.user, argument) == (USER.encode(), PASSWORD.encode())
    return reply(230, b"Logged in") if session.logged_in else reply(530, b"Login incorrect")


def _protect(session: Session, argument: bytes) -> bytes:
    session.private = argument.upper() == b"P"
    return reply(200, b"OK") if session.private else reply(536, b"Only P")


def _options(session: Session, argument: bytes) -> bytes:
    words = argument.upper().split()
    if words[:1] == [b"HASH"]:
        if words[1:] not in ([b"SHA-1"], [b"SHA-256"]):
            return reply(501, b"Unknown algorithm")
        session.hash = words[1]
        return reply(200, session.hash)
    return reply(200, b"OK") if words[:1] in ([b"UTF8"], [b"MLST"]) else reply(501, b"Unknown option")


def _change_directory(session: Session, argument: bytes) -> bytes:
    if not os.path.isdir(session.real(argument)):
        return reply(550, b"No such directory")
    session.directory = session.absolute(argument)
    return reply(250, b"OK")


def _quoted(path: bytes) -> bytes:
    return b'"%s"' % path.replace(b'"', b'""')


def _listen(session: Session) -> int:
    if session.listener is not None:
        session.listener.close()
    session.listener = socket.create_server((session.connection.getsockname()[0], 0))
    return session.listener.getsockname()[1]


def _extended_passive(session: Session, _argument: bytes) -> bytes:
    return reply(229, b"Entering Extended Passive Mode (|||%d|)" % _listen(session))


def _passive(session: Session, _argument: bytes) -> bytes:
    place = [*session.connection.getsockname()[0].split("."), *map(str, divmod(_listen(session), 256))]
    return reply(227, b"Entering Passive Mode (%s)" % ",".join(place).encode())


def _list_facts(session: Session, argument: bytes) -> bytes:
    lines = (facts_line(entry) + b"\r\n" for entry in session.listed(argument))
    return session.send_all(_changed_lines(session, lines))


def _changed_lines(session: Session, lines: Iterator[bytes]) -> Iterator[bytes]:
    for each in session.service.behaviours:
        lines = each.lines(session, session.running, lines)
    return lines


def _without_options(argument: bytes) -> bytes:
    words = argument.split(b" ", 1)
    return (words[1] if len(words) > 1 else b"") if words[0].startswith(b"-") else argument


def _list(session: Session, argument: bytes) -> bytes:
    path = _without_options(argument)
    real = session.real(path)
    entries = session.listed(path) if os.path.isdir(real) else iter([look(*os.path.split(real))])
    if argument.startswith(b"-") and b"a" in argument.split(b" ", 1)[0]:
        entries = chain(_itself(session, real), entries)
    else:
        entries = (entry for entry in entries if not entry.name.startswith(b"."))
    lines = (_line(session, entry) + b"\r\n" for entry in entries)
    return session.send_all(_changed_lines(session, lines))


def _itself(session: Session, real: bytes) -> list[Listed]:
    """Return the additional lines of `ls -a`. Windows has none."""
    dotted = os.path.isdir(real) and _form(session) is not dos_line
    return [look(real, name) for name in (b".", b"..")] if dotted else []


def _list_names(session: Session, argument: bytes) -> bytes:
    names = os.listdir(session.real(_without_options(argument)))
    return session.send_all(iter([name + b"\r\n" for name in names]))


def _form(session: Session) -> Callable[[Listed], bytes]:
    """Return how lines of LIST are made: the first behaviour that has a form of its own decides."""
    forms = [each.form for each in session.service.behaviours if each.form is not None]
    return forms[0] if forms else unix_line


def _line(session: Session, entry: Listed) -> bytes:
    return _form(session)(entry)


def _facts(session: Session, argument: bytes) -> bytes:
    real = session.real(argument)
    entry = look(*os.path.split(real))._replace(name=session.absolute(argument))
    return reply(250, b"Listing", facts_line(entry))


def _regular(session: Session, argument: bytes) -> bytes:
    real = session.real(argument)
    if not os.path.isfile(real):
        raise FileNotFoundError(2, "")
    return real


def _size(session: Session, argument: bytes) -> bytes:
    return reply(213, b"%d" % os.stat(_regular(session, argument)).st_size)


def _time(session: Session, argument: bytes) -> bytes:
    first, _blank, rest = argument.partition(b" ")
    if len(first) == 14 and first.isdigit() and rest:
        return _set_time(session, argument)
    return reply(213, timestamp(os.stat(_regular(session, argument)).st_mtime))


def _set_time(session: Session, argument: bytes) -> bytes:
    stamp, _blank, name = argument.partition(b" ")
    when = _seconds(stamp)
    os.utime(session.real(name), (when, when))
    return reply(213, b"Modify=%s; %s" % (stamp, name))


def _seconds(stamp: bytes) -> int:
    return calendar.timegm(time.strptime(stamp.decode(), "%Y%m%d%H%M%S"))


def _site(session: Session, argument: bytes) -> bytes:
    words = argument.split(b" ", 2)
    verb = words[0].upper()
    if verb == b"UMASK" and len(words) == 2:
        session.umask = int(words[1], 8)
        return reply(200, b"UMASK set to 0%o" % session.umask)
    if verb == b"CHMOD" and len(words) == 3:
        os.chmod(session.real(words[2]), int(words[1], 8) & 0o777)
        return reply(200, b"CHMOD done")
    if verb == b"UTIME" and len(words) == 3:
        # Either "STAMP NAME" or "NAME ATIME MTIME CTIME UTC".
        parts = argument[6:].rsplit(b" ", 4)
        long = len(parts) == 5 and parts[4] == b"UTC"
        return _set_time(session, b"%s %s" % (parts[2], parts[0]) if long else argument[6:])
    return reply(504, b"Unknown SITE command")


def _store(session: Session, argument: bytes) -> bytes:
    offset, session.offset = session.offset, 0
    return session.store(session.real(argument), 0 if offset else os.O_TRUNC, offset)


def _append(session: Session, argument: bytes) -> bytes:
    return session.store(session.real(argument), os.O_APPEND, 0)


def _retrieve(session: Session, argument: bytes) -> bytes:
    offset, session.offset = session.offset, 0
    with open(_regular(session, argument), "rb") as file:
        file.seek(offset)
        blocks = iter(lambda: file.read(_BLOCK), b"")
        for each in session.service.behaviours:
            blocks = each.content(session, session.running, blocks)
        return session.send_all(blocks)


def _restart(session: Session, argument: bytes) -> bytes:
    session.offset = int(argument)
    return reply(350, b"Restarting")


def _rename_from(session: Session, argument: bytes) -> bytes:
    os.lstat(session.real(argument))
    session.renaming = session.real(argument)
    return reply(350, b"Ready")


def _rename_to(session: Session, argument: bytes) -> bytes:
    source, session.renaming = session.renaming, b""
    if not source:
        return reply(503, b"RNFR first")
    os.rename(source, session.real(argument))
    return reply(250, b"Renamed")


def _delete(session: Session, argument: bytes) -> bytes:
    os.unlink(session.real(argument))
    return reply(250, b"Deleted")


def _make_directory(session: Session, argument: bytes) -> bytes:
    os.mkdir(session.real(argument), 0o777 & ~session.umask)
    return reply(257, _quoted(session.absolute(argument)) + b" created")


def _remove_directory(session: Session, argument: bytes) -> bytes:
    os.rmdir(session.real(argument))
    return reply(250, b"Removed")


def _digest(session: Session, argument: bytes, algorithm: bytes) -> tuple[int, bytes]:
    with open(_regular(session, argument), "rb") as file:
        digest = hashlib.file_digest(file, algorithm.replace(b"-", b"").decode().lower())
        return file.tell(), digest.hexdigest().encode()


def _hash(session: Session, argument: bytes) -> bytes:
    size, digest = _digest(session, argument, session.hash)
    return reply(213, b"%s 0-%d %s %s" % (session.hash, size, digest, argument))


def _xsha256(session: Session, argument: bytes) -> bytes:
    return reply(250, _digest(session, argument.strip(b'"'), b"SHA-256")[1])


def _ok(_session: Session, _argument: bytes) -> bytes:
    return reply(200, b"OK")


BEFORE_LOGIN = frozenset(b"AUTH USER PASS PBSZ PROT FEAT OPTS NOOP QUIT SYST CLNT".split())
ACTIONS: dict[bytes, Callable[[Session, bytes], bytes]] = {
    b"AUTH": lambda session, argument: reply(234, b"Go on") if not session.secure else reply(503, b"It is on"),
    b"USER": _user,
    b"PASS": _password,
    b"PBSZ": _ok,
    b"PROT": _protect,
    b"FEAT": lambda session, argument: reply(211, b"Features", *session.service.features()),
    b"OPTS": _options,
    b"TYPE": _ok,
    b"MODE": _ok,
    b"STRU": _ok,
    b"NOOP": _ok,
    b"CLNT": _ok,
    b"SYST": lambda session, argument: reply(215, b"UNIX Type: L8"),
    b"QUIT": lambda session, argument: reply(221, b"Bye"),
    b"PWD": lambda session, argument: reply(257, _quoted(session.directory)),
    b"CWD": _change_directory,
    b"CDUP": lambda session, argument: _change_directory(session, b".."),
    b"EPSV": _extended_passive,
    b"PASV": _passive,
    b"MLSD": _list_facts,
    b"MLST": _facts,
    b"LIST": _list,
    b"NLST": _list_names,
    b"SIZE": _size,
    b"MDTM": _time,
    b"MFMT": _set_time,
    b"SITE": _site,
    b"STOR": _store,
    b"APPE": _append,
    b"RETR": _retrieve,
    b"REST": _restart,
    b"RNFR": _rename_from,
    b"RNTO": _rename_to,
    b"DELE": _delete,
    b"MKD": _make_directory,
    b"RMD": _remove_directory,
    b"HASH": _hash,
    b"XSHA256": _xsha256,
}
