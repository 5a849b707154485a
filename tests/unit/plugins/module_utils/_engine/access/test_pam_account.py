# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PAM of this host is asked. Its service "other", which every host has, stands for a service that has no file."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
from contextlib import nullcontext
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import pam_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.pam_account import require_refused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed

ME = pwd.getpwuid(os.getuid()).pw_name


def sshd(*values: str, service: tuple[str, ...] = ()):
    """Return the settings of an sshd with these values of UsePAM."""
    return lambda _account, keyword: {"usepam": values, "pamservicename": service}[keyword]


def test_an_account_that_has_not_expired_is_admitted() -> None:
    with pytest.raises(OperationFailed, match=f"service sshd admits it .* {ME} may be able") as raised:
        require_refused(ME, ask=sshd("no", "yes"))
    assert "/etc/pam.d/sshd" in raised.value.cure


def test_each_service_is_asked() -> None:
    with pytest.raises(OperationFailed, match="service of-others admits"):
        require_refused(ME, ask=sshd("yes", service=("of-others",)))


def test_an_account_that_pam_refuses() -> None:
    require_refused("no such account", ask=sshd("yes"))


@pytest.mark.parametrize(("answer", "is_refused"), [("new_authtok_reqd", False), ("acct_expired", True)])
def test_an_account_that_must_set_a_new_password_is_admitted(
    answer: str, is_refused: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """sshd lets such an account in, and demands the password there. PAM's own module pam_debug gives the answers; the
    service is in a directory of this test, and not in /etc."""
    (tmp_path / "sshd").write_text(f"account required pam_debug.so acct={answer}\n")
    pam, directory = ctypes.CDLL("libpam.so.0"), os.fsencode(tmp_path)
    monkeypatch.setattr(
        pam, "pam_start", lambda *given: pam.pam_start_confdir(*given[:3], directory, given[3]), raising=False
    )
    monkeypatch.setattr(pam_account.ctypes, "CDLL", lambda _name: pam)
    with nullcontext() if is_refused else pytest.raises(OperationFailed, match="service sshd admits it"):
        require_refused(ME, ask=sshd("yes"))


def test_sshd_without_pam_looks_at_the_date_itself() -> None:
    require_refused(ME, ask=sshd("no"))


@pytest.mark.parametrize("library", ["libc.so.6", "no such library"])
def test_no_pam(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pam_account, "_LIBRARY", library)
    with pytest.raises(OperationFailed, match="does not answer"):
        require_refused(ME, ask=sshd("yes"))


def test_pam_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pam_account, "_SECONDS", 1)
    monkeypatch.setattr(pam_account.ctypes, "CDLL", lambda _name: signal.pause())
    with pytest.raises(OperationFailed, match="does not answer"):
        require_refused(ME, ask=sshd("yes"))
