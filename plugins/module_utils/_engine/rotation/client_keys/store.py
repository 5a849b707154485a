# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a job on its client: keys, the link of each server, and its remaining work.

    DIRECTORY/JOB/keys/TYPE-TIME, .pub   one generation; the account that runs the job owns the private key
    DIRECTORY/JOB/to/SERVER              link to the generation that the job uses there
    DIRECTORY/JOB/uncleared/SERVER       a mark: the server may still hold other keys of the job; it names those
                                         that are compromised and that the server may not refuse yet
    DIRECTORY/JOB/revoked/TYPE-TIME.pub  public key of a generation that is compromised
    DIRECTORY/JOB/ledger.json            for people

All directories belong to root, so that no other account can change a link. Every step is one rename, or one file made
or removed. `system/durable_files` writes known content: it does not fit keys, which ssh-keygen writes, or links that
are made below an open directory.

The ledger names the servers that are behind, since when, in which phase and why.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, suppress
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ...errors import UnsafePath
from ...model.utc import utc
from ...system.accounts import Owner
from ...system.changes import Changes
from ...system.entries import Attributes, keep_directory, keep_file, read_file
from ...system.root_owned_path import Walker
from .plan import Generation, JobState, ServerState, parse_generation

_DIRECTORY_MODE, _PRIVATE_MODE, _PUBLIC_MODE = 0o755, 0o600, 0o644
_KEYS, _LINKS, _UNCLEARED, _REVOKED = "keys", "to", "uncleared", "revoked"
_LEDGER = "ledger.json"
_MARK = "to be cleared"
_PUBLIC = ".pub"
_NEW = ".new"

MakeKey = Callable[[str], None]
"""Makes a private key at a path, and the public key at the path with .pub."""
NOT_TRIED = "not tried in this run"
_FIELDS = ("since", "phase", "reason")


class Place(NamedTuple):
    """Where the jobs of this client are.

    walker: opens directories
    root: who owns everything but private keys
    """

    directory: str
    walker: Walker = Walker()
    root: Owner = Owner(0, 0)


class JobStore:
    """Open while it is entered. With a ledger in check mode nothing is written."""

    def __init__(self, place: Place, job: str, changes: Changes) -> None:
        self._place, self._changes = place, changes
        self.path = f"{place.directory}/{job}"
        self._stack = ExitStack()
        self._opened: Dict[str, Optional[int]] = {}

    def __enter__(self) -> JobStore:
        try:
            for name in ("", _KEYS, _LINKS, _UNCLEARED, _REVOKED):
                self._opened[name] = self._kept(f"{self.path}/{name}" if name else self.path)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    # queries

    def state(self, servers: Iterable[ServerState]) -> JobState:
        """Return the state. The servers come with name and `managed`; the rest is filled in."""
        found = tuple(
            each._replace(
                current=self._current(each.name),
                uncleared=each.name in self._names(_UNCLEARED),
                to_revoke=self._to_revoke(each.name),
            )
            for each in servers
        )
        generations = self.generations()
        return JobState(generations, frozenset(self.revoked()) & frozenset(generations), found)

    def generations(self) -> Tuple[Generation, ...]:
        """Return the generations with both halves; the public half is written last."""
        names = frozenset(self._names(_KEYS))
        found = (parse_generation(name) for name in names if name + _PUBLIC in names)
        return tuple(sorted(each for each in found if each is not None))

    def revoked(self) -> Dict[Generation, str]:
        """Return the public keys of compromised generations, also of those whose private half is gone."""
        found = {}
        for name in self._names(_REVOKED):
            generation = parse_generation(name[: -len(_PUBLIC)])
            if generation is not None and name.endswith(_PUBLIC):
                found[generation] = self._read(_REVOKED, name)
        return found

    def public_key(self, generation: Generation) -> str:
        return self._read(_KEYS, generation.name + _PUBLIC)

    def private_key_file(self, generation: Generation) -> str:
        return f"{self.path}/{_KEYS}/{generation.name}"

    def linked(self) -> Dict[str, Generation]:
        """Return the target of each link, also for servers that no longer belong to the job."""
        found = ((name, self._current(name)) for name in self._names(_LINKS))
        return {name: generation for name, generation in found if generation is not None}

    def entries(self) -> Dict[str, Entry]:
        content = self._content("", _LEDGER)
        return {} if content is None else parse_ledger(content)

    # steps

    def make(self, generation: Generation, owner: Owner, make_key: MakeKey) -> None:
        """Make a generation. Half-made files of an earlier run are removed."""
        shown = self.private_key_file(generation)
        if not self._changes.record(shown, "missing", "a new key"):
            return
        keys = self._there(_KEYS)
        for name in (_NEW, _NEW + _PUBLIC, *self._half_made()):
            _remove(name, keys)
        make_key(f"/proc/{os.getpid()}/fd/{keys}/{_NEW}")
        _give(_NEW, owner, _PRIVATE_MODE, keys)
        _give(_NEW + _PUBLIC, self._place.root, _PUBLIC_MODE, keys)
        for suffix in ("", _PUBLIC):
            os.rename(_NEW + suffix, generation.name + suffix, src_dir_fd=keys, dst_dir_fd=keys)
        os.fsync(keys)

    def point(self, server: str, generation: Generation) -> None:
        """Let the job use a generation with a server, which is marked first."""
        before = self._current(server)
        if before == generation:
            return
        self.mark(server)
        shown = f"{self.path}/{_LINKS}/{server}"
        if self._changes.record(shown, "missing" if before is None else before.name, generation.name):
            links, name = self._there(_LINKS), "." + server
            _remove(name, links)
            os.symlink(f"../{_KEYS}/{generation.name}", name, dir_fd=links)
            os.rename(name, server, src_dir_fd=links, dst_dir_fd=links)
            os.fsync(links)

    def mark(self, server: str, *compromised: Generation) -> None:
        """Record that the server may hold other keys of the job than the linked key, and which keys it must refuse."""
        noted = self._noted(server)
        if server in self._names(_UNCLEARED) and noted.issuperset(compromised):
            return
        names = [each.name for each in sorted(noted.union(compromised))]
        self._write(_UNCLEARED, server, "\n".join([_MARK, *names]).encode())
        if not self._changes.check_mode:
            os.fsync(self._there(_UNCLEARED))

    def clear(self, server: str) -> None:
        """Record that the server holds only the linked key of the job."""
        if server in self._names(_UNCLEARED) and self._changes.record(
            f"{self.path}/{_UNCLEARED}/{server}", _MARK, "missing"
        ):
            _remove(server, self._there(_UNCLEARED))

    def revoke(self, generation: Generation) -> None:
        self._write(_REVOKED, generation.name + _PUBLIC, self.public_key(generation).encode() + b"\n")

    def remove(self, generation: Generation) -> None:
        if self._changes.record(self.private_key_file(generation), "a key", "missing"):
            for suffix in (_PUBLIC, ""):  # without its public half it is no generation any more
                _remove(generation.name + suffix, self._there(_KEYS))

    def sweep(self) -> None:
        """Remove private keys without a public half: a run was killed when it made or removed them."""
        for name in self._half_made():
            if self._changes.record(f"{self.path}/{_KEYS}/{name}", "half a key", "missing"):
                _remove(name, self._there(_KEYS))

    def keep_owner(self, generation: Generation, owner: Owner) -> None:
        """Update the owner, because another account may run the job now."""
        name, keys = generation.name, self._there(_KEYS)
        info = os.stat(name, dir_fd=keys, follow_symlinks=False)
        before = Attributes(info.st_uid, info.st_gid, info.st_mode & 0o7777)
        wanted = Attributes(owner.user, owner.group, _PRIVATE_MODE)
        if before != wanted and self._changes.record(self.private_key_file(generation), before.words, wanted.words):
            _give(name, owner, _PRIVATE_MODE, keys)

    def write_entries(self, entries: Dict[str, Entry]) -> None:
        if entries or self._content("", _LEDGER) is not None:
            self._write("", _LEDGER, ledger_text(entries))

    # parts

    def _to_revoke(self, server: str) -> Tuple[Generation, ...]:
        """Return the generations to revoke. A killed run may have written the mark without the note of the
        compromise."""
        return tuple(sorted(self._noted(server).intersection(self.revoked())))

    def _noted(self, server: str) -> FrozenSet[Generation]:
        lines = (self._content(_UNCLEARED, server) or b"").decode("utf-8", "replace").split("\n")
        return frozenset(filter(None, map(parse_generation, lines)))

    def _current(self, server: str) -> Optional[Generation]:
        links = self._opened[_LINKS]
        if links is None:
            return None
        try:
            target = os.readlink(server, dir_fd=links)
        except FileNotFoundError:
            return None
        except OSError:
            raise UnsafePath(f"{self.path}/{_LINKS}/{server} is not a link", cure="Remove it.") from None
        found = parse_generation(os.path.basename(target))
        return found if found in self.generations() else None

    def _half_made(self) -> List[str]:
        names = frozenset(self._names(_KEYS))
        return sorted(name for name in names if parse_generation(name) is not None and name + _PUBLIC not in names)

    def _names(self, part: str) -> FrozenSet[str]:
        """Visible names: others are of files that are being made."""
        descriptor = self._opened[part]
        return frozenset(
            () if descriptor is None else (name for name in os.listdir(descriptor) if not name.startswith("."))
        )

    def _content(self, part: str, name: str) -> Optional[bytes]:
        parent = self._opened[part]
        return None if parent is None else read_file(name, parent=parent, shown=f"{self.path}/{part}/{name}")

    def _read(self, part: str, name: str) -> str:
        return (self._content(part, name) or b"").decode("utf-8", "replace").strip()

    def _write(self, part: str, name: str, content: bytes) -> None:
        root = self._place.root
        shown = os.path.join(self.path, part, name)
        wanted = Attributes(root.user, root.group, _PUBLIC_MODE)
        keep_file(name, content, wanted, self._changes, parent=self._opened[part], shown=shown)

    def _there(self, part: str) -> int:
        descriptor = self._opened[part]
        if descriptor is None:
            raise AssertionError("the directory was not made")
        return descriptor

    def _kept(self, path: str) -> Optional[int]:
        """Open a directory, created with its parents if missing; None if check mode does not create it."""
        found = self._place.walker.open_existing(path)
        if found is None:
            parent, _slash, name = path.rpartition("/")
            above = self._kept(parent or "/")
            root = self._place.root
            wanted = Attributes(root.user, root.group, _DIRECTORY_MODE)
            found = keep_directory(name, wanted, self._changes, parent=above, shown=path)
        if found is not None:
            self._stack.callback(os.close, found)
        return found


def _remove(name: str, parent: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=parent)


def _give(name: str, owner: Owner, mode: int, parent: int) -> None:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        os.fchown(descriptor, owner.user, owner.group)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Entry(NamedTuple):
    """since: UTC, when the server came to be behind."""

    since: str
    phase: str
    reason: str


Entries = Mapping[str, Entry]


def parse_ledger(content: bytes) -> Dict[str, Entry]:
    """Return the entries by server. An unreadable ledger counts as empty: it must not stop the revocation of a key."""
    try:
        servers: Any = json.loads(content.decode("utf-8"))["servers"]
        return {name: Entry(*(str(each[field]) for field in _FIELDS)) for name, each in servers.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def ledger_text(entries: Entries) -> bytes:
    servers = {name: entries[name]._asdict() for name in sorted(entries)}
    return (json.dumps({"servers": servers}, indent=2) + "\n").encode("utf-8")


def noted(entries: Entries, server: str, phase: str, reason: str, now: float) -> Entry:
    """Return the entry of a server that is behind: it keeps the time of the first entry."""
    before = entries.get(server)
    return Entry(utc(now) if before is None else before.since, phase, reason)
