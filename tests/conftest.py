# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For all tests: `support`, the package of real servers and trees, can be imported (`from support.sshd import Sshd`),
how Hypothesis runs, and that signals mean what they mean."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from hypothesis import settings

# How long an example takes says more about the machine's load than about the code.
settings.register_profile("tests", deadline=None, database=None, print_blob=True)
settings.load_profile("tests")

sys.path.insert(0, str(Path(__file__).parent))

# A run in the background of a script, or under nohup(1), ignores signals and hands that on to what the tests start.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)
