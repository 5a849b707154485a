# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All kinds of Buffer are read alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import ReplyParser
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Buffer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import data_of


@pytest.mark.parametrize("kind", get_args(Buffer))
def test_replies_of_both_protocols(kind: Callable[[bytes], Buffer]) -> None:
    parser = ReplyParser()
    parser.feed(kind(b"220 ready\r\n"))
    assert parser.next().text == "220 ready"
    assert bytes(data_of(kind(b"\0\0\0\x02ab"))) == b"ab"
