# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two listings and the plan of a run with sealed files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, List, Optional, Set

from ..errors import KindConflict
from ..model import plan
from ..model.display import display
from ..model.human import counted, human_size
from ..model.plan import Action, Plan, Skipped, Write
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, Digests, Tree
from ..sealing.pairs import Pair, has_form, stored_of
from .feature import Feature
from .outcomes import Outcomes
from .scan import Scanned
from .sealed_set import take_index
from .sealing import SealedRun

if TYPE_CHECKING:
    from .contents import Contents
    from .prepare import Prepared
    from .signed_source import SignedSource

NOT_SEALED = "not a sealed file"
UNSIGNED = "decrypt: without verify, anybody who knows the recipients can have made these files"
NO_INDEX = "decrypt: the signed set has no index: the sealed files are as signed, their contents were not listed"
PLAIN_TOO = "encrypt: files at the server in plain form too: %d, such as %s: set delete, or remove them by hand"
RECIPIENTS = "encrypt: %s (%s) will be encrypted again because the recipients changed or are not known"
KEPT = "encrypt: files that stay encrypted for other recipients, because of limits or deliver_once: %d"
SAME_NAME = "another entry next to it has the name that its content would have"
RENAME = "Rename one of the two, or set another extension in decrypt."
DIRECTORY_HERE = "the destination has a directory where the source has a file"
MOVE_AWAY = "Move the directory away by hand: delete does not remove a directory for a decrypted file."
NO_PAIRS = "encrypt: no pairs of sealed files are known here: the files are sealed and stored again"


class SealedListing(Feature):
    """stale: files of a push that were sealed for other recipients, by stored name. skipped: files of a pull that are
    not sealed."""

    def __init__(self, run: SealedRun, outcomes: Outcomes, signed: Optional[SignedSource] = None) -> None:
        super().__init__()
        self._run = run
        self._outcomes = outcomes
        self._signed = signed
        self._prepared: Optional[Prepared] = None
        self.notes = run.notes
        self.stale: Set[bytes] = set()
        self.skipped: List[Skipped] = []

    def arrange(self, source: Scanned, destination: Scanned, list_again: Callable[[], Scanned]) -> Scanned:
        """Adapt the listings. Raises the errors of a signed index."""
        run = self._run
        if run.sealer is not None:
            self._look_for_stale(source.tree, destination.tree)
            return source
        self._skip_foreign(source.tree)
        if self._signed is None:
            run.notes.append(UNSIGNED)
        else:
            self._take_index(self._signed, source.tree, destination.tree)
        self._even_kinds(source, destination.tree)
        return source

    def _take_index(self, signed: SignedSource, source: Tree, here: Tree) -> None:
        run, found = self._run, signed.index(self._run.extension)
        if found is None:
            run.notes.append(NO_INDEX)
            return
        take_index(run, found.path, found.file, signed.listed, source)
        if run.local is not None:
            run.local.restate(here)

    def _look_for_stale(self, source: Tree, destination: Tree) -> None:
        run, book = self._run, self._run.book
        files = [path for path, entry in source.items() if entry[0] == FILE and path in destination]
        if files and not book.known:
            run.notes.append(NO_PAIRS)
        self.stale = {path for path in files if book.is_stale(run.plain(path))}
        self._look_for_plain(source, destination)

    def _look_for_plain(self, source: Tree, destination: Tree) -> None:
        """Report contents that an earlier run left at the server in plain form, unless this run removes them."""
        run = self._run
        plain = [run.plain(path) for path, entry in source.items() if entry[0] == FILE] if not run.removes else []
        extra = [path for path in plain if path in destination and path not in source]
        found = [path for path in extra if destination[path].kind == FILE]
        if found:
            run.notes.append(PLAIN_TOO % (len(found), display(min(found))))

    def _skip_foreign(self, source: Tree) -> None:
        extension = self._run.extension
        foreign = [path for path, entry in source.items() if entry[0] == FILE and not has_form(path, extension)]
        for path in foreign:
            del source[path]
        self.skipped = [Skipped(path, NOT_SEALED) for path in sorted(foreign)]

    def _even_kinds(self, source: Scanned, here: Tree) -> None:
        """Show an entry here that is in the place of an entry of another kind under the name of that entry: `a` and
        `a.age` are two names at the server, and one name here."""
        tree = source.tree
        for path, entry in list(tree.items()):
            if entry[0] == FILE:
                self._even_with_file(path, source, here)
                continue
            stored = stored_of(path, self._run.extension)
            if stored in here and stored not in tree and here[stored].kind == FILE:
                here[path] = here.pop(stored)

    def _even_with_file(self, path: RelPath, source: Scanned, here: Tree) -> None:
        plain = self._run.plain(path)
        twin, present = source.tree.get(plain), here.get(plain)
        if twin is not None and twin.kind != FILE:
            self._leave(path, source, KindConflict(SAME_NAME, path=path, cure=RENAME))
        elif present is not None and present.kind == DIRECTORY:
            self._leave(path, source, KindConflict(DIRECTORY_HERE, path=plain, cure=MOVE_AWAY))
        elif present is not None and twin is None:
            here[path] = here.pop(plain)

    def _leave(self, path: RelPath, source: Scanned, error: KindConflict) -> None:
        """Leave a file of the source out, as a failed item: nothing is removed in such a run."""
        del source.tree[path]
        source.problems.append(error)

    def contents(self, source: Tree) -> Tree:
        """Return the source of a push with the sizes of its contents. A pull knows sizes of sealed files only."""
        run = self._run
        return source if run.sealer is None or run.local is None else run.contents(source)

    def know(self, contents: Contents) -> None:
        if self._run.sealer is not None:
            contents.source = self._trusted(contents.source)
        else:
            contents.destination = self._trusted(contents.destination)

    def _trusted(self, digests: Digests) -> Digests:
        """Return the recorded digests of files here that the pairs still have."""
        known, plain = self._run.book.known, self._run.plain
        return {path: each for path, each in digests.items() if self._vouches(known.get(plain(RelPath(path))), each)}

    def _vouches(self, pair: Optional[Pair], digest: bytes) -> bool:
        return pair is not None and pair.stored_digest == digest and self._run.book.is_for_all(pair)

    def adapt(self, planned: Plan) -> Plan:
        """Return the plan, with the reason `recipients` for files that were sealed for others. Entries at the server of
        a push have the sizes of their contents, as those here, if they are known. The actions keep their entries: the
        sizes of the source change while files are sealed."""
        actions = map(self._for_recipients, planned.actions)
        planned = planned._replace(
            actions=tuple(actions if self._run.sealer is None else map(self._in_plain_size, actions)),
            skipped=(*planned.skipped, *self.skipped),
        )
        if self.stale:
            self._run.notes += self._again(planned)
        return planned

    def planned(self, prepared: Prepared) -> None:
        self._prepared = prepared

    def before_step(self) -> None:
        if self._prepared is not None:
            self._run.checkpoint(self._outcomes, self._prepared.source)

    def before_removals(self) -> None:
        if self._prepared is not None:
            self._run.settle(self._outcomes, self._prepared.source)

    def ended(self) -> None:
        if self._prepared is not None:
            self._run.save(self._outcomes, self._prepared.source)

    def _in_plain_size(self, action: Action) -> Action:
        present = action.present
        pair = None if present is None else self._run.book.known.get(self._run.plain(action.path))
        if present is None or pair is None or pair.stored_size != present.size or present.kind != FILE:
            return action
        return action._replace(present=present._replace(size=pair.size))

    def _for_recipients(self, action: Action) -> Action:
        is_stale = isinstance(action, Write) and action.action == plan.STORE and action.path in self.stale
        return action._replace(reason=plan.RECIPIENTS) if is_stale else action

    def _again(self, planned: Plan) -> List[str]:
        """Return notes about the files that were sealed for others."""
        again = [each for each in planned.actions if isinstance(each, Write) and each.reason == plan.RECIPIENTS]
        kept = len(self.stale) - len(again)
        size = human_size(sum(each.wanted.size for each in again))
        notes = [RECIPIENTS % (counted(len(again), "file"), size)] if again else []
        return [*notes, KEPT % kept] if kept else notes
