# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that seal and open files, and their versions."""

from __future__ import annotations

import re
import shutil
from typing import Tuple

from ..errors import SealingUnavailable
from ..system.program import ask_program

_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")


def find_program(name: str, oldest: Tuple[int, int], *, needs: str, cure: str) -> str:
    """Return the path of a program; a version that it does not show is trusted. Raises SealingUnavailable.

    needs: the message if it is not there
    """
    program = shutil.which(name)
    if program is None:
        raise SealingUnavailable(needs, cure=cure)
    version = _VERSION.search(ask_program(program, "--version").out.partition("\n")[0])
    if version is not None and (int(version.group(1)), int(version.group(2))) < oldest:
        raise SealingUnavailable("format: the program %s has the version %s" % (name, version.group()), cure=cure)
    return program
