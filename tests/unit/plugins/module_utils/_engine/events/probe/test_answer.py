# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe.answer import (
    Answer,
    read_answer,
    write_answer,
)


@pytest.mark.parametrize("logged", [True, False])
def test_an_answer_is_read_back_by_its_account_alone(tmp_path: Path, logged: bool) -> None:
    path = tmp_path / "answer"
    write_answer(str(path), Answer(1.5, logged))
    assert read_answer(str(path)) == Answer(1.5, logged)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"moment": null, "is_logged": true}'])
def test_another_content_is_no_answer(tmp_path: Path, content: str) -> None:
    (tmp_path / "answer").write_text(content)
    assert read_answer(str(tmp_path / "answer")) is None
    assert read_answer(str(tmp_path / "missing")) is None
