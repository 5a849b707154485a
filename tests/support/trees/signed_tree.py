# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sender: publishes signed sets with stock ssh-keygen. A second implementation of the format, which shares no code with
the product.

sender = Sender(key("release"))
files.update(sender.publish(files))
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from ..servers.ssh_keys import SshKey
from .tree_spec import Directory, File, Link, TreeSpec, normal

__all__ = ["NAMESPACE", "PRINCIPAL", "TREE", "Sender", "sealed", "signed", "tree_of"]

NAMESPACE = "manifest@ftp-synchronize"
PRINCIPAL = "release@example.com"
TREE = "4b825dc642cb6eb9a060e54bf8d69288"
DAY = 86400


@dataclasses.dataclass
class Sender:
    """One sender of one tree. last: SHA-256 of its newest manifest."""

    key: SshKey
    tree: str = TREE
    sequence: int = 0
    last: str = "0" * 64
    directory: str = "MANIFEST"

    @property
    def line(self) -> str:
        """The sender's line of allowed signers."""
        return self.line_with()

    def line_with(self, options: str = "") -> str:
        return f'{PRINCIPAL} namespaces="{NAMESPACE}"{options} {self.key.public}'

    def publish(self, content: TreeSpec, /, **head: Any) -> dict[bytes, bytes]:
        """Return the two files of the next set, by path. head: other values of the head than the right values."""
        self.sequence += 1
        manifest = self.manifest(content, **head)
        self.last = hashlib.sha256(manifest).hexdigest()
        return self.pair(manifest, self.sequence)

    def pair(self, manifest: bytes, number: int) -> dict[bytes, bytes]:
        name = f"{self.directory}/{number:06d}.mtree".encode()
        return {name: manifest, name + b".sig": signed(manifest, self.key)}

    def write(self, root: Path, **head: Any) -> None:
        """Publish the tree of a directory in it."""
        (root / self.directory).mkdir(exist_ok=True)
        for path, content in self.publish(tree_of(root, apart=self.directory), **head).items():
            (root / os.fsdecode(path)).write_bytes(content)

    def manifest(self, content: TreeSpec, /, **head: Any) -> bytes:
        now = time.time()
        fields = {
            "tree": self.tree,
            "sequence": self.sequence,
            "issued": _utc(head.pop("issued", now - 1)),
            "expires": _utc(head.pop("expires", now + 14 * DAY)),
            "previous": f"sha256 {self.last}",
            **head,
        }
        form, extra = fields.pop("format", 1), fields.pop("lines", [])
        lines = [
            "#mtree",
            f"# ftp_synchronize manifest {form}",
            *(f"# {name}: {each}" for name, each in fields.items()),
        ]
        lines += [". type=dir", f"./{self.directory} type=dir ignore"]
        lines += [_line(path, entry) for path, entry in normal(content).items()] + list(extra)
        return sealed("".join(line + "\n" for line in lines).encode())


def sealed(body: bytes) -> bytes:
    return body + b"# sha256 " + hashlib.sha256(body).hexdigest().encode() + b"\n"


def signed(data: bytes, key: SshKey, namespace: str = NAMESPACE) -> bytes:
    """Return the signature that ssh-keygen makes."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "data")
        file.write_bytes(data)
        # With a certificate, ssh-keygen finds the private key by its name.
        signer = key.certificate or key.path
        subprocess.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-f", str(signer), "-n", namespace, str(file)],
            check=True, capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Path(f"{file}.sig").read_bytes()


def tree_of(root: Path, *, apart: str = "") -> dict[bytes, Any]:
    """Return the entries below a directory, without the directory `apart`."""
    found: dict[bytes, Any] = {}
    base = os.fsencode(root)
    for place, directories, files in os.walk(base):
        if apart and place == base and os.fsencode(apart) in directories:
            directories.remove(os.fsencode(apart))
        for name in directories + files:
            full = os.path.join(place, name)
            found[os.path.relpath(full, base)] = _entry(full)
    return found


def _entry(path: bytes) -> Any:
    if os.path.islink(path):
        return Link(os.readlink(path))
    return Directory() if os.path.isdir(path) else File(Path(os.fsdecode(path)).read_bytes())


def _line(path: bytes, entry: Any) -> str:
    name = "./" + _escaped(path)
    if isinstance(entry, Link):
        return f"{name} type=link link={_escaped(entry.target)}"
    if isinstance(entry, Directory):
        return f"{name} type=dir"
    return f"{name} type=file size={len(entry.content)} sha256digest={hashlib.sha256(entry.content).hexdigest()}"


def _escaped(text: bytes) -> str:
    return re.sub(rb"[^A-Za-z0-9/._-]", lambda odd: b"\\%03o" % odd.group()[0], text).decode()


def _utc(value: Any) -> str:
    return value if isinstance(value, str) else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))
