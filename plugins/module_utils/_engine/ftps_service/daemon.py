# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemon: the differences between FTPS servers: names, order and place of options. Pure, except for includes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple, Sequence, Tuple

from .settings import Option, Settings, Takes, Value


class Place(NamedTuple):
    """The place of a candidate.

    directory: its private directory
    tree: the directory that its one account sees, with a writable directory "incoming"
    account: the system account that runs it
    group: the group of that account
    """

    directory: str
    tree: str
    port: int
    account: str
    group: str


class Daemon(ABC):
    """One kind of server.

    name: for people
    program: of its binary
    config_file: where it looks by itself
    """

    name: str
    program: str
    config_file: str
    version_arguments: Tuple[str, ...] = ("-v",)

    @abstractmethod
    def options(self, settings: Settings, takes: Takes, *, implicit: bool) -> Sequence[Option]:
        """Return the options of the block, by names that the program accepts."""

    @abstractmethod
    def further(self, name: str, value: Value) -> Option:
        """Return an option besides TLS, in the server's form. Raises InvalidRequest for a TLS option or an invalid
        name."""

    @abstractmethod
    def merged(self, text: str, options: Sequence[Option]) -> str:
        """Return the configuration with the block in its place, where it wins."""

    @abstractmethod
    def block(self, options: Sequence[Option]) -> str:
        """Return the block alone."""

    @abstractmethod
    def is_implicit(self, text: str) -> bool:
        """Return whether TLS begins with the first byte."""

    @abstractmethod
    def trial(self, option: Option, sentinel: str) -> str:
        """Return a configuration with the option, followed by `sentinel`, an unknown name: the program's error message
        shows whether it accepts the option, and nothing is ever served."""

    @abstractmethod
    def trial_command(self, program: str, path: str) -> Sequence[str]:
        """Return the command that reads a trial."""

    @abstractmethod
    def candidate(self, text: str, place: Place, *, demand: bool) -> str:
        """Return the configuration as a copy that runs next to the service without touching it: with its own port,
        files and account. demand: whether clients need a certificate if the text requires it."""

    @abstractmethod
    def command(self, program: str, path: str) -> Sequence[str]:
        """Return the command that serves a candidate, in the foreground."""
