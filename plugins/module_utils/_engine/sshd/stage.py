# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration as it will be, in a directory of its own: sshd is asked about it before anything is changed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import Iterator, Mapping, NamedTuple, Optional

from ..system import durable_files
from .daemon import CONFIG

DROP_INS = "/etc/ssh/sshd_config.d"


class File(NamedTuple):
    """A whole file; without `text` the file must not exist.

    last: whether it is written after sshd has taken up the other files
    """

    text: Optional[str]
    mode: int = 0o600
    last: bool = False


Files = Mapping[str, File]
"""Path -> target file."""


class Stage:
    """A copy of sshd's configuration; `config` is the file to ask sshd about."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self.config = self._place(CONFIG)
        os.makedirs(self._place(DROP_INS))
        for path in configuration_files():
            self._write(path, read(path))

    def put(self, files: Files) -> None:
        """Lay files over the copy."""
        for path, file in files.items():
            self._write(path, file.text)

    def _write(self, path: str, text: Optional[str]) -> None:
        place = self._place(path)
        if text is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place)
            return
        with open(place, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text.replace(DROP_INS + "/", self._place(DROP_INS) + "/"))

    def _place(self, path: str) -> str:
        return os.path.join(self._directory, os.path.relpath(path, os.path.dirname(CONFIG)))


@contextlib.contextmanager
def staged(files: Files) -> Iterator[Stage]:
    """Yield a copy with the files below sshd's configuration laid over it; it is gone at the end."""
    directory = tempfile.mkdtemp(prefix="sshd-stage-")
    try:
        stage = Stage(directory)
        stage.put({path: file for path, file in files.items() if path == CONFIG or path.startswith(DROP_INS + "/")})
        yield stage
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def read(path: str) -> Optional[str]:
    """Return the text of a file; None if there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def write(path: str, file: File) -> None:
    """Make, replace or remove a file of the real configuration. Its directory may be a link: the administrator's
    choice."""
    parent, name = os.path.split(path)
    if file.text is None:
        os.unlink(path)
        return
    os.makedirs(parent, exist_ok=True)
    content = file.text.encode("utf-8", "surrogateescape")
    directory = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        durable_files.replace(
            name, content, directory=directory, settle=lambda descriptor: os.fchmod(descriptor, file.mode)
        )
    finally:
        os.close(directory)


def configuration_files() -> Iterator[str]:
    """Yield the paths of the present configuration: sshd_config, and the files in its directory of drop-ins."""
    yield CONFIG
    try:
        names = sorted(os.listdir(DROP_INS))
    except FileNotFoundError:
        return
    for name in names:
        if os.path.isfile(os.path.join(DROP_INS, name)):
            yield os.path.join(DROP_INS, name)
