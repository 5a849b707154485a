# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login lines of the journal, and the process of a session: the test's own process represents it."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys import sessions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import (
    Login,
    logins,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import process_tree

PRINT = "SHA256:" + "A" * 43
OTHER = "SHA256:" + "B" * 43


def line(fingerprint: str = PRINT, **fields: Any) -> str:
    message = f"Accepted publickey for partner from 192.0.2.1 port 4711 ssh2: ED25519 {fingerprint}"
    entry = {"MESSAGE": message, "_COMM": "sshd-session", "_PID": "12", "__MONOTONIC_TIMESTAMP": "5000000"}
    return json.dumps({**entry, **fields})


def test_a_login_is_found() -> None:
    assert logins([line()], 2.0) == {12: Login(12, "partner", PRINT, 7.0)}


def test_the_last_login_of_a_process_counts() -> None:
    assert logins([line(), line(OTHER)], 0.0)[12].fingerprint == OTHER


def test_the_certificate_of_a_key_is_the_key() -> None:
    whose = f"ED25519-CERT {PRINT} ID x (serial 1) CA ED25519 {OTHER}"
    text = f"Accepted publickey for partner from ::1 port 1 ssh2: {whose}"
    assert logins([line(MESSAGE=text)], 0.0)[12] == Login(12, "partner", PRINT, 5.0, OTHER, 1, "x")


def test_words_in_the_id_of_a_certificate() -> None:
    whose = f"ED25519-CERT {PRINT} ID a (serial 9) CA ED25519 {PRINT} (serial 1) CA ED25519 {OTHER}"
    found = logins([line(MESSAGE=f"Accepted publickey for partner from ::1 port 1 ssh2: {whose}")], 0.0)[12]
    assert (found.ca, found.serial, found.key_id) == (OTHER, 1, f"a (serial 9) CA ED25519 {PRINT}")


def test_other_programs_and_other_words_do_not_count() -> None:
    made_up = f"x Accepted publickey for root from 192.0.2.1 port 1 ssh2: ED25519 {PRINT}"
    others = [line(_COMM="logger"), line(MESSAGE=made_up), line(MESSAGE=[1, 2]), line(MESSAGE=None)]
    assert logins(others, 0.0) == {}


def test_a_process_that_began_after_the_line_is_another_one() -> None:
    began = process_tree.began(os.getpid())
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    mine = Login(os.getpid(), "partner", PRINT, now)
    assert sessions._is_session(mine) == (os.stat(f"/proc/{os.getpid()}").st_uid == 0)
    assert not sessions._is_session(mine._replace(moment=began - 1))
