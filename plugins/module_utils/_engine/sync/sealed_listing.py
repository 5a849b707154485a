# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two listings and the plan of a run with sealed files; and the encrypted index of a signed set: the tree of the
contents of its sealed files in mtree(5) form, for readers with a key.

Each file has mode, time, size and digest of its content, and in `tags`, which mtree(8) ignores, the digest of its
sealed form. So `mtree -f INDEX -p TREE` checks a tree that was opened. The last line is the seal of a manifest.

    #mtree
    . type=dir
    ./a.txt type=file mode=0644 size=4096 time=1700000000.000000000 sha256digest=9f2c... tags=stored:77de...
"""

from __future__ import annotations

import io
import re
from functools import partial
from typing import TYPE_CHECKING, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from ..errors import KindConflict, ManifestTooLarge, SetIncomplete, SigningFailed, SyncError
from ..integrity.digest import UnusableManifest, sha256
from ..integrity.header import IndexFile
from ..integrity.manifest import escape_name, manifest_head, seal, unescape, unescape_path, unseal
from ..model import plan
from ..model.display import display
from ..model.human import counted, human_size
from ..model.plan import Action, Plan, Skipped, Write
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Digests, Entry, Tree
from ..sealing.pairs import Pair, has_form, plain_of, stored_of
from ..sealing.provider import Sealer
from ..transport.base import Digested
from .contents import PlainForm
from .feature import Feature
from .outcomes import Outcomes
from .scan import Scanned
from .sealing import SealedRun

if TYPE_CHECKING:
    from .contents import Contents
    from .prepare import Prepared
    from .set_files import SetContent
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
_ASK = "Ask the sender to push again."
INDEX_LIMIT = 256 << 20
"""Bytes of an index, sealed or not."""
_SECOND = 1_000_000_000
_ATTRIBUTES = rb"mode=0([0-7]{1,3})(?: size=(\d{1,19}))? time=(-?\d{1,18})\.(\d{9})"
_ENTRY = re.compile(
    rb"\./([!-~]+) type=(?:(?:(file)|dir) "
    + _ATTRIBUTES
    + rb"(?: sha256digest=([0-9a-f]{64}) tags=stored:([0-9a-f]{64}))?|link link=([!-~]*))"
)


class SealedListing(Feature):
    """Each file is encrypted for itself: none is moved, copied, or sent by blocks.

    stale: files of a push that were sealed for other recipients, by stored name. skipped: files of a pull that are
    not sealed.
    """

    relocates = takes_blocks = False

    def __init__(self, run: SealedRun, outcomes: Outcomes, signed: Optional[SignedSource] = None) -> None:
        super().__init__()
        self._run = run
        self.finds_by_name = run.sealer is None
        self._outcomes = outcomes
        self._signed = signed
        self._prepared: Optional[Prepared] = None
        self.notes = run.notes
        self.stale: Set[bytes] = set()
        self.skipped: List[Skipped] = []

    def form(self, plain: PlainForm) -> PlainForm:
        """Return the form of the files of the source at the server."""
        return plain if self._run.sealer is None else SealedForm(plain, self._run, self._run.sealer)

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


class SealedForm(PlainForm):
    """On a push with `encrypt`, the server has the files sealed. A file is known by its content: its encrypted form
    differs each time it is made, and depends on the recipients. Neither a lost pair nor other recipients are a reason
    to deliver a file twice."""

    def __init__(self, plain: PlainForm, run: SealedRun, sealer: Sealer) -> None:
        super().__init__(plain.sides, plain.peer_hash)
        self._run, self._sealer = run, sealer

    def tree(self, source: Tree) -> Tree:
        return self._run.contents(source)

    def _known(self, known: Digests) -> Digests:
        return self._run.content_digests(known)

    def _hashed(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        return self._run.hash_contents(list(sizes))

    def content(self, path: RelPath, size: int, digest: bytes) -> Optional[Tuple[int, bytes]]:
        pair = self._run.pair_of(path, digest)
        return None if pair is None else (pair.size, pair.digest)

    def is_listed(self, size: int, listed: Entry) -> bool:
        """A file here has its sealed size only after it was sealed."""
        return True

    def indexed(self, content: SetContent, source: Tree) -> SetContent:
        text = index_text(self._run, content.tree, source)
        return content._replace(contents=text, recipients=self._sealer.recipients_digest)

    def index_file(self, content: SetContent) -> Tuple[bytes, Optional[IndexFile]]:
        whole = bytearray()
        self._sealer.seal(io.BytesIO(content.contents).read, whole.extend)
        sealed = bytes(whole)
        return sealed, IndexFile(sha256(sealed).digest(), len(sealed))


def index_text(run: SealedRun, stored: Tree, source: Tree) -> bytes:
    """Return the index of a set. stored: its entries. source: the entries here. Raises SigningFailed."""
    tree: Tree = {}
    digests: Dict[bytes, bytes] = {}
    sealed: Dict[bytes, bytes] = {}
    for path, entry in stored.items():
        if entry.kind != FILE:
            tree[path] = source[path]
            continue
        plain = run.plain(path)
        pair = run.book.known.get(plain)
        if pair is None:
            raise SigningFailed("no pair is known of a sealed file", path=path, cure="Run again.")
        tree[plain] = source[path]._replace(size=pair.size)
        digests[plain], sealed[plain] = pair.digest, pair.stored_digest
    return write_index(SealedIndex(tree, digests, sealed))


def take_index(run: SealedRun, path: RelPath, sealed: str, listed: Digests, source: Tree) -> None:
    """Open an index: the contents of a set, their modes and times are known by it.

    path: its name at the server
    sealed: its file here
    listed: digests of the signed manifest
    source: the entries of the run
    Raises IdentityMissing, SealedDamaged, SetIncomplete, ManifestTooLarge.
    """
    index = _read(run, path, sealed)
    _require_whole(index, listed, run.extension)
    run.book.index = {}
    for name, entry in source.items():
        plain = plain_of(run.in_set.get(name, name), entry, run.extension)
        content = index.tree.get(plain)
        if content is None or content.kind != entry.kind or entry.kind not in (FILE, DIRECTORY):
            continue
        source[name] = entry._replace(mode=content.mode, mtime=content.mtime)
        if entry.kind == FILE:
            pair = Pair(content.size, index.digests[plain], entry.size, index.stored[plain])
            _learn(run, run.plain(name), pair)


def _read(run: SealedRun, path: RelPath, sealed: str) -> SealedIndex:
    text = bytearray()
    try:
        with open(sealed, "rb") as file:
            if run.opener is not None:
                run.opener.open(file.read, partial(_add, text))
        return read_index(bytes(text))
    except SyncError as error:
        raise error.at(path) from None
    except UnusableManifest as error:
        raise SetIncomplete(f"the index of the set cannot be used: {error}", path=path, cure=_ASK) from None


def _add(text: bytearray, data: bytes) -> None:
    text += data
    if len(text) > INDEX_LIMIT:
        raise ManifestTooLarge(f"the index has more than {INDEX_LIMIT} bytes", cure=_ASK)


def _require_whole(index: SealedIndex, listed: Digests, extension: bytes) -> None:
    for stored, digest in listed.items():
        if has_form(stored, extension) and index.stored.get(stored[: -len(extension)]) != digest:
            raise SetIncomplete("the index does not list this file of the set", path=RelPath(stored), cure=_ASK)


def _learn(run: SealedRun, plain: RelPath, pair: Pair) -> None:
    if run.book.index is not None:
        run.book.index[plain] = (pair.size, pair.digest)
    before = run.book.known.get(plain)
    if before is None or before._replace(recipients="") != pair:
        run.book.known[plain] = pair


class SealedIndex(NamedTuple):
    """An index.

    tree: the contents and their attributes
    digests: of the contents
    stored: of the sealed files, by name of the content
    """

    tree: Tree
    digests: Digests
    stored: Digests


def write_index(index: SealedIndex) -> bytes:
    """Return the text. Each file has both digests, each link a target; other entries are left out."""
    lines = [manifest_head(b""), b". type=dir\n"]
    lines += [_line(path, index.tree[path], index) for path in sorted(index.tree)]
    return seal(b"".join(lines))


def _line(path: RelPath, entry: Entry, index: SealedIndex) -> bytes:
    name, time = escape_name(path), b"time=%d.%09d" % divmod(entry.mtime, _SECOND)
    if entry.kind == FILE:
        digests = (index.digests[path].hex().encode(), index.stored[path].hex().encode())
        words = (name, entry.mode, entry.size, time, *digests)
        return b"./%s type=file mode=0%o size=%d %s sha256digest=%s tags=stored:%s\n" % words
    if entry.kind == DIRECTORY:
        return b"./%s type=dir mode=0%o %s\n" % (name, entry.mode, time)
    if entry.kind == LINK and entry.target is not None:
        return b"./%s type=link link=%s\n" % (name, escape_name(entry.target))
    return b""


def read_index(data: bytes) -> SealedIndex:
    """Return the index. Raises UnusableManifest for everything that `write_index` does not write."""
    body, start = unseal(data), manifest_head(b"") + b". type=dir\n"
    if not body.startswith(start):
        raise UnusableManifest("it does not begin as an index")
    tree: Tree = {}
    digests: Dict[bytes, bytes] = {}
    stored: Dict[bytes, bytes] = {}
    lines: List[bytes] = body[len(start) :].split(b"\n")[:-1]
    for line in lines:
        match = _ENTRY.fullmatch(line)
        if match is None:
            raise UnusableManifest("the index has a line that is not a known entry")
        path, entry = _entry(match)
        tree[path] = entry
        if entry.kind == FILE:
            digests[path], stored[path] = bytes.fromhex(match[7].decode()), bytes.fromhex(match[8].decode())
    if len(tree) != len(lines):
        raise UnusableManifest("the index lists a path twice")
    return SealedIndex(tree, digests, stored)


def _entry(match: re.Match[bytes]) -> tuple[RelPath, Entry]:
    name, is_file, mode, size, seconds, fraction, digest, _stored, link = match.groups()
    path = unescape_path(name)
    if link is not None:
        target = unescape(link)
        if target is None:
            raise UnusableManifest("the index holds a target with an unknown escape sequence")
        return path, Entry(LINK, 0, 0, 0, target)
    if bool(is_file) != (digest is not None and size is not None):
        raise UnusableManifest("the index has a file without size or digest")
    mtime = int(seconds) * _SECOND + int(fraction)
    return path, Entry(FILE if is_file else DIRECTORY, int(size or 0), mtime, int(mode, 8))
