# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folding: destinations for which two names are the same, that keep another name than they were given, or that refuse
characters.

1. Find: names of a directory with the same `folded` form, if the run makes or removes one of them. Most runs have none,
   and ask nothing.
2. Ask: are both the same for the destination (`fold_questions`)?
3. Judge: two names of the source in one place are an error of both, before the first byte; so is a name in the place
   of an excluded entry. All these entries are left alone. A new name in the place of an entry that only the destination
   has is that entry: its tree gets the source's name, so that the planner compares the two, and the run renames it. A
   directory is renamed with all that is in it, and its entries are judged after it.
4. Rename (`respell`): in one request where the destination can, else through a temporary name. A new listing must show
   the new name; a name that comes back changed is the error of this entry. So it is for new names (`check_names`).
5. Explain (`explain`): if an entry failed and its name has characters that some file systems refuse, temporary files
   show which of them the destination does not take.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from contextlib import suppress
from itertools import chain, filterfalse, islice
from typing import AbstractSet, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from ..errors import (
    AlreadyExists,
    ItemError,
    NameCollision,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    SyncError,
)
from ..integrity.digest import UnusableManifest
from ..model.display import display
from ..model.plan import Write
from ..model.relpath import REPLACED, RelPath, folded
from ..model.tree import Tree
from ..planning.removals import ancestors, inside
from ..transport.base import Rename, Transport
from .fold_questions import LONGEST, End, Probes, cut, is_odd, odd_bytes, question
from .outcomes import Outcomes
from .record import RESPELLED, Record
from .retry import Retrying
from .roots import Opened, Sides
from .scan import Scanned
from .stage_names import StageNames

_MOST_BYTES = 1024
"""Of a name. No file system takes more, and the work for a longer name would grow faster than the name."""
_NAMED = 5
_MANY = 40
"""Names with one folded form, or forms of a part of them, that are not compared in pairs: no honest source has more."""
_KEPT = 1.1
"""Seconds. File systems by FUSE keep a name that was found for a second, also after its entry was renamed."""
RENAME_ONE = "Rename one of them, or exclude it."
SAME_NAME = "for the destination, this name and %s are the same"
OF_THE_RUN = "for the destination, this name and %s are the same, and the run needs that name itself"
BOUND = "for the destination, this name and %s are the same, and entries in it are left alone only under that name"
TAKEN = "another entry has that name"
LEFT_ASIDE = "'%s' is an entry that a run was to rename to '%s', and could not be renamed: %s"
IN_CHANGED = "the destination keeps its directory as %s"
_SAMPLE = 8
_CASE, _FORM = re.compile(rb"[A-Z]"), re.compile(rb'[^ -~]|[\\:*?"<>|]|[. ]\Z')
"""Parts of names that a destination may change."""
IN_THE_PLACE = "for the destination, this is the name of its entry %s, which the run leaves alone"
_REFUSED = frozenset('\\:*?"<>|') | {chr(code) for code in (*range(1, 32), 127)}
_VAGUE = (NotFound, OperationFailed, PermissionDenied)


class Folding:
    """The names of a run that are the same as others for its destination.

    renames: the names that the destination has now, by the names of the source
    errors: of names that cannot be stored
    held: entries that are left alone
    probed: temporary files that were made, and removed
    notes: for the result
    """

    def __init__(self) -> None:
        self.renames: Dict[RelPath, RelPath] = {}
        self.errors: List[SyncError] = []
        self.held: Set[RelPath] = set()
        self.probed: Set[RelPath] = set()
        self.notes: List[str] = []


def find_folding(
    opened: Opened,
    source: Scanned,
    destination: Scanned,
    record: Record,
    *,
    unsent: AbstractSet[RelPath],
    own: AbstractSet[RelPath],
    exposes: Callable[[RelPath, RelPath], bool],
    removes: bool,
    writes: bool,
    probes: bool,
) -> Folding:
    """Return the names of the source that are the same as others for the destination, and give its tree the source's
    names.

    unsent: entries of the source that are left alone
    own: names besides the tree that the run may make, such as the trash
    exposes: whether an entry that the filters hide by the first name is not hidden by the second
    removes: whether the run removes extra entries
    writes: False in check mode
    probes: whether temporary files may be made
    """
    found = Folding()
    above = {path for each in own for path in map(RelPath, ancestors(each)) if path not in source.tree}
    names = _Names(source, destination, source.hidden | unsent | own | above, own | above, exposes, removes=removes)
    groups = names.alike()
    if not groups:
        return found
    end = End(opened, destination, record, names.is_there, writes=writes, probes=writes and probes)
    found.probed, found.notes = end.probed, end.notes
    while groups:
        renames: Dict[RelPath, RelPath] = {}
        for group in groups:
            if not inside(group[0].parent, found.held):
                for place in _places(group, names, end):
                    _judge(place, names, found, renames)
        found.renames.update((new, old) for old, new in renames.items())
        groups = names.alike(names.respell(renames)) if renames else []
    end.remember()
    return found


class _Children:
    """Paths by their directories."""

    def __init__(self, paths: Iterable[RelPath]) -> None:
        self._of: Dict[bytes, Dict[RelPath, None]] = defaultdict(dict)
        for path in paths:
            self._of[path.rpartition(b"/")[0]][path] = None

    def of(self, directory: RelPath) -> Iterable[RelPath]:
        return self._of.get(directory, ())

    def below(self, directory: RelPath) -> Iterator[RelPath]:
        """Yield all paths below a directory."""
        waiting = [directory]
        while waiting:
            found = self.of(waiting.pop())
            yield from found
            waiting.extend(found)

    def rename(self, old: RelPath, new: RelPath) -> Iterator[Tuple[RelPath, RelPath]]:
        """Give a path and all below it new names; yield each with its new name."""
        siblings = self._of[old.parent]
        del siblings[old]
        siblings[new] = None
        waiting = [(old, new)]
        while waiting:
            before, after = waiting.pop()
            yield before, after
            below = self._of.pop(before, None)
            if below:
                moved = [(path, RelPath(after + path[len(before) :])) for path in below]
                self._of[after].update((path, None) for _path, path in moved)
                waiting.extend(moved)


class _Names:
    """The names of both sides. unsent: names of the source that are left alone, and `own`."""

    def __init__(
        self,
        source: Scanned,
        destination: Scanned,
        unsent: AbstractSet[RelPath],
        own: AbstractSet[RelPath],
        exposes: Callable[[RelPath, RelPath], bool],
        *,
        removes: bool,
    ) -> None:
        self._source = source.tree
        self.unsent = unsent
        self.own = own
        self._exposes = exposes
        self._destination = destination
        self._removes = removes
        self._judged: Set[AbstractSet[RelPath]] = set()
        self._of_both: Optional[Tuple[_Children, _Children]] = None

    @property
    def _children(self) -> Tuple[_Children, _Children]:
        """Return the names of the source and of the destination by their directories; few runs need them. The listing
        of the destination, which follows, is a copy from then on."""
        if self._of_both is None:
            there = self._destination
            there.tree, there.hidden = dict(there.tree), set(there.hidden)
            there.holding, there.unlisted = set(there.holding), set(there.unlisted)
            ours = _Children(chain(self._source, self.unsent))
            self._of_both = ours, _Children(chain(there.tree, there.hidden, there.holding, there.unlisted))
        return self._of_both

    @property
    def present(self) -> Tree:
        """Return the destination's tree, whose names this run may change."""
        return self._destination.tree

    def is_sent(self, path: RelPath) -> bool:
        return path in self._source and path not in self.unsent

    def is_ours(self, path: RelPath) -> bool:
        return path in self._source or path in self.unsent

    def is_there(self, path: RelPath) -> bool:
        return path in self.present or path in self._destination.hidden

    def is_bound(self, old: RelPath, new: RelPath) -> bool:
        """Return whether the destination's entry cannot get this name, because an entry in it is hidden only by the
        present name."""
        return any(
            path in self._destination.hidden and self._exposes(path, RelPath(new + path[len(old) :]))
            for path in self._children[1].below(old)
        )

    def changes(self, path: RelPath) -> bool:
        """Return whether the run makes this name, or could remove it."""
        if self.is_ours(path):
            return not self.is_there(path)
        return self._removes and path in self.present

    def respell(self, renames: Dict[RelPath, RelPath]) -> List[RelPath]:
        """Give entries of the destination the names of the source; return the directories that have another path now,
        where names may be alike now."""
        (_ours, theirs), respelled = self._children, []
        there = self._destination
        for top, name in renames.items():
            for old, new in theirs.rename(top, name):
                if old in there.tree:
                    there.tree[new] = there.tree.pop(old)
                for paths in (there.holding, there.hidden, there.unlisted):
                    if old in paths:
                        paths.remove(old)
                        paths.add(new)
                respelled.append(new)
        return [path for path in respelled if theirs.of(path)]

    def alike(self, directories: Optional[Iterable[RelPath]] = None) -> List[List[RelPath]]:
        """Return the names, in groups of one directory and one folded form, that the run must ask about. directories:
        to look at; without them, all."""
        if directories is not None:
            ours, theirs = self._children
            return self._in_groups([*dict.fromkeys([*ours.of(path), *theirs.of(path)])] for path in directories)
        source, unsent = self._source, self.unsent
        # All that runs over every name is left to filterfalse, which is faster than a loop by far.
        others = list(filterfalse(source.__contains__, chain(self.present, self._destination.hidden)))
        others = [*filterfalse(source.__contains__, unsent), *filterfalse(unsent.__contains__, others)]
        new = filterfalse(self.present.__contains__, source)
        changing = {path.rpartition(b"/")[0] for path in chain(new, filter(self.changes, others))}
        names: Dict[bytes, List[RelPath]] = defaultdict(list)
        for path in chain(source, others):
            directory = path.rpartition(b"/")[0]
            if directory in changing:
                names[directory].append(path)
        return self._in_groups(names.values())

    def _in_groups(self, directories: Iterable[Sequence[RelPath]]) -> List[List[RelPath]]:
        groups = chain.from_iterable(map(_alike, directories))
        return sorted(sorted(group) for group in groups if self._matters(group))

    def _matters(self, group: Sequence[RelPath]) -> bool:
        if frozenset(group) in self._judged:
            return False
        self._judged.add(frozenset(group))
        return any(map(self.is_ours, group)) and any(map(self.changes, group))


def _alike(names: Sequence[RelPath]) -> Iterable[List[RelPath]]:
    """Return the names of one directory that have the same folded form."""
    whole = b"\n".join(names) + b"\n"
    if whole.isascii() and b".\n" not in whole and b" \n" not in whole:
        # Nearly all directories.
        forms = whole.lower().translate(REPLACED).split(b"\n")
        if len(set(forms)) == len(forms):
            return ()
    groups: Dict[bytes, List[RelPath]] = defaultdict(list)
    for path in names:
        if len(path.name) <= _MOST_BYTES:
            groups[folded(path.name)].append(path)
    return [group for group in groups.values() if len(group) > 1]


def _places(group: Sequence[RelPath], names: _Names, end: End) -> List[List[RelPath]]:
    """Return the names of a group by the places that the destination has for them."""
    by_bytes: Dict[Tuple[int, ...], List[RelPath]] = defaultdict(list)
    for path in group:
        by_bytes[odd_bytes(path)].append(path)
    if len(by_bytes) > 1 and any(map(names.changes, group)) and end.keeps_bytes(group[0].parent):
        # There may be thousands of names in an old set of characters, which need not be compared in pairs.
        return list(chain.from_iterable(_places(part, names, end) for part in by_bytes.values()))
    if len(group) > _MANY:
        return _places_of_many(group, end)
    places: List[List[RelPath]] = []
    for path in sorted(group, key=names.is_there, reverse=True):
        for place in places:
            if _one_place(path, place[0], names, end):
                place.append(path)
                break
        else:
            places.append([path])
    return places


def _places_of_many(group: Sequence[RelPath], end: End) -> List[List[RelPath]]:
    """Return the same for a large group. All names are cut where each of them can be cut, and the forms of each part
    are compared: the work grows with the names, and the questions with the forms."""
    texts = [path.name.decode("utf-8", "surrogateescape") for path in group]
    odd = "".join(sorted(set(filter(is_odd, texts[0]))))
    places: Dict[Tuple[str, ...], List[RelPath]] = defaultdict(list)
    known: Dict[int, Dict[str, str]] = defaultdict(dict)
    for path, parts in zip(group, cut(texts)):
        for number, part in enumerate(parts):
            forms = known[number]
            if part not in forms:
                forms[part] = _first_form(group[0].parent, part, list(dict.fromkeys(forms.values())), odd, end)
        places[tuple(known[number][part] for number, part in enumerate(parts))].append(path)
    return list(places.values())


def _first_form(directory: RelPath, part: str, forms: Sequence[str], odd: str, end: End) -> str:
    """Return the form that the destination takes for `part`, else `part` itself. Too many count as the same."""
    if len(forms) >= _MANY:
        return forms[0]
    return next((form for form in forms if end.takes_for_one(directory, question(form, part, odd))), part)


def _one_place(path: RelPath, other: RelPath, names: _Names, end: End) -> bool:
    """Return whether two names are one place. Names that both stay as they are, or both go, are not asked about."""
    if not (names.changes(path) or names.changes(other)) or not (names.is_ours(path) or names.is_ours(other)):
        return False
    return end.are_the_same(path, other)


def _judge(place: Sequence[RelPath], names: _Names, found: Folding, renames: Dict[RelPath, RelPath]) -> None:
    """Judge the names of one place. renames: gets the new name of an entry."""
    if len(place) < 2:
        return
    sent = [path for path in place if names.is_sent(path)]
    there = [path for path in place if names.is_there(path)]
    unsent = [path for path in place if path in names.unsent]
    if not sent:
        found.held.update(there)
    elif not names.own.isdisjoint(place):
        _collide(sent, place, OF_THE_RUN, found)
    elif len(sent) == 1 and len(place) == 2 and there and there[0] in names.present and not unsent and sent != there:
        if len(there) == 1 and names.is_bound(there[0], sent[0]):
            _collide(sent, place, BOUND, found)
        elif len(there) == 1:
            renames[there[0]] = sent[0]
        else:
            _collide(sent, place, SAME_NAME, found)
    elif len(sent) > 1:
        _collide(sent, place, SAME_NAME, found)
    elif there and there != sent:
        _collide(sent, place, IN_THE_PLACE, found)


def _collide(sent: Sequence[RelPath], place: Sequence[RelPath], text: str, found: Folding) -> None:
    for path in sent:
        named = [other for other in place[: _NAMED + 1] if other != path][:_NAMED]
        more = len(place) - 1 - len(named)
        others = ", ".join(map(display, named)) + (f" and {more} more" if more else "")
        found.errors.append(NameCollision(text % others, path=path, cure=RENAME_ONE))
    found.held.update(place)


class _Aside:
    """The entries that have a temporary name, in the record, so that the next run of a killed run finds their names."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._names: Dict[RelPath, RelPath] = {}

    def begin(self, aside: RelPath, path: RelPath) -> None:
        self._names[aside] = path
        with suppress(OSError, UnusableManifest):
            self._record.save_text(RESPELLED, b"\n".join(each.hex().encode() for each in chain(*self._names.items())))

    def end(self, aside: RelPath) -> None:
        del self._names[aside]
        if not self._names:
            self._record.forget_texts([RESPELLED])


def finish_respelling(destination: Transport, record: Record, note: Callable[[str], None]) -> None:
    """Give the entries that a killed run has left under temporary names the names that they were to get."""
    try:
        paths = [RelPath(bytes.fromhex(line.decode())) for line in record.load_text(RESPELLED).split()]
    except (UnusableManifest, ValueError):
        return
    for aside, path in zip(paths[::2], paths[1::2]):
        error = _brought_back(destination, aside, path)
        if error is not None:
            time.sleep(_KEPT)
            error = _brought_back(destination, aside, path)
        if error is not None:
            note(LEFT_ASIDE % (display(aside), display(path), error.message))
            return
    record.forget_texts([RESPELLED])


def _brought_back(destination: Transport, aside: RelPath, path: RelPath) -> Optional[SyncError]:
    try:
        if destination.entry_at(aside) is None:
            return None
        return _rename(destination, aside, path) if destination.entry_at(path) is None else AlreadyExists(TAKEN)
    except ItemError as refusal:
        return refusal


def respell(
    actions: Sequence[Write],
    sides: Sides,
    names: StageNames,
    outcomes: Outcomes,
    still_ours: Callable[[], None],
    record: Record,
) -> None:
    """Rename entries whose old and new names are the same for the destination; a directory before its entries. The
    destination is listed once or twice, whatever the depth."""
    still_ours()
    asides = _Aside(record)
    destination = sides.destination
    left = {action.path: action for action in actions}
    by_depth: Dict[int, List[Rename]] = defaultdict(list)
    for path, action in left.items():
        if action.origin:
            by_depth[path.depth].append(Rename(action.origin, path, same=True))
    moves = [by_depth[depth] for depth in sorted(by_depth)]
    errors: Dict[RelPath, Optional[SyncError]] = dict.fromkeys(left)
    listed: Set[RelPath] = set()
    if destination.capabilities.atomic_replace:  # else the server refuses a name that it finds
        for of_depth in moves:
            errors.update(destination.rename(of_depth))
        listed = _listed(destination, {path.parent for path in left})
    for move in [move for move in chain.from_iterable(moves) if move.path not in listed]:
        errors[move.path] = _in_two_steps(destination, move, names, asides) or errors[move.path]
        listed -= {move.path}
    if not listed.issuperset(left):
        listed = _listed(destination, {path.parent for path in left})
    for path, action in left.items():
        if path in listed:
            outcomes.succeed(action)
        else:
            outcomes.fail(action, errors[path] or _changed(path, listed))


def _in_two_steps(destination: Transport, move: Rename, names: StageNames, asides: _Aside) -> Optional[SyncError]:
    """Rename through a temporary name; return why that failed."""
    stage = names.beside(move.path)
    aside = RelPath(stage + b".old")
    asides.begin(aside, move.path)
    error = _rename(destination, move.stage, aside)
    if error is None:
        error = _rename(destination, aside, move.path)
        if error is not None:
            time.sleep(_KEPT)
            error = _rename(destination, aside, move.path)
        if error is not None and _rename(destination, aside, move.stage) is not None:
            return error.at(move.path, message=f"{error.message}; the entry is {display(aside)} now")
    asides.end(aside)
    names.release(stage)
    return error


def _rename(destination: Transport, old: RelPath, new: RelPath) -> Optional[SyncError]:
    return next(iter(destination.rename([Rename(old, new, same=True)]))).error


def _changed(path: RelPath, listed: Set[RelPath]) -> SyncError:
    alike = (each for each in listed if each.parent == path.parent and folded(each.name) == folded(path.name))
    kept = sorted(each.name for each in alike)
    return kept_as(display(kept[0]) if kept else "another name")


def kept_as(
    kept: str, cure: str = "Use the form of the name that the destination keeps, or exclude the entry."
) -> SyncError:
    """Return the error of a name that the destination keeps in another form."""
    return NotSupported(f"the destination keeps this name as {kept}", cure=cure)


def check_names(destination: Transport, outcomes: Outcomes, new: Callable[[], Iterable[Write]], present: Tree) -> None:
    """Fail the new entries that the destination lists under other names. Some directories show whether it changes
    names; if it does, all directories with new names are listed.

    new: returns the actions that made the entries; they are too many to be kept
    """
    some: Dict[RelPath, None] = {}
    for risk in (_CASE, _FORM):
        found = dict.fromkeys(action.path.parent for action in new() if risk.search(action.path.name))
        some.update(dict.fromkeys(islice(found, _SAMPLE)))
    sample = (action.path for action in new() if action.path.parent in some)
    if not some or not changed_names(destination, list(sample), present):
        return
    made = list(new())
    changed = changed_names(destination, [action.path for action in made], present)
    for action in made:
        path = action.path
        above = next((each for each in (path, *map(RelPath, ancestors(path))) if each in changed), None)
        if above is None or outcomes.failed(path, action.action):
            continue
        kept = display(changed[above].name)
        error = kept_as(kept)
        outcomes.fail(action, error if above == path else error.at(path, message=IN_CHANGED % kept))


def changed_names(
    destination: Transport, made: Sequence[RelPath], present: Iterable[RelPath]
) -> Dict[RelPath, RelPath]:
    """Return the new entries that the destination lists under other names, with these. present: entries from before"""
    listed = _listed(destination, {path.parent for path in made})
    missing = set(made) - listed
    others = listed.difference(made, present) if missing else ()
    by_form = {(path.parent, folded(path.name)): path for path in others}
    forms = ((path, by_form.get((path.parent, folded(path.name)))) for path in missing)
    return {path: other for path, other in forms if other is not None}


def _listed(destination: Transport, directories: Set[RelPath]) -> Set[RelPath]:
    """Return the entries of these directories, as far as they can be listed."""
    above = set(directories)
    for directory in directories:
        while directory:
            directory = directory.parent
            above.add(directory)
    attempts = destination.item_attempts if isinstance(destination, Retrying) else 0
    while True:
        try:
            pages = destination.scan(enter=above.__contains__)
            return {path for page in pages if page.directory in directories for path, _entry in page.entries}
        except SyncError as error:
            if not isinstance(destination, Retrying) or not attempts:
                raise
            attempts -= 1
            destination.recover(error)


def explain(sides: Sides, names: StageNames, outcomes: Outcomes, present: Tree) -> None:
    """Give failed entries the error of their names, if the destination does not take them."""
    whose = "the server's file system" if sides.push else "the file system of the destination"
    probes = Probes(sides, names, set())
    taken: Dict[str, bool] = {}

    def is_taken(directory: RelPath, text: str) -> bool:
        if text not in taken:
            taken[text] = probes.takes(directory, text)
        return taken[text]

    for outcome in [each for each in outcomes.by_item.values() if type(each.error) in _VAGUE]:
        path, action = outcome.action.path, outcome.action
        suspects = dict(_suspects(path.name)) if isinstance(action, Write) else {}
        directory = path.parent
        while directory and directory not in present:
            directory = directory.parent
        if not suspects or not is_taken(directory, "x"):
            continue
        words = [word for text, word in suspects.items() if not is_taken(directory, text)]
        if words:
            text = f"{whose} does not take {', '.join(words)}"
            outcomes.fail(action, NotSupported(text, cure="Rename the entry at the source, or exclude it."))


def _suspects(name: bytes) -> Iterator[Tuple[str, str]]:
    """Yield a part of a temporary name for each reason for which a file system may refuse a name, and its words."""
    text = name.decode("utf-8", "surrogateescape")
    for each in sorted(_REFUSED.intersection(text)):
        yield each + "x", display(each.encode())
    odd = "".join(filter(is_odd, text))
    if odd:
        yield odd[:LONGEST] + "x", "a name that is not UTF-8"
    if text[-1:] in (".", " "):
        yield "x" + text[-1], f"a name that ends with {display(name[-1:])}"
