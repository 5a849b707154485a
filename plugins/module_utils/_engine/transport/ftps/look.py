# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at single entries: by MLST where the server has it, else in the listing of the directory that holds them.

A server refuses with words that may mean anything ("550 Could not get file size."): why is found out by looking.

A complete listing decides which entries are missing. MLSD is trusted, and so is a LIST with entries. An empty LIST is
trusted only with a second sign: vsftpd sends a good reply for a directory that it cannot open, with an empty listing,
or with the directory itself as the only entry, sometimes with ".". Its listings of other directories include "." and
"..", those from some servers (ftp-srv) never do.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import ItemError, NotFound, OperationFailed, PermissionDenied, ProtocolViolation, SyncError, UnsafeName
from ...ftps.listing import Listed, list_entry, mlsd_entry, mlst_entry
from ...ftps.replies import Reply, item_error
from ...ftps.session import FtpsSession
from ...model.relpath import ROOT, RelPath
from ...model.tree import DIRECTORY, FILE, Entry
from ..base import ENTRY_LIMIT, TEXT_LIMIT
from .server import entered, split
from .times import time_in

if TYPE_CHECKING:
    from .lane import Lane


_VAGUE = (OperationFailed, PermissionDenied)
_UNKNOWN_MODE = {DIRECTORY: 0o755}
_SIGHTS = (b"SIZE", b"MDTM")
"""Commands that a server carries out for files that exist. It may refuse one of them for all files."""
_READABLE = 0o444
_MODE_OF_LINKS = 0o777
_NOT_WRITABLE = re.compile(rb"d.{4}-.{2}-")
"""The beginning of a line of LIST: a directory in which neither the group nor others may make names."""
_MOST_OTHERS = 1000
"""Lines without an entry, after which the listing is not read on: they take time, and no limit of entries ends it."""
_NO_SUCH = RelPath(b".secure_sync-no-such-name")


class Looked(NamedTuple):
    """The entry under a name, or None if there is none, or the error."""

    path: RelPath
    entry: Optional[Entry]
    error: Optional[SyncError] = None


def entry_of(listed: Listed) -> Entry:
    kind, mode = listed.kind, listed.mode
    size = (listed.size or 0) if kind is FILE else 0
    return Entry(kind, size, listed.mtime or 0, _UNKNOWN_MODE.get(kind, 0o644) if mode is None else mode)


def look(lane: Lane, paths: Sequence[RelPath], *, by_list: bool = False) -> List[Looked]:
    if lane.server.has_mlst and not by_list:
        return _by_mlst(lane, paths)
    found: Dict[RelPath, Looked] = {}
    for parent, names in _by_parent(paths).items():
        found.update((each.path, each) for each in _in_listing(lane, parent, names, by_list=by_list))
    return [found[path] for path in paths]


def _by_mlst(lane: Lane, paths: Sequence[RelPath]) -> List[Looked]:
    answers = lane.ask(b"MLST", paths)
    found = [_from_mlst(path, reply) for path, reply in zip(paths, answers)]
    vague = [number for number, each in enumerate(found) if each.error and each.error.code == OperationFailed.code]
    for number in [number for number in vague if answers[number].good]:
        vague.remove(number)
        found[number] = _without_facts(lane, found[number])
    # "Cannot be listed" gives no reason; CWD's refusal does.
    full = lane.server.full
    replies = entered(lane.session, *(full(found[number].path) for number in vague)) if vague else ()
    for number, reply in zip(vague, replies):
        if not reply.good and _absent(reply, found[number].path):
            found[number] = Looked(found[number].path, None)
    return _with_links(lane, found) if lane.server.hides_kinds else found


def _with_links(lane: Lane, found: Sequence[Looked]) -> List[Looked]:
    """Take links from the listing of their directory: MLST of ProFTPD shows the kind of their target, and 0777."""
    doubtful = [each.path for each in found if each.entry is not None and each.entry.mode == _MODE_OF_LINKS]
    listed: Dict[RelPath, Looked] = {}
    for parent, names in _by_parent(doubtful).items():
        listed.update((each.path, each) for each in _in_listing(lane, parent, names) if each.entry is not None)
    return [listed.get(each.path, each) for each in found]


def _absent(refusal: Reply, path: RelPath) -> bool:
    # A path that leads through something else than a directory names nothing.
    return isinstance(item_error(refusal, path), NotFound) or b"not a directory" in b" ".join(refusal.lines).lower()


def _from_mlst(path: RelPath, reply: Reply) -> Looked:
    if not reply.good:
        return Looked(path, None, None if _absent(reply, path) else item_error(reply, path))
    lines = [line for line in reply.lines if line[:1] == b" "]
    try:
        listed = mlst_entry(lines[0]) if len(lines) == 1 else None
    except ItemError as error:
        return Looked(path, None, error)
    if listed is None:
        return Looked(path, None, OperationFailed("the server's answer to MLST is malformed", path=path))
    return Looked(path, entry_of(listed))


def _without_facts(lane: Lane, hidden: Looked) -> Looked:
    """Return the entry under a name of which MLST gives no facts. ProFTPD gives none of names that it hides, also if
    nothing is there."""
    path = lane.server.full(hidden.path)
    reply = lane.session.call(b"MDTM", path)
    if reply.refused and _absent(reply, hidden.path):
        return Looked(hidden.path, None)
    moment = time_in(reply)
    if moment is not None and lane.session.call(b"SIZE", path).good:
        return Looked(hidden.path, Entry(FILE, lane.size(hidden.path), moment, 0o644))
    there = entered(lane.session, path)[0].good
    return Looked(hidden.path, Entry(DIRECTORY, 0, 0, _UNKNOWN_MODE[DIRECTORY])) if there else hidden


def _by_parent(paths: Iterable[RelPath]) -> Dict[RelPath, List[RelPath]]:
    parents: Dict[RelPath, List[RelPath]] = {}
    for path in paths:
        parents.setdefault(path.parent, []).append(path)
    return parents


def _in_listing(lane: Lane, parent: RelPath, paths: List[RelPath], *, by_list: bool = False) -> Iterator[Looked]:
    wanted = {path.name: path for path in paths}
    found: List[Tuple[RelPath, Entry]] = []
    listing = lane.list(parent, by_list=by_list)
    if listing.problem is not None and not listing.entries:
        error = _hidden(lane, parent, listing.problem)
        yield from (Looked(path, None, error and error.at(path)) for path in paths)
        return
    for listed in listing.entries:
        if listed.name in wanted:
            found.append((wanted.pop(listed.name), entry_of(listed)))
    alike, unknown = _by_other_names(lane, listing.entries, wanted) if wanted else ([], [])
    found += alike
    yield from unknown
    for path, entry in with_exact_times(lane, found):
        yield Looked(path, entry)
    for path in wanted.values():
        yield Looked(path, None, listing.problem)


def _by_other_names(
    lane: Lane, entries: Sequence[Listed], wanted: Dict[bytes, RelPath]
) -> Tuple[List[Tuple[RelPath, Entry]], List[Looked]]:
    """Return the entries that a server without regard to case finds by names that it does not list, and the errors of
    names that remain unknown; remove both from `wanted`. Only names that may be found in this way are asked
    for."""
    from ...model.relpath import folded  # pylint: disable=import-outside-toplevel

    forms = {name: folded(name) for name in wanted}
    asked = set(forms.values())
    listed = {form: each for form, each in ((folded(each.name), each) for each in entries) if form in asked}
    alike = {name: listed[form] for name, form in forms.items() if form in listed}
    full = {name: lane.server.full(wanted[name]) for name in alike}
    directories = [name for name, each in alike.items() if each.kind is DIRECTORY]
    replies = entered(lane.session, *(full[name] for name in directories)) if directories else []
    found = [name for name, reply in zip(directories, replies) if reply.good]
    refused = {name: Reply(550, ()) for name in alike if name not in directories}
    for verb in _SIGHTS:
        # A refusal means that there is no such name only if the server carries the command out for the listed name.
        pairs = [(full[name], lane.server.full(wanted[name].parent.child(alike[name].name))) for name in refused]
        replies = list(lane.session.call_many([(verb, each) for pair in pairs for each in pair])) if pairs else []
        answers = list(zip(list(refused), replies[::2], replies[1::2]))
        found += [name for name, reply, _known in answers if reply.good]
        refused = {name: known for name, reply, known in answers if not (reply.good or known.good)}
    unknown = [Looked(path, None, item_error(refused[name], path)) for name, path in wanted.items() if name in refused]
    result = [(wanted.pop(name), entry_of(alike[name])) for name in found]
    for name in refused:
        del wanted[name]
    return result, unknown


def _hidden(lane: Lane, parent: RelPath, problem: SyncError) -> Optional[SyncError]:
    """Return why a directory could not be listed; None if it is not a directory, so that it has no entries."""
    while parent and not isinstance(problem, NotFound):
        above = lane.list(parent.parent)
        if above.problem is None or above.entries:
            kind = next((each.kind for each in above.entries if each.name == parent.name), None)
            return problem if kind is DIRECTORY else above.problem if kind is None else None
        parent, problem = parent.parent, above.problem
    if isinstance(problem, NotFound):
        return None
    return problem if lane.session.call(b"CWD", lane.server.root).good else None


def with_exact_times(lane: Lane, found: Sequence[Tuple[RelPath, Entry]]) -> List[Tuple[RelPath, Entry]]:
    """Return the same with the mtimes of files to the second, which LIST does not report."""
    files = [number for number, (_path, entry) in enumerate(found) if entry.kind is FILE]
    result = list(found)
    replies = lane.ask(b"MDTM", [found[number][0] for number in files]) if files else ()
    for number, reply in zip(files, replies):
        mtime = time_in(reply)
        if mtime is not None:
            path, entry = result[number]
            result[number] = path, entry._replace(mtime=mtime)
    return result


def is_private(lane: Lane, directory: RelPath) -> bool:
    """Return whether only its owner may change this directory and those above it, up to the parent of the root, as the
    lines of "." and ".." show. A directory that shows no modes is not private."""
    while True:
        shown = list(lane.session.list_lines(b"LIST", b"-a " + lane.server.full(directory)))
        for end in (b" .", b" ..") if directory == ROOT else (b" .",):
            lines = [line for line in shown if line.endswith(end)]  # also of other names with this end
            if not lines or not all(map(_NOT_WRITABLE.match, lines)):
                return False
        if directory == ROOT:
            return True
        directory = directory.parent


def explained(lane: Lane, refusals: Sequence[Tuple[RelPath, SyncError]]) -> Dict[RelPath, SyncError]:
    vague = [path for path, error in refusals if type(error) in _VAGUE]
    found = {each.path: each for each in lane.look(vague)} if vague else {}
    result = dict(refusals)
    for path, each in found.items():
        if each.entry is None and each.error is None:
            result[path] = NotFound("nothing is there", path=path)
    return result


def explained_by_parent(lane: Lane, path: RelPath, error: SyncError) -> SyncError:
    if type(error) in _VAGUE and path and path.parent != ROOT:
        above = lane.look([path.parent])[0]
        if above.error is None and (above.entry is None or above.entry.kind is not DIRECTORY):
            return NotFound("its parent directory is missing", path=path)
    return error


class Listing(NamedTuple):
    """A directory's entries; a problem means that they are not all. names_itself, names_parent: whether "." and ".."
    were among them."""

    entries: List[Listed]
    problem: Optional[SyncError]
    names_itself: bool = False
    names_parent: bool = False


def list_directory(lane: Lane, directory: RelPath, *, by_list: bool = False) -> Listing:
    full = lane.server.full(directory)
    by_list = by_list or not lane.server.has_mlst
    listing = _by_list(lane, full) if by_list else _read(lane.session, b"MLSD", full)
    problem = listing.problem
    if problem is not None and problem.path is None:
        return listing._replace(problem=problem.at(directory))
    return listing


def _by_list(lane: Lane, full: bytes) -> Listing:
    listing = _listed(lane, full)
    if listing.problem is None and _shows_nothing(listing, full):
        problem = _why_empty(lane, full)
        return listing if problem is None else Listing([], problem)
    return listing


def _shows_nothing(listing: Listing, full: bytes) -> bool:
    """Return whether there is not even ".", or the only entry may be the directory itself."""
    if len(listing.entries) != 1:
        return not listing.entries and not listing.names_itself
    only = listing.entries[0]
    return not listing.names_parent and only.kind is DIRECTORY and only.name == split(full)[1]


def _listed(lane: Lane, full: bytes) -> Listing:
    listing = _read(lane.session, b"LIST", b"-a " + full)
    lane.server.names_itself = lane.server.names_itself or listing.names_itself
    return listing


def _why_empty(lane: Lane, full: bytes) -> Optional[SyncError]:
    """Return the reason for a listing that shows nothing; None if it is right."""
    refusal = entered(lane.session, full)[0]
    if not refusal.good:
        return item_error(refusal)
    if _is_windows(lane.session):
        return None
    if _refuses_what_it_cannot_open(lane) and not _unreadable(lane, full):
        return None
    return PermissionDenied("the server does not list this directory")


def _is_windows(session: FtpsSession) -> bool:
    """Return whether the server lists as Windows does, without "."."""
    return b"windows" in b" ".join(session.call(b"SYST").lines).lower()


def _refuses_what_it_cannot_open(lane: Lane) -> bool:
    """Return whether LIST of a missing directory is refused, found out once: vsftpd sends an empty listing for that
    too."""
    server = lane.server
    if server.refuses_lists is None:
        server.refuses_lists = _read(lane.session, b"LIST", b"-a " + server.full(_NO_SUCH)).problem is not None
    return server.refuses_lists and not server.names_itself


def _unreadable(lane: Lane, full: bytes) -> bool:
    """Return whether the listing of its parent names ".", or shows a directory that has no mode to be read."""
    parent, name = split(full)
    above = _listed(lane, parent) if name else Listing([], None)
    closed = [listed for listed in above.entries if listed.mode is not None and not listed.mode & _READABLE]
    return above.names_itself or name in [listed.name for listed in closed]


def _read(session: FtpsSession, verb: bytes, argument: bytes) -> Listing:
    entries: List[Listed] = []
    problem: Optional[SyncError] = None
    names_itself, names_parent, text, others, now = False, False, 0, 0, time.time()
    try:
        for line in session.list_lines(verb, argument):
            try:
                listed = mlsd_entry(line) if verb == b"MLSD" else list_entry(line, now=now)
            except (UnsafeName, ProtocolViolation) as error:
                problem = problem or error
            else:
                if listed is not None:
                    entries.append(listed)
                    text += len(listed.name)
                    _bound(len(entries), text)
                    continue
                names_itself = names_itself or line.endswith(b" .")
                names_parent = names_parent or line.endswith(b" ..")
            others += 1
            if others > _MOST_OTHERS:
                words = f"the server lists more than {_MOST_OTHERS} lines without a name"
                problem = problem or ProtocolViolation(words)
                break
    except ItemError as error:
        problem = error.at(None)  # its path is the command's argument, not the item
    return Listing(entries, problem, names_itself, names_parent)


def _bound(entries: int, text: int) -> None:
    if entries > ENTRY_LIMIT or text > TEXT_LIMIT:
        raise ProtocolViolation(
            "the server lists more entries than a directory can hold",
            cure="Check whether the server's listing is right; split a tree of this size into several tasks.",
        )
