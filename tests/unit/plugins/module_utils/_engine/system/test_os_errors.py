# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.os_errors import from_os_error


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOENT, "not_found"),
        (errno.EEXIST, "already_exists"),
        (errno.EROFS, "permission_denied"),
        (errno.ENOSPC, "no_space"),
        (errno.EDQUOT, "quota_exceeded"),
        (errno.ELOOP, "unsafe_name"),
        (errno.ENOSYS, "not_supported"),
        (errno.EIO, "operation_failed"),
    ],
)
def test_each_number_has_a_code(number: int, code: str) -> None:
    error = from_os_error(OSError(number, os.strerror(number)), path=b"f")
    assert (error.code, error.path, error.message) == (code, b"f", os.strerror(number))


def test_an_error_without_a_number() -> None:
    assert from_os_error(OSError("odd")).message == "odd"
