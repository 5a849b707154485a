# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a host a certificate of a private authority on the controller: request, signature, installation. Or sign alone:
a request that another module has made, without contact to a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._edge import host_certificate as edge
from ..plugin_utils.authority import Authority, Place, open_authority
from ..plugin_utils.issuing import Subject, certificate_for
from ..plugin_utils.steps_action import StepsAction

FILES = ("private_key_file", "certificate_file")
PARTS = ("changes", "diff")
Answer = dict[str, Any]
Variables = Mapping[str, Any]


class ActionModule(StepsAction):
    """Run the steps of the host, and sign between them. The host gets its certificate and nothing else.

    added: a key of the result of `issued`.
    """

    added = frozenset({"authority"})

    def _answer(self, tmp: Any, task_vars: Variables) -> Answer:
        _result, wanted = self.validate_argument_spec(**edge.spec())
        if wanted["state"] == edge.ISSUED:
            return self._issued(wanted)
        if wanted["state"] != edge.SIGNED:
            return self._on_host(task_vars, state=wanted["state"], certificate=wanted["certificate"])
        asked = self._on_host(task_vars, state=edge.REQUESTED)
        if asked.get("failed"):
            return asked
        authority = self._authority(wanted)
        present = str(asked.get("certificate") or "")
        signed = self._signed(str(asked.get("request") or ""), present, authority, wanted)
        if signed == present or self._task.check_mode:
            made = authority is None or authority.made
            return {**asked, "changed": bool(asked.get("changed")) or made or signed != present}
        installed = self._on_host(task_vars, state=edge.INSTALLED, certificate=signed)
        return installed if installed.get("failed") else _joined(asked, installed)

    def _issued(self, wanted: Answer) -> Answer:
        authority, present = self._authority(wanted), wanted["certificate"] or ""
        signed = self._signed(wanted["request"], present, authority, wanted) if wanted["request"] else present
        changed = authority is None or authority.made or signed != present
        return {
            **edge.blank(),
            "changed": changed,
            "msg": "the authority signs" if changed else "nothing to do",
            "certificate": present if self._task.check_mode else signed,
            "authority": authority.pem if authority else "",
        }

    def _on_host(self, task_vars: Variables, **step: str | None) -> Answer:
        """Return the answer to one step. The host itself expands its paths."""
        files = {name: self._task.args[name] for name in FILES}
        return self._own_step("host_certificate", {**files, **step}, task_vars)

    def _authority(self, wanted: Answer) -> Authority | None:
        """Return the authority; None if check mode did not make it."""
        directory = self._loader.path_dwim(wanted["directory"])
        place = Place(directory, wanted["passphrase"], wanted["option"], tuple(wanted["domains"]))
        return open_authority(place, wanted["authority"], make=not self._task.check_mode)

    def _signed(self, request: str, present: str, authority: Authority | None, wanted: Answer) -> str:
        """Return the certificate that the host must have; the present certificate if check mode cannot know it."""
        subject = Subject(wanted["names"] or [], wanted["usage"], wanted["days"])
        if authority is None or (self._task.check_mode and not request):
            return present
        return certificate_for(request, present, authority, subject)


def _joined(asked: Answer, installed: Answer) -> Answer:
    """Return the last answer with the changes of both."""
    lists = {part: [*_list(asked, part), *_list(installed, part)] for part in PARTS if part in installed}
    return {**installed, "changed": True, **lists}


def _list(answer: Answer, part: str) -> list[Any]:
    found = answer.get(part)
    return found if isinstance(found, list) else []
