# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.probe.answer import Answer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.log_health import LogSilence

NOW = 20_000 * 86400.0
SILENT, LOGGED = Answer(NOW - 60, is_logged=False), Answer(NOW, is_logged=True)


def reread(silence: LogSilence) -> LogSilence:
    return LogSilence.read(json.loads(json.dumps(silence.written(NOW))))


def test_a_silence_is_reported_once() -> None:
    silence = LogSilence()
    assert silence.add(None, NOW) == []
    assert silence.add(LOGGED, NOW) == []
    (alert,) = silence.add(SILENT, NOW)
    assert alert.alert == (
        "log_silent",
        "sshd has logged no line about the connection of 2024-10-03T23:59:00Z",
        "a line within a minute",
        0,
        0,
    )
    silence = reread(silence)
    assert silence.add(SILENT, NOW + 60) == []
    assert silence.add(None, NOW + 60) == []
    assert silence.add(LOGGED, NOW + 120) == []
    (again,) = reread(silence).add(SILENT, NOW + 86400)
    assert again.alert is not None
    assert (again.alert.history_days, again.alert.would_have_fired) == (1, 1)
