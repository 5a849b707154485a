# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `verify` as the engine's frozen value: the files that it names are read here, before any contact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

from .._engine.errors import InvalidRequest
from .._engine.model.endpoint import FTPS
from .._engine.model.request import VerifyRequest
from . import paths, quantities

if TYPE_CHECKING:
    from .._engine.signing.purpose import Purpose
    from .._engine.signing.signature_check import SignaturePolicy

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
    from .._engine.signing.signers import read_revoked  # pylint: disable=import-outside-toplevel

    revoked = given["revoked_keys_file"]
    return VerifyRequest(
        principal=_principal(given["principal"]),
        signers=tuple(signer.text(timed=True) for signer in _signers(given)),
        revoked=None if revoked is None else read_revoked(revoked, "verify.revoked_keys_file").content,
        path=path,
        max_age=None if given["max_age"] is None else quantities.duration("verify.max_age", given["max_age"]),
        min_sequence=quantities.count("verify.min_sequence", given["min_sequence"], least=1),
        unsigned=given["unsigned"],
        accept_tree=None if given["accept_tree"] is None else tree("verify.accept_tree", given["accept_tree"]),
    )


def signature_policy(given: Params, *purposes: Purpose) -> SignaturePolicy:
    """Return whose signature counts for the first of the purposes, by suboptions of `verify`.

    Raises as `verifying`, and InvalidRequest if no line is for each of the purposes.
    """
    from .._engine.signing.signature_check import SignaturePolicy  # pylint: disable=import-outside-toplevel
    from .._engine.signing.signers import read_revoked  # pylint: disable=import-outside-toplevel

    signers = _signers_for(given, purposes)
    revoked = given["revoked_keys_file"]
    return SignaturePolicy(
        _principal(given["principal"]),
        signers,
        None if revoked is None else read_revoked(revoked, "verify.revoked_keys_file"),
        purposes[0],
    )


def _signers_for(given: Params, purposes: Sequence[Purpose]) -> Any:
    from .._engine.signing.purpose import MANIFESTS  # pylint: disable=import-outside-toplevel

    names = [purpose.namespace for purpose in purposes]
    try:
        signers = _signers(given)
    except InvalidRequest as error:
        cure = error.cure.replace(MANIFESTS.namespace, ",".join(names))
        raise InvalidRequest(error.message, cure=cure) from None
    for name in names:
        if not any(name in signer.namespaces.split(",") for signer in signers):
            raise InvalidRequest(
                f"verify: no line of allowed signers is for {name}",
                cure=f'Add it to the line of the signer: namespaces="{",".join(names)}".',
            )
    return signers


def _signers(given: Params) -> Any:
    from .._engine.signing.signers import (  # pylint: disable=import-outside-toplevel
        parse_signers,
        read_signer_lines,
    )

    if given["allowed_signers_file"] is None:
        lines = [line for text in given["allowed_signers"] for line in text.splitlines()]
        return parse_signers(lines, "verify.allowed_signers")
    option = "verify.allowed_signers_file"
    return parse_signers(read_signer_lines(given["allowed_signers_file"], option), option)


def _principal(text: str) -> str:
    if not _PRINCIPAL.match(text):
        raise InvalidRequest(
            f"verify.principal: {text!r} is not the name of one signer",
            cure="Write the name as in the line of allowed signers, without blanks and wildcards.",
        )
    return text


def tree(option: str, text: str) -> str:
    """Return the id of a tree. Raises InvalidRequest."""
    if not _TREE.match(text):
        raise InvalidRequest(
            f"{option}: {text!r} is not the id of a tree",
            cure="Copy the 32 hexadecimal digits from the error or from the sender's result.",
        )
    return text
