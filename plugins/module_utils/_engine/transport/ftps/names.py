# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on names over FTPS, many commands in one flight; and the root of the tree (RFC 959, RFC 3659)."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from ...errors import AlreadyExists, ItemError, NotFound, NotSupported, OperationFailed, PermissionDenied, SyncError
from ...ftps.replies import Reply, access_error, item_error
from ...model.display import display
from ...model.relpath import ROOT, RelPath
from ...model.tree import DIRECTORY, FILE, Attributes, Entry
from ..base import NO_RENAMES, OLD_STAYS, Done, Rename
from ..trash_names import kept_names
from .lane import Lane
from .look import Looked
from .pool import carry_out, unsendable
from .server import NO_DIRECTORY_TIMES, Command, Server, joined, split, working_directory
from .times import Times

NO_REPLACING = "the server does not replace a file in one step: the old file is moved aside first"
_NOT_RENAMED = Reply(550, (b"done, but the old name is still there",))
"""In place of a reply that was not true."""


class Names:
    """Each method works on one lane and gives one result for each item."""

    def __init__(self, times: Times) -> None:
        self._times = times

    # making

    def make_directories(self, lane: Lane, paths: List[RelPath]) -> Iterator[Done]:
        """Parents before children."""
        there = self._known_before(lane, paths)
        asked = [path for path in paths if path not in there]
        replies = dict(zip(asked, lane.ask(b"MKD", asked)))
        made = [path for path in asked if replies[path].good]
        errors = dict(self._closed(lane, made))
        refused = [path for path in asked if not replies[path].good]
        there.update((each.path, each) for each in lane.look(refused))
        for path, found in there.items():
            if found.entry is None:
                error: SyncError = found.error or access_error(replies[path], path)
                errors[path] = lane.explain_by_parent(path, error)
            elif found.entry.kind is not DIRECTORY:
                errors[path] = AlreadyExists(f"a {found.entry.kind} is in the way", path=path)
        lane.server.directories.update(made)
        return (Done(path, errors.get(path)) for path in paths)

    def _known_before(self, lane: Lane, paths: Sequence[RelPath]) -> Dict[RelPath, Looked]:
        """Return those that are there already, on a server whose MKD acknowledges them: they keep their modes."""
        if not lane.server.acknowledges_twice(lane.session, b"/"):
            return {}
        return {each.path: each for each in lane.look(paths) if each.entry is not None}

    def _closed(self, lane: Lane, made: Sequence[RelPath]) -> Iterator[Tuple[RelPath, SyncError]]:
        """Close new directories to other accounts."""
        if lane.server.private or not lane.server.sets_modes or not made:
            return
        for path, reply in zip(made, lane.session.call_many([lane.server.chmod(path, 0o700) for path in made])):
            if not reply.good:
                if lane.server.modes_refused(reply):
                    return
                if not lane.server.has_set_mode:
                    yield path, item_error(reply, path)

    # attributes

    def set_attributes(self, lane: Lane, changes: List[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        """In the order given."""
        owners: List[RelPath] = []
        commands: List[Command] = []
        for path, attributes in changes:
            for command in self.setting(lane, path, attributes):
                owners.append(path)
                commands.append(command)
        times: Dict[RelPath, SyncError] = {}
        modes: Dict[RelPath, SyncError] = {}
        for path, command, reply in zip(owners, commands, lane.session.call_many(commands)):
            if not reply.good and not self._bearable(lane, command, reply):
                (modes if command[1].startswith(b"CHMOD ") else times)[path] = item_error(reply, path)
        errors = self._without_directories(lane, lane.explain(list(times.items())))
        errors.update(lane.explain(list(modes.items())))
        return (Done(path, errors.get(path)) for path, _attributes in changes)

    def setting(self, lane: Lane, path: RelPath, attributes: Attributes) -> List[Command]:
        """Return the commands that set `attributes`; those that the server is known not to have are left out."""
        commands: List[Command] = []
        full = lane.server.full(path)
        if attributes.mtime is not None and (
            self._times.of_directories is not False or path not in lane.server.directories
        ):
            self._times.tried(lane.session, full)
            command = self._times.setting(full, attributes.mtime)
            if command is not None:
                commands.append(command)
        if attributes.mode is not None and lane.server.sets_modes:
            commands.append(lane.server.chmod(path, attributes.mode))
        return commands

    def _bearable(self, lane: Lane, command: Command, reply: Reply) -> bool:
        """Return whether the refusal means that the server has no SITE CHMOD."""
        chmod = command[1].startswith(b"CHMOD ") and isinstance(item_error(reply), NotSupported)
        return chmod and lane.server.modes_refused(reply)

    def _without_directories(self, lane: Lane, errors: Dict[RelPath, SyncError]) -> Dict[RelPath, SyncError]:
        """Drop the refusals of mtimes of directories from a server that has no mtimes for them."""
        if not errors or self._times.of_directories is not False:
            return errors
        directories = {
            each.path for each in lane.look(list(errors)) if each.entry is not None and each.entry.kind is DIRECTORY
        }
        if directories:
            lane.server.note(NO_DIRECTORY_TIMES)
            lane.server.directories |= directories
        return {path: error for path, error in errors.items() if path not in directories}

    # renaming

    def rename(self, lane: Lane, moves: List[Rename]) -> Iterator[Done]:
        """Rename, replacing existing files."""
        full = lane.server.full
        pairs = [(full(move.stage), full(move.path)) for move in moves]
        answers = self._move(lane, pairs, same=any(move.same for move in moves))
        for move, refusal in zip(moves, answers):
            why_not = item_error(refusal, move.path) if refusal and move.same else None
            yield Done(move.path, why_not or (refusal and self._why_not(lane, move, refusal)))

    def _move(self, lane: Lane, pairs: Sequence[Tuple[bytes, bytes]], *, same: bool = False) -> List[Optional[Reply]]:
        """RNFR and RNTO for each pair; the refusal of each, None if it was done.

        The last old name is looked for in the same flight, to detect a server that claims success and does nothing.
        same: the old name may be found by right.
        """
        commands = [command for old, new in pairs for command in ((b"RNFR", old), (b"RNTO", new))]
        *replies, left = lane.session.call_many([*commands, (b"SIZE", pairs[-1][0])])
        answers = [
            begun if begun.refused else None if ended.good else ended
            for begun, ended in zip(replies[::2], replies[1::2])
        ]
        disproven = left.good and answers[-1] is None and not same
        return self._disproven(lane, pairs, answers) if disproven else answers

    def _disproven(
        self, lane: Lane, pairs: Sequence[Tuple[bytes, bytes]], answers: List[Optional[Reply]]
    ) -> List[Optional[Reply]]:
        left = lane.session.call_many([(b"SIZE", old) for old, _new in pairs])
        return [answer or (_NOT_RENAMED if reply.good else None) for answer, reply in zip(answers, left)]

    def _why_not(self, lane: Lane, move: Rename, refusal: Reply) -> Optional[SyncError]:
        error: SyncError = item_error(refusal, move.path)
        if isinstance(error, (NotSupported, OperationFailed, PermissionDenied)):
            error = error.at(move.path, cure=NO_RENAMES)
        stage, target = lane.look([move.stage, move.path])
        if stage.entry is None and stage.error is None:
            return NotFound("its temporary file is gone", path=move.path)
        if target.entry is None:
            return lane.explain_by_parent(move.path, error)
        if target.entry.kind is DIRECTORY:
            return error
        return self._by_steps(lane, move, error)

    def _by_steps(self, lane: Lane, move: Rename, error: SyncError) -> Optional[SyncError]:
        """Let the old file step aside, and come back if the new one cannot take its place."""
        path, stage = lane.server.full(move.path), lane.server.full(move.stage)
        aside = stage + b".old"
        if self._move(lane, [(path, aside)])[0] is not None:
            return error
        refusal = self._move(lane, [(stage, path)])[0]
        if refusal is not None:
            left = self._move(lane, [(aside, path)])[0]
        else:
            lane.server.note(NO_REPLACING)
            removed = lane.session.call(b"DELE", aside)
            left = None if removed.good else removed
        if left is not None:
            lane.server.note(f"{OLD_STAYS}, such as '{display(aside)}': {item_error(left).message}")
        return None if refusal is None else error

    def keep(self, lane: Lane, trash: RelPath, paths: List[RelPath]) -> Iterator[Done]:
        """Move each to the first free name in the trash."""
        results: Dict[RelPath, Done] = {}
        names: Dict[RelPath, Iterator[RelPath]] = {}
        for each in lane.look(paths):
            if each.error is not None:
                results[each.path] = Done(each.path, each.error)
            elif each.entry is None:
                results[each.path] = Done(each.path, NotFound("nothing is there", path=each.path))
            elif each.entry.kind is DIRECTORY:
                results[each.path] = Done(each.path, OperationFailed("is a directory", path=each.path))
            else:
                names[each.path] = kept_names(RelPath(trash + b"/" + each.path))
        for path, name in self._free_names(lane, names, results):
            refusal = self._move(lane, [(lane.server.full(path), lane.server.full(name))])[0]
            results[path] = Done(path, refusal and item_error(refusal, path))
        return (results[path] for path in paths)

    def _free_names(
        self, lane: Lane, names: Dict[RelPath, Iterator[RelPath]], results: Dict[RelPath, Done]
    ) -> Iterator[Tuple[RelPath, RelPath]]:
        while names:
            tried: Dict[RelPath, RelPath] = {}
            for path, candidates in list(names.items()):
                name = next(candidates, None)
                if name is None:
                    results[path] = Done(path, AlreadyExists("too many files of this name are kept", path=path))
                    del names[path]
                else:
                    tried[path] = name
            looked = lane.look(list(tried.values()))
            free = {each.path for each in looked if each.entry is None and each.error is None}
            for path, name in tried.items():
                if name in free:
                    del names[path]
                    yield path, name

    # removing

    def remove_files(self, lane: Lane, paths: List[RelPath]) -> Iterable[Done]:
        """Remove files; a missing file counts as removed."""
        return self._remove(lane, b"DELE", paths)

    def remove_directories(self, lane: Lane, paths: List[RelPath]) -> Iterable[Done]:
        """Remove directories, children before parents; a missing directory counts as removed."""
        lane.server.directories.difference_update(paths)
        return self._remove(lane, b"RMD", paths)

    def _remove(self, lane: Lane, verb: bytes, paths: List[RelPath]) -> List[Done]:
        commands = [(path, (verb, lane.server.full(path))) for path in paths]
        return carry_out(lane, commands, settle=_unless_gone)


def _unless_gone(_path: RelPath, error: SyncError) -> Optional[SyncError]:
    return None if isinstance(error, NotFound) else error


class Root:
    """The methods of Transport that are about its root, each for one lane."""

    def entry(self, lane: Lane) -> Optional[Entry]:
        """Implement Transport.root_entry; size, mode and mtime are not asked for."""
        root = lane.server.root
        altered = unsendable(root, lane.server.alterations(lane.session if lane.server.unsettled([root]) else None))
        if altered is not None:
            raise altered
        refusal = lane.session.call(b"CWD", root)
        if refusal.good:
            return Entry(DIRECTORY, 0, 0, 0o755)
        if lane.session.call(b"SIZE", root).good:
            return Entry(FILE, 0, 0, 0o644)
        return self._unenterable(lane, item_error(refusal, ROOT))

    def _unenterable(self, lane: Lane, refusal: ItemError) -> Optional[Entry]:
        """Return the entry of a root that is neither a file nor an accessible directory."""
        parent, name = split(lane.server.root)
        if not name:
            raise refusal
        above = Server(parent)
        above.root, above.features = parent, lane.server.features
        found = Lane(lane.session, above).look([RelPath(name)])[0]
        if found.error is not None:
            raise found.error
        if found.entry is not None and found.entry.kind is DIRECTORY:
            raise refusal
        return found.entry

    def create(self, lane: Lane) -> None:
        root = lane.server.root
        reply = lane.session.call(b"MKD", root)
        if not reply.good:
            if lane.session.call(b"CWD", root).good or lane.session.call(b"SIZE", root).good:
                raise AlreadyExists("something is there already", path=ROOT)
            if not lane.session.call(b"CWD", split(root)[0]).good:
                raise NotFound("its parent directory is missing", path=ROOT)
            raise access_error(reply, ROOT)
        mode = lane.session.call(*lane.server.chmod(ROOT, 0o755))
        if not mode.good and not lane.server.modes_refused(mode):
            raise item_error(mode, ROOT)

    def real_path(self, lane: Lane) -> bytes:
        if lane.session.call(b"CWD", lane.server.root).good:
            return working_directory(lane.session)
        parent, name = split(lane.server.root)
        if not lane.session.call(b"CWD", parent).good:
            raise NotFound("its parent directory is missing", path=ROOT)
        return joined(working_directory(lane.session), name)
