# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import zipfile

from ansible_collections.secure.ftp_synchronize.plugins.action.event_program import STARTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.build_program import program


def test_the_program_has_the_collector_and_nothing_of_ansible() -> None:
    names = zipfile.ZipFile(io.BytesIO(program(STARTS["events"]))).namelist()
    assert "secure_ftp_synchronize/_engine/events/collecting.py" in names
    assert not [name for name in names if "/_edge/" in name or "/ssh/" in name]
    assert program(STARTS["events"]) == program(STARTS["events"])


def test_each_program_has_only_its_own_parts() -> None:
    events, trees = (zipfile.ZipFile(io.BytesIO(program(STARTS[name]))).namelist() for name in ("events", "trees"))
    assert "secure_ftp_synchronize/_engine/events/trees/judging.py" in trees
    assert not [name for name in events if "/transport/" in name]
    assert not [name for name in trees if "/rules/" in name or "/sftp/" in name or "/volumes/" in name]
