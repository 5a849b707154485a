# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SyncRequest: everything one run needs to know, checked and frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterable, NamedTuple, Optional, Tuple

from .endpoint import Credentials, Endpoint, SshTrust, TlsTrust

if TYPE_CHECKING:
    from .relpath import RelPath
    from .tree import Tree


PUSH = "push"
PULL = "pull"
DIRECTIONS = (PUSH, PULL)

RECORDED = "recorded"
CHECKSUM = "checksum"
SIZE_MTIME = "size_mtime"
COMPARES = (RECORDED, CHECKSUM, SIZE_MTIME)

AUTO = "auto"
SERVER_HASH = "server_hash"
READ_BACK = "read_back"
NONE = "none"
PROOF_POLICIES = (AUTO, SERVER_HASH, READ_BACK, NONE)

ALWAYS = "always"
NEVER = "never"
DELTAS = (AUTO, ALWAYS, NEVER)

SKIP = "skip"
COPY = "copy"
ERROR = "error"
LINKS = (SKIP, COPY, ERROR)
UNSIGNED = (SKIP, ERROR)
AGE = "age"
OPENPGP = "openpgp"
SEALED_FORMATS = (AGE, OPENPGP)
EXTENSIONS = {AGE: b".age", OPENPGP: b".pgp"}
"""End of the names of sealed files."""

RUN = "run"
KEEP = "keep"
PARTIALS = (RUN, KEEP)
DELETE = "delete"
ARCHIVE = "archive"
AFTER_TRANSFER = (KEEP, DELETE, ARCHIVE)
MARKED = ("file", "directory", RUN)


def spelled(path: bytes) -> bytes:
    """Return the same path in one spelling. ".." stays: behind a link it leads elsewhere."""
    parts = [part for part in path.split(b"/") if part not in (b"", b".")]
    return b"/" * path.startswith(b"/") + b"/".join(parts)


class DeleteLimit(NamedTuple):
    """The largest number of deletions: a number of files, or a percentage of the destination's files, at least 1."""

    value: float
    percent: bool

    def of(self, files: int) -> int:
        """Return how many of so many files may go."""
        if not self.percent:
            return int(self.value)
        return max(1, int(self.value * files / 100)) if self.value else 0


class VerifyRequest(NamedTuple):
    """The demands of a reader on a signed set.

    principal: name of the signer
    signers: checked lines of allowed signers
    revoked: content of the file of revoked keys
    path: name of the directory of manifests, below the root
    max_age: seconds since the manifest was issued
    min_sequence: lowest acceptable number
    unsigned: skip or refuse entries that the manifest does not name, a value of UNSIGNED
    accept_tree: the tree to take, also if another was seen before
    choose: returns the paths of the files to pull, by the id of the tree; None for the whole set
    """

    principal: str
    signers: Tuple[str, ...]
    revoked: Optional[bytes] = None
    path: bytes = b"MANIFEST"
    max_age: Optional[int] = None
    min_sequence: int = 1
    unsigned: str = SKIP
    accept_tree: Optional[str] = None
    choose: Optional[Callable[[str, Tree], Iterable[RelPath]]] = None


class Signing(NamedTuple):
    """How a push signs the set that it delivers: with one of the three keys.

    private_key_file: path of a key; private_key: its text
    public_key: line of a public key, whose private part is in the user's ssh-agent
    certificate_file: certificate of an SSH authority for the key
    valid_for: seconds
    path: name of the directory of manifests, below the destination
    keep: number of manifests that stay published, at least 1
    attributes: whether the manifest has modes and times
    sums: whether SHA256SUMS is published too
    adopt: tree and number of a published set that is continued without a state
    """

    private_key_file: Optional[str] = None
    private_key: Optional[str] = None
    public_key: Optional[str] = None
    passphrase: Optional[str] = None
    certificate_file: Optional[str] = None
    valid_for: int = 14 * 86400
    path: bytes = b"MANIFEST"
    keep: int = 5
    attributes: bool = False
    sums: bool = False
    adopt: Optional[Tuple[str, int]] = None


class FileLimits(NamedTuple):
    """The files that take part in a run. Ages in seconds, sizes in bytes; None for no limit."""

    min_age: Optional[int] = None
    max_age: Optional[int] = None
    min_size: Optional[int] = None
    max_size: Optional[int] = None


class PartialFiles(NamedTuple):
    """Files that a run which breaks off leaves for the next run.

    min_size: bytes of the smallest
    max_age: seconds after which they are removed
    """

    min_size: int = 64 << 20
    max_age: int = 7 * 86400


class ContentChecks(NamedTuple):
    """The check of each file before it leaves this host or gets its name here: by clamd, a program, or both.

    socket: path of clamd's local socket; b"" without clamd
    max_size: bytes of the largest file for clamd
    max_signature_age: seconds
    command: a program and its arguments
    timeout: seconds for a file
    quarantine: directory of refused files, on a pull; quarantine_max_size: bytes of all files in it
    """

    socket: bytes = b""
    max_size: int = 25 << 20
    max_signature_age: int = 3 * 86400
    command: Tuple[str, ...] = ()
    timeout: float = 60.0
    quarantine: bytes = b""
    quarantine_max_size: int = 10 << 30


class DropBoxRequest(NamedTuple):
    """How a run moves files instead of keeping trees equal.

    in_place: on a push, write under the final name at once
    deliver_once: do not send a file again that was delivered and is unchanged
    after_transfer: a value of AFTER_TRANSFER, for delivered and proven files of the source
    archive: path below the source
    marker: name of the files at the server that announce complete files; {name} stands for the name of a file
    marker_for: a value of MARKED, of which each has a marker
    """

    in_place: bool = False
    deliver_once: bool = False
    after_transfer: str = KEEP
    archive: Optional[bytes] = None
    marker: Optional[bytes] = None
    marker_for: str = MARKED[0]

    @property
    def skips_delivered(self) -> bool:
        """Return whether a file that was delivered is not sent again."""
        return self.deliver_once or self.after_transfer != KEEP

    @property
    def remembers(self) -> bool:
        """Return whether deliveries are recorded."""
        return self.skips_delivered or self.marker is not None


class Receipting(NamedTuple):
    """How a run leaves a signed receipt.

    path: directory of the receipts on this host
    key: that signs; of it only the fields of keys count
    job: name of the chain
    version: of this collection
    """

    path: bytes
    key: Signing
    job: str
    version: str


class Recipients(NamedTuple):
    """The readers of sealed files.

    format: AGE or OPENPGP
    texts: one for each reader
    extension: end of the names of sealed files
    """

    format: str
    texts: Tuple[str, ...]
    extension: bytes = EXTENSIONS[AGE]


class Identities(NamedTuple):
    """The keys that open sealed files.

    format: AGE or OPENPGP
    texts: the keys themselves
    file: path of a file with keys
    passphrase: of the keys
    extension: end of the names of sealed files
    """

    format: str
    texts: Tuple[str, ...] = ()
    file: Optional[str] = None
    passphrase: Optional[str] = None
    extension: bytes = EXTENSIONS[AGE]

    def __repr__(self) -> str:
        return f"Identities(format={self.format!r}, file={self.file!r}, extension={self.extension!r})"


class SyncRequest(NamedTuple):
    """One run of secure_sync.

    local_root, remote_root: paths in bytes as the operator gave them, without trailing slashes; push goes from local to
    remote
    bandwidth_limit: bytes a second
    parallel: connections, None to decide by measuring
    delta: whether large files are sent by blocks, a value of DELTAS
    partial: files that the next run continues; None if there are none
    trash: path below the destination
    trash_max_age: days that the trash keeps an entry at least; None for ever
    state_dir: directory for recorded digests
    lock_wait: seconds to wait for another run's lock
    run_id: 16 hexadecimal digits, new for every run
    verify: on a pull, the demands on a signed set; None to take the server's listing
    encrypt: on a push, for whom files are sealed
    decrypt: on a pull, the keys that open sealed files
    create_parents: whether missing directories above the destination are created
    content_check: how files are checked before they leave or get their names; None without a check
    """

    direction: str
    local_root: bytes
    remote_root: bytes
    endpoint: Endpoint
    credentials: Credentials
    trust: SshTrust
    state_dir: bytes
    run_id: str
    compare: str = RECORDED
    proof: str = AUTO
    delete: bool = False
    max_delete: DeleteLimit = DeleteLimit(10, True)
    allow_empty_source: bool = False
    trash: Optional[bytes] = None
    include: Tuple[str, ...] = ()
    exclude: Tuple[str, ...] = ()
    require_match: bool = False
    links: str = SKIP
    preserve_mode: bool = True
    demands_mode: bool = False
    preserve_mtime: bool = True
    durable: bool = False
    parallel: Optional[int] = None
    bandwidth_limit: Optional[int] = None
    lock: bool = True
    lock_wait: float = 0.0
    retries: int = 3
    check_mode: bool = False
    tls: TlsTrust = TlsTrust()
    verify: Optional[VerifyRequest] = None
    sign: Optional[Signing] = None
    receipts: Optional[Receipting] = None
    encrypt: Optional[Recipients] = None
    decrypt: Optional[Identities] = None
    limits: Optional[FileLimits] = None
    drop_box: Optional[DropBoxRequest] = None
    trash_max_age: Optional[int] = None
    delta: str = AUTO
    partial: Optional[PartialFiles] = None
    create_parents: bool = False
    content_check: Optional[ContentChecks] = None

    @property
    def place(self) -> Tuple[bytes, ...]:
        """Return the words by which this host remembers the tree at the server. They are the task's own: a server
        could answer with another path in each run."""
        return (*self.endpoint.account, spelled(self.remote_root))

    def is_asked(self, answered: bytes) -> bool:
        """Return whether the path of the tree by the server's answer ends in the path that the task has for it."""
        asked = spelled(self.remote_root)
        return answered == asked or (not asked.startswith(b"/") and answered.endswith(b"/" + asked))

    @property
    def sealed(self) -> bool:
        """Return whether the files at the server are sealed."""
        return self.encrypt is not None or self.decrypt is not None

    @property
    def extension(self) -> bytes:
        """Return the end of the names of sealed files; b"" if none are sealed."""
        sealing = self.encrypt or self.decrypt
        return b"" if sealing is None else sealing.extension

    @property
    def attests(self) -> bool:
        """Return whether the run attests the content of its files, or removes the source for it."""
        return (self.sign, self.receipts, self.drop_box) != (None, None, None)

    @property
    def in_place(self) -> bool:
        return self.drop_box is not None and self.drop_box.in_place
