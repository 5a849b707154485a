# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe of one account from outside: every attempt that a jail must refuse, one login after the other.

1. Log in for SFTP and make the attempts of one session: names, rights, links, keys. First remove the temporary names
   of a probe that was killed.
2. Ask for a shell with a terminal, for programs and for another subsystem, each over a login of its own (`commands`).
3. Ask for all forwarding over one login (`forwards`).
4. If only certificates may log in, try the key alone (`key_alone`).

Every login is complete, and a pause separates them, so that the server has no reason for a penalty. Files and
directories of the account are never changed. New entries have temporary names and are removed at once.
"""

from __future__ import annotations

import posixpath
import time
from functools import partial
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...model.endpoint import PeerIdentity, SshAccount
from ...model.findings import Finding, sorted_findings
from ...sftp.pool import SftpPool
from .catalogue import Expected, finding
from .commands import ATTEMPTS, attempt, key_alone
from .forwards import forwards
from .login import Outcome, ProbeStream, converse, started
from .names import links_made, links_present, names_that_lead_out, other_accounts
from .rights import directories_seen, key_files, marked_file, root_and_neighbours, stored_and_read, writing_requests
from .sftp_session import SftpSession, opened, remove_leftovers

_NO_SHELL = ("agent forwarding, environment", "SFTP shows no effect of them; ask sshd on the host (sshd -T)")
_NOT_MARKED = ("marked file", "no directory takes a file of such a name")


class ProbeRequest(NamedTuple):
    """The attempts to make.

    others: names of other accounts
    pause: seconds between two logins
    marked: store a file with a mark, whose name imitates lines of logs
    """

    account: SshAccount
    expected: Expected
    others: Tuple[bytes, ...] = ()
    pause: float = 0.0
    marked: bool = False


class Report(NamedTuple):
    """The result of a probe.

    not_checked: subject and reason
    removed: leftovers of a killed probe
    stores_in: absolute paths of the directories in which the account may store
    mark: of the stored file; "" without it
    """

    findings: Tuple[Finding, ...]
    not_checked: Tuple[Tuple[str, str], ...] = ()
    peer: Optional[PeerIdentity] = None
    logins: int = 0
    removed: int = 0
    stores_in: Tuple[bytes, ...] = ()
    mark: str = ""


def probe_jail(request: ProbeRequest, wait: Callable[[float], None] = time.sleep) -> Report:
    """Make all attempts. Raises the errors of a login."""
    report = _sftp(request)
    found: List[Finding] = list(report.findings)
    for each in ATTEMPTS:
        wait(request.pause)
        found += attempt(each, partial(converse, request.account))
    wait(request.pause)
    not_checked = list(report.not_checked)
    found += forwards(request.account, report.stores_in, not_checked)
    if request.expected.certificate_only:
        wait(request.pause)
        found += key_alone(request.account, not_checked)
    not_checked += [] if any(each.id == "command" for each in found) else [_NO_SHELL]
    logins = len(ATTEMPTS) + 2 + request.expected.certificate_only
    return report._replace(findings=sorted_findings(found), not_checked=tuple(not_checked), logins=logins)


def _sftp(request: ProbeRequest) -> Report:
    stream = started(ProbeStream(request.account))
    pool = SftpPool(stall_timeout=request.account.endpoint.stall_timeout)
    try:
        session = opened(stream, pool) if stream.refusal() is None else None
        if session is None:
            message = Outcome(True, messages=stream.messages).last_words or "without a message"
            return Report((finding("no_sftp", f"the session ends after the login: {message}"),), peer=stream.peer)
        return session_report(session, request)._replace(peer=stream.peer)
    finally:
        pool.close()
        stream.close()


def session_report(sftp: SftpSession, request: ProbeRequest) -> Report:
    expected = _resolved(sftp, request.expected)
    directories = directories_seen(sftp, expected)
    removed = remove_leftovers(sftp, directories)
    found = tuple(_attempts(sftp, expected, directories, request.others))
    mark = marked_file(sftp, expected) if request.marked else ""
    not_checked = (_NOT_MARKED,) if request.marked and not mark else ()
    return Report(found, not_checked, removed=removed, stores_in=expected.stores_in, mark=mark)


def _resolved(sftp: SftpSession, expected: Expected) -> Expected:
    """Return the directories as absolute paths; a relative path begins where the login does."""
    home = sftp.real_path(b".") or b"/"
    writable, readable = (
        tuple(posixpath.normpath(posixpath.join(home, each)) for each in paths)
        for paths in (expected.writable, expected.readable)
    )
    return expected._replace(writable=writable, readable=readable)


def _attempts(
    sftp: SftpSession, expected: Expected, directories: Sequence[bytes], others: Sequence[bytes]
) -> Iterator[Finding]:
    yield from names_that_lead_out(sftp, expected)
    yield from other_accounts(sftp, expected, others)
    yield from root_and_neighbours(sftp, expected, directories)
    yield from stored_and_read(sftp, expected)
    yield from writing_requests(sftp, expected)
    yield from links_made(sftp, expected)
    yield from links_present(sftp, expected, (b"/", *expected.directories))
    yield from key_files(sftp, (b"/", *expected.directories))
