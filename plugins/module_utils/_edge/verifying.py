# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `verify` as the engine's frozen value: the files that it names are read here, before any contact."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional

from .._engine.errors import InvalidRequest
from .._engine.model.endpoint import FTPS
from .._engine.model.request import VerifyRequest
from . import paths, quantities

__all__ = ["checked_principal", "checked_signers", "verifying"]

Params = Mapping[str, Any]

_TREE = re.compile(r"[0-9a-f]{32}\Z")
_PRINCIPAL = re.compile(r"[!#-)+->@-~]+\Z")


def verifying(params: Params) -> Optional[VerifyRequest]:
    """Return the demands on a signed set; None without the option. Raises InvalidRequest, TrustStoreUnreadable,
    PinStoreUnsafe."""
    given = params["verify"]
    if given is None:
        return None
    path = paths.name("verify.path", given["path"])
    if params["protocol"] == FTPS:
        paths.sendable("verify.path", path)
    # Only a task with the option needs the room of signatures.
    from .._engine.signing.trust_files import read_revoked  # pylint: disable=import-outside-toplevel

    revoked = given["revoked_keys_file"]
    return VerifyRequest(
        principal=checked_principal(given["principal"]),
        signers=tuple(signer.text(timed=True) for signer in checked_signers(given)),
        revoked=None if revoked is None else read_revoked(revoked, "verify.revoked_keys_file").content,
        path=path,
        max_age=None if given["max_age"] is None else quantities.duration("verify.max_age", given["max_age"]),
        min_sequence=quantities.count("verify.min_sequence", given["min_sequence"], least=1),
        unsigned=given["unsigned"],
        accept_tree=_tree(given["accept_tree"]),
    )


def checked_signers(given: Params) -> Any:
    """Return the signers of the suboptions. Raises InvalidRequest, TrustStoreUnreadable, PinStoreUnsafe."""
    from .._engine.signing.signers import parse_signers  # pylint: disable=import-outside-toplevel
    from .._engine.signing.trust_files import read_signer_lines  # pylint: disable=import-outside-toplevel

    if given["allowed_signers_file"] is None:
        lines = [line for text in given["allowed_signers"] for line in text.splitlines()]
        return parse_signers(lines, "verify.allowed_signers")
    option = "verify.allowed_signers_file"
    return parse_signers(read_signer_lines(given["allowed_signers_file"], option), option)


def checked_principal(text: str) -> str:
    """Return the name of one signer. Raises InvalidRequest."""
    if not _PRINCIPAL.match(text):
        raise InvalidRequest(
            "verify.principal: %r is not the name of one signer" % text,
            cure="Write the name as in the line of allowed signers, without blanks and wildcards.",
        )
    return text


def _tree(text: Optional[str]) -> Optional[str]:
    if text is not None and not _TREE.match(text):
        raise InvalidRequest(
            "verify.accept_tree: %r is not the id of a tree" % text,
            cure="Copy the 32 hexadecimal digits from the error or from the sender's result.",
        )
    return text
