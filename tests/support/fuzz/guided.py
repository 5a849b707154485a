# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One target under Atheris, which wants a process of its own: python -m support.fuzz.guided TARGET CORPUS OPTIONS.

Options: see libFuzzer. It ends with status 0 if it found nothing.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["ansible_collections"]):
    from .targets import TARGETS, run_bounded


def main() -> None:
    """Fuzz the target that the first argument names."""
    name = sys.argv.pop(1)
    target = TARGETS[name]
    atheris.Setup(sys.argv, lambda data: run_bounded(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
