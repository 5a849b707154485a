# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as one file (zipapp): the same bytes from the same sources, on every machine and at any time.

Everything that differs between machines has a fixed value: times, modes, order. Nothing is compressed, because the
output of zlib depends on its version; also, Python loads such an archive faster.

Its sources are a file of this library, and all files that it imports, directly or not.
"""

from __future__ import annotations

import ast
import io
import os
import zipfile
from pathlib import PurePosixPath
from typing import Dict, Iterator, Mapping

PACKAGE = "secure_ftp_synchronize"
_INTERPRETER = b"#!/usr/bin/env python3\n"
_MAIN = "import sys\n\nfrom %s.%s import main\n\nsys.exit(main())\n"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_REGULAR_0644 = 0o100644 << 16
_UNIX = 3


def program_archive(sources: Mapping[str, bytes], start: str) -> bytes:
    """Return the archive. start: the source with the function `main`."""
    output = io.BytesIO()
    output.write(_INTERPRETER)
    with zipfile.ZipFile(output, "a", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(_files(sources, start).items()):
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.create_system, member.external_attr = _UNIX, _REGULAR_0644
            archive.writestr(member, content)
    return output.getvalue()


def _files(sources: Mapping[str, bytes], start: str) -> Dict[str, bytes]:
    """Return the members. zipimport knows no packages without __init__.py."""
    main = _MAIN % (PACKAGE, ".".join(PurePosixPath(start).with_suffix("").parts))
    found = {"__main__.py": main.encode()}
    for path, content in sources.items():
        place = PurePosixPath(PACKAGE, path)
        found[str(place)] = content
        for parent in list(place.parents)[:-1]:
            found[str(parent / "__init__.py")] = b""
    return found


def program_sources(library: str, start: str) -> Dict[str, bytes]:
    """Return the files by their path below the directory `library`. start: the first file, for example jobs/main.py."""
    found: Dict[str, bytes] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = _content(library, path)
            waiting += [each for each in _imported(found[path], path) if os.path.isfile(os.path.join(library, each))]
    return found


def _content(library: str, path: str) -> bytes:
    with open(os.path.join(library, path), "rb") as file:
        return file.read()


def _imported(source: bytes, path: str) -> Iterator[str]:
    """Yield every path that a relative import may mean: `from .a import b` is a.py or a/b.py."""
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            place = PurePosixPath(path).parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield f"{place}.py"
            yield from (f"{place / alias.name}.py" for alias in node.names)
