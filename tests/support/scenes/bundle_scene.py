# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BundleScene: a tree, its signed archive, and hostile archives that the right key signed.

scene = BundleScene(tmp_path)
scene.make(layout="bagit")          the report of the engine
scene.check(layout="bagit")         a report, or the code of an error
scene.put(packed(...))              an archive of other members, validly signed
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.checking import check_bundle
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.making import make_bundle
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.request import (
    BundleCheck,
    BundleReport,
    BundleRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers

from ..servers.ssh_keys import SshKey, key
from ..trees.signed_tree import PRINCIPAL, signed

__all__ = ["ARCHIVES", "BAGS", "FILES", "BundleScene", "directory", "file", "packed", "special"]

ARCHIVES, BAGS = "bundle@ftp-synchronize", "bag@ftp-synchronize"
FILES = {"a": b"alpha", "sub/b": b"beta" * 1000, "sub/deep/c": b"", "two words": b"delta"}
PAST = 1_600_000_000


class BundleScene:
    """directory: holds the tree `tree` and the archive `out/release.tar`. signer: the right key."""

    def __init__(self, directory: Path, signer: SshKey | None = None) -> None:
        self.directory, self.signer = directory, signer or key("release")
        self.tree, self.archive = directory / "tree", directory / "out/release.tar"
        self.signature = self.archive.with_name("release.tar.sig")
        self.archive.parent.mkdir(exist_ok=True)
        for name, content in FILES.items():
            self.write(name, content)

    def write(self, name: str, content: bytes, mtime: float = PAST) -> None:
        """Put a file into the tree."""
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)
        os.utime(path, (mtime, mtime))

    def make(self, **fields: Any) -> BundleReport:
        signing = Signing(private_key_file=str(self.signer.path))
        request = BundleRequest(os.fsencode(self.archive), os.fsencode(self.tree), signing)
        return make_bundle(request._replace(**fields))

    def refusal(self, **fields: Any) -> str:
        """Return the code of the error of `make`."""
        try:
            return f"made: {self.make(**fields).changed}"
        except SyncError as error:
            return error.code if error.cure else f"{error.code} without a cure"

    def check(self, layout: str = "plain", *, signer: SshKey | None = None) -> BundleReport | str:
        line = f'{PRINCIPAL} namespaces="{ARCHIVES},{BAGS}" {(signer or self.signer).public}'
        policy = SignaturePolicy(PRINCIPAL, parse_signers([line], "allowed_signers"))
        try:
            return check_bundle(BundleCheck(os.fsencode(self.archive), policy, layout))
        except SyncError as error:
            return error.code if error.cure else f"{error.code} without a cure"

    def put(self, content: bytes, *, signer: SshKey | None = None, namespace: str = ARCHIVES) -> BundleScene:
        """Make another archive, with the signature of a key."""
        self.archive.write_bytes(content)
        self.signature.write_bytes(signed(content, signer or self.signer, namespace))
        return self

    def pair(self) -> tuple[bytes, bytes]:
        return self.archive.read_bytes(), self.signature.read_bytes()

    def members(self) -> dict[str, bytes]:
        """Return the members of the archive with their contents, by Python's tarfile."""
        with tarfile.open(self.archive) as archive:
            found = {each.name: archive.extractfile(each) for each in archive if each.isfile()}
            return {name: each.read() for name, each in found.items() if each}


Packed = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes = b"x", **fields: Any) -> Packed:
    return _info(name, tarfile.REGTYPE, content, fields)


def directory(name: str, **fields: Any) -> Packed:
    return _info(name, tarfile.DIRTYPE, b"", fields)


def special(name: str, kind: bytes, content: bytes = b"", **fields: Any) -> Packed:
    """Return a member of a kind of tarfile."""
    return _info(name, kind, content, fields)


def _info(name: str, kind: bytes, content: bytes, fields: dict[str, Any]) -> Packed:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def packed(*members: Packed, pax: dict[str, str] | None = None) -> bytes:
    """Return an archive of these members as they are. pax: keywords of a global header."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=pax) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def repacked(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive of files and the directories that hold them, sorted."""
    files = dict(members)
    parents = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    return packed(
        *(file(name, files[name]) if name in files else directory(name) for name in sorted(parents | set(files)))
    )
