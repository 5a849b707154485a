# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths on this machine as a user writes them."""

from __future__ import annotations

import os


def local_path(path: str) -> str:
    """Return an absolute path, with "~" as the home directory."""
    if path == "~" or path.startswith("~/"):
        return home_directory() + path[1:]
    return os.path.abspath(path)


def home_directory() -> str:
    """Return the account's home as OpenSSH sees it: from the account database, not from $HOME."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        return os.path.expanduser("~")
