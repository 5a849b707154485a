# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers that use most abilities of secure_sync: the same dictionaries for exchange.yml, sync_job, sync.pyz and AWX.

scene = Transfers(near="/srv/out", far="inbox", back="/srv/back", receipts="/srv/receipts")
scene.all                 publish, fetch and drop, with secrets in their places
scene.canaries.in_text(output)
scene.require_done(tree, server_tree)
"""

from __future__ import annotations

__all__ = ["Transfers"]

from pathlib import Path
from typing import Any

from ..judges.canaries import Canaries
from ..judges.set_judges import PRINCIPAL, SetJudge
from ..servers.ssh_keys import key
from .sealed_pair import age_key

PASSPHRASE = "canary-of-the-signer"
CONTENT = "CANARY-plain-content"


class Transfers:
    """near: a tree that is published, signed and sealed, in `far`. back: where it is fetched. drop: of a drop box."""

    def __init__(self, near: str, far: str, back: str, receipts: str, drop: str) -> None:
        self.age, self.signer = age_key(), key("set-signer", passphrase=PASSPHRASE)
        secrets = {"private_key": self.signer.text, "passphrase": PASSPHRASE}
        signers = [f'{PRINCIPAL} namespaces="manifest@ftp-synchronize" {self.signer.public}']
        self.publish: dict[str, Any] = {
            "name": "publish",
            "src": near,
            "dest": far,
            "delete": True,
            "delta": "never",
            "sign": {**secrets, "valid_for": "3d", "keep": 2},
            "encrypt": {"recipients": [self.age.recipient]},
            "receipts": {"path": receipts, "job": "exchange"},
        }
        self.fetch: dict[str, Any] = {
            "name": "fetch",
            "direction": "pull",
            "src": far,
            "dest": back,
            "verify": {"allowed_signers": signers, "principal": PRINCIPAL},
            "decrypt": {"identities": [self.age.identity]},
            "receipts": {"path": receipts, **secrets, "job": "exchange"},
        }
        self.drop: dict[str, Any] = {
            "name": "drop",
            "src": drop,
            "dest": "dropped",
            "deliver_once": True,
            "after_transfer": "delete",
            "marker": "{name}.done",
        }
        self.all = [self.publish, self.fetch, self.drop]
        key_lines = self.signer.text.splitlines()[1:-1]
        self.canaries = Canaries({"passphrase": [PASSPHRASE], "key": key_lines, "identity": [self.age.identity]})

    def complaints(self, tree: Path) -> list[str]:
        """Return everything that is wrong with the published set in the server's tree."""
        shown = [str(path) for path in tree.rglob("*") if path.is_file() and CONTENT.encode() in path.read_bytes()]
        sealed = [path for path in tree.rglob("*.age") if path.is_file()]
        return [*SetJudge(tree, self.signer.public).complaints(), *shown, *([] if sealed else ["nothing is sealed"])]
