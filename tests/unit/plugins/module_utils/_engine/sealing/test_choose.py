# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library comes first, then the program; nothing is loaded for a wrong option."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    AGE,
    Identities,
    Recipients,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing import age
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.age import (
    PyrageOpener,
    PyrageSealer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import (
    open_opener,
    open_sealer,
)

RECIPIENTS = Recipients(AGE, ("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",))
IDENTITIES = Identities(AGE, ("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0",))


def test_the_library_is_preferred() -> None:
    assert isinstance(open_sealer(RECIPIENTS), PyrageSealer)
    assert isinstance(open_opener(IDENTITIES), PyrageOpener)


def test_the_program_replaces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "has_pyrage", lambda: False)
    monkeypatch.setenv("PATH", "")
    for needs in (lambda: open_sealer(RECIPIENTS), lambda: open_opener(IDENTITIES)):
        with pytest.raises(InvalidRequest, match="the program age") as caught:
            needs()
        assert caught.value.code == "sealing_unavailable"


def test_a_wrong_option_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "has_pyrage", lambda: False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidRequest, match=r"encrypt\.recipients: item 1"):
        open_sealer(Recipients(AGE, ("alice",)))
    with pytest.raises(InvalidRequest, match=r"decrypt\.identities: item 1"):
        open_opener(Identities(AGE, ("alice",)))
