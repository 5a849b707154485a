# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene of a job of the kit: partners behind one server, their trees, and the directory that jobs can access.

exchange = Exchange(server, tmp_path)
outcome = exchange.job("Exchange", credential, mesh=mesh).run()
"""

from __future__ import annotations

__all__ = ["PARTNER", "Exchange", "prepare_records"]

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..running.awx_job import AwxJob
from ..servers.server import Server
from ..trees.trees import tree_digest
from .credential import Credential
from .kit import DIRECTORY, Kit

PARTNER = "partner01"
CONTENT = {"a.csv": b"1;2\n", "empty": b"", "sub/b.bin": bytes(range(256)) * 3000}
_PAGE = DIRECTORY.parents[1] / "docs/awx.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Exchange:
    """The partners exchange the tree `out` for the tree `in`; further variables of a partner replace those here."""

    def __init__(self, server: Server, directory: Path, partners: Iterable[str] = (PARTNER,), **further: Any) -> None:
        self.server, self.directory, self.kit = server, directory, Kit.rendered()
        self.out, self.into, self.records = directory / "out", directory / "in", directory / "awx-sync"
        self.inbox, self.outbox = server.root / "inbox", server.root / "outbox"
        for place in (self.out, self.outbox):
            _write(place)
        prepare_records(self.records)
        server.give(server.root)
        push = {"direction": "push", "src": str(self.out), "dest": f"{server.remote_root}/inbox"}
        pull = {"direction": "pull", "src": f"{server.remote_root}/outbox", "dest": str(self.into)}
        own = {"ansible_host": server.host, "exchange_port": server.port, "exchange_transfers": [push, pull]}
        self.partners = {name: {**own, **further} for name in partners}

    def job(
        self, template: str, credential: Credential | None = None, answers: dict[str, str] | None = None, **options: Any
    ) -> AwxJob:
        """Return a job of a template of the kit, with answers to its survey; options: of AwxJob."""
        variables = {**self.kit.answers(template, **(answers or {})), "awx_directory": str(self.records)}
        options = {"groups": {"partners": self.partners}, **options}
        given = [credential] if credential else []
        return AwxJob(self.directory / "jobs", self.kit.playbook(template), variables, credentials=given, **options)

    @property
    def arrived(self) -> tuple[bool, bool]:
        """Whether the partner has the sent tree, and we have the fetched tree."""
        return _same(self.out, self.inbox), _same(self.outbox, self.into)


def prepare_records(directory: Path) -> None:
    """Make the directory that jobs can access, by the commands of the page for the execution node."""
    (commands,) = (block for block in _BLOCK.findall(_PAGE.read_text()) if "receipt_ed25519" in block)
    directory.mkdir()
    here = commands.replace("/var/lib/awx-sync", str(directory))
    subprocess.run(["bash", "-euc", here], check=True)


def _same(sent: Path, stored: Path) -> bool:
    return stored.is_dir() and tree_digest(stored) == tree_digest(sent)


def _write(place: Path) -> None:
    for name, content in CONTENT.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
