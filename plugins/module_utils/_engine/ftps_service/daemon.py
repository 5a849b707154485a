# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemon: what is different about each FTPS server: names, order and place of its options. Pure, but for includes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple, Sequence, Tuple

from .settings import Option, Settings, Takes, Value

__all__ = ["Daemon", "Place"]


class Place(NamedTuple):
    """Where a candidate runs. directory: its own, private; tree: what its one account sees, with a directory "incoming"
    that it may write to; account: of this system, with whose rights it is served; group: that account's."""

    directory: str
    tree: str
    port: int
    account: str
    group: str


class Daemon(ABC):
    """One kind of server. name: for people; program: of its binary; config_file: where it looks by itself."""

    name: str
    program: str
    config_file: str
    version_arguments: Tuple[str, ...] = ("-v",)

    @abstractmethod
    def options(self, settings: Settings, takes: Takes, *, implicit: bool) -> Sequence[Option]:
        """What the block shall have, in names that the program takes."""

    @abstractmethod
    def further(self, name: str, value: Value) -> Option:
        """An option beside TLS, in the server's words. Raises InvalidRequest for one that is TLS's, or no option."""

    @abstractmethod
    def merged(self, text: str, options: Sequence[Option]) -> str:
        """The configuration with the block in its place, where it wins."""

    @abstractmethod
    def block(self, options: Sequence[Option]) -> str:
        """The block alone."""

    @abstractmethod
    def is_implicit(self, text: str) -> bool:
        """Whether TLS begins with the first byte."""

    @abstractmethod
    def trial(self, option: Option, sentinel: str) -> str:
        """A configuration that has the option and behind it `sentinel`, a name that no program knows: what the program
        complains of tells whether it takes the option, and nothing is ever served."""

    @abstractmethod
    def trial_command(self, program: str, path: str) -> Sequence[str]:
        """What reads a trial."""

    @abstractmethod
    def candidate(self, text: str, place: Place, *, demand: bool) -> str:
        """The configuration as a copy that runs beside the service and touches nothing of it: port, files and account
        are its own. demand: whether clients need a certificate where the text says so."""

    @abstractmethod
    def command(self, program: str, path: str) -> Sequence[str]:
        """What serves a candidate, in the foreground."""
