# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of modules that read a signed set."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import tree_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.reading import (
    reading_request,
    sample,
    sample_option,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import Sample
from support.running.tasks import params_of
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL, Sender

VERIFY = {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]}


def given(**options: Any) -> dict[str, Any]:
    return params_of(tree_verify, {"host": "h.example.com", "src": "release", "verify": VERIFY, **options})


def test_the_request_of_a_reader() -> None:
    asked = reading_request(given(port=2222, retries=7), check_mode=True)
    assert (asked.direction, asked.remote_root, asked.endpoint.port, asked.retries) == ("pull", b"release", 2222, 7)
    assert (asked.check_mode, asked.delete, asked.sign, asked.receipts) == (True, False, None, None)
    assert asked.verify is not None
    assert asked.verify.principal == PRINCIPAL


def test_a_path_that_ftp_cannot_carry() -> None:
    with pytest.raises(InvalidRequest, match="src"):
        reading_request(given(protocol="ftps", src="a\nb", username="u", password="p"), check_mode=False)


def test_samples() -> None:
    assert set(sample_option()["sample"]["options"]) == {"rotate", "percent", "bytes"}
    assert sample(given()) == Sample()
    assert sample(given(sample={"rotate": 5})) == Sample(5)
    assert sample(given(sample={"percent": 2.5})) == Sample(percent=2.5)
    assert sample(given(sample={"bytes": "2K"})) == Sample(size=2048)


@pytest.mark.parametrize(
    "options", [{"rotate": 0}, {"rotate": 1001}, {"percent": 0}, {"percent": 101}, {"bytes": "many"}]
)
def test_samples_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="sample"):
        sample(given(sample=options))
