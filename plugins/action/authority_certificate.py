# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign certificates with a private authority on the controller, with the controller's own content; contact no host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..modules.authority_certificate import DOCUMENTATION
from ..plugin_utils.authority import Authority, Place, open_authority
from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.issuing import Subject, certificate_for


class ActionModule(ControllerAction):
    """Make the authority if there is none, and sign the public key of a request."""

    documentation = DOCUMENTATION
    secrets = ("passphrase",)

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        directory = self._loader.path_dwim(wanted["directory"])
        place = Place(directory, wanted["passphrase"], wanted["option"], tuple(wanted["domains"]))
        authority = open_authority(place, wanted["authority"], make=not self._task.check_mode)
        if authority is None:
            return {"changed": True, "certificate": wanted["certificate"], "authority": ""}
        certificate = self._certificate(authority, wanted) if wanted["request"] else wanted["certificate"]
        changed = authority.made or certificate != wanted["certificate"]
        if self._task.check_mode:
            certificate = wanted["certificate"]
        return {"changed": changed, "certificate": certificate, "authority": authority.pem}

    def _certificate(self, authority: Authority, wanted: dict[str, Any]) -> str:
        subject = Subject(wanted["names"], wanted["usage"], wanted["days"])
        return certificate_for(wanted["request"], wanted["certificate"], authority, subject)
