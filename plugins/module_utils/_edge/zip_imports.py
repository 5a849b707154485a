# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports from the archive that Ansible sends to a host: each module is compiled once.

Python (at least 3.8 to 3.13) compiles a module of an archive without byte code twice: zipimporter.get_filename compiles
it to learn its path, and get_code compiles it again. For a task of `secure_sync` with nothing to do that was a fifth of
its processor time. The finder names the path itself.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from typing import Any, Optional, Sequence
from zipimport import ZipImportError, zipimporter


class SingleCompilation:
    """Finder of the modules in packages of archives (importlib.abc.MetaPathFinder); others are left to Python."""

    @staticmethod
    def find_spec(name: str, path: Optional[Sequence[str]], target: Any = None) -> Optional[ModuleSpec]:
        for place in path or ():
            importer = pkgutil.get_importer(place)
            if isinstance(importer, zipimporter):
                try:
                    return _spec(name, importer)
                except ZipImportError:
                    continue  # Python's own finder finds it elsewhere, or raises the error
        return None


def _spec(name: str, importer: zipimporter) -> Optional[ModuleSpec]:
    base = os.path.join(importer.archive, importer.prefix, name.rpartition(".")[2])
    if importer.is_package(name):
        init = os.path.join(base, "__init__.py")
        return spec_from_file_location(name, init, loader=importer, submodule_search_locations=[base])
    return spec_from_file_location(name, base + ".py", loader=importer)


def compile_once() -> None:
    """Use the finder for all further imports of this process, if this file came from an archive."""
    spec = sys.modules[__name__].__spec__
    if spec and isinstance(spec.loader, zipimporter) and SingleCompilation not in sys.meta_path:
        sys.meta_path.insert(0, SingleCompilation)
