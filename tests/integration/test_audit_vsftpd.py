# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jails and the cleartext of a real vsftpd, as the audit judges its files, and as a login meets them."""

from __future__ import annotations

import ftplib
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from pwd import struct_passwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import observe
from support.scenes.audit_site import good_site
from support.servers.server import RUN, write_public
from support.servers.vsftpd import Vsftpd

PRIVATE = f"{RUN}/private"
LIST = (f"chroot_list_file={PRIVATE}/list", "chroot_list_enable=YES")
JAILED, FREE, REFUSED = "jailed", "free", "refused"
CASES = {
    "a jail": (("chroot_local_user=YES",), "", "", JAILED),
    "no jail": (("chroot_local_user=NO",), "", "", FREE),
    "nothing": ((), "", "", FREE),
    "excepted from the jail": ((*LIST, "chroot_local_user=YES"), "", "mirror\n", FREE),
    "not excepted: another name": ((*LIST, "chroot_local_user=YES"), "", " mirror \nmirror2\n", JAILED),
    "excepted from the freedom": (LIST, "", "mirror\n", JAILED),
    "a list that is off": (("chroot_local_user=YES", LIST[0]), "", "mirror\n", JAILED),
    "no jail in the file of the account": (("chroot_local_user=YES",), "chroot_local_user=NO\n", "", JAILED),
    "a jail in the file of the account": ((), "chroot_local_user=YES\n", "", FREE),
    "an exception in the file of the account": (("chroot_local_user=YES",), "\n".join(LIST), "mirror\n", JAILED),
    "the root of the host in the file of the account": (("chroot_local_user=YES",), "local_root=/\n", "", FREE),
    "the root of the host for all": (("chroot_local_user=YES", "local_root=/"), "", "", FREE),
}
"""Lines of the configuration, the file of the account, the list, and the place of a login."""


class Configured(Vsftpd):
    """A vsftpd with a file of the account and a list of exceptions."""

    own = listed = ""

    def _write_configuration(self, port: int) -> list[str]:
        (self._private / "users").mkdir(exist_ok=True)
        write_public(self._private / f"users/{self.account.name}", self.own)
        write_public(self._private / "list", self.listed)
        return super()._write_configuration(port)

    @property
    def home(self) -> str:
        return f"{RUN}/jail"


@contextmanager
def logged_in(server: Vsftpd) -> Iterator[ftplib.FTP_TLS]:
    context = ssl.create_default_context(cafile=str(server.authority.file))
    with closing(ftplib.FTP_TLS(context=context, timeout=20)) as client:  # noqa: S321 (TLS)
        client.connect(server.host, server.port)
        client.login(server.user, server.password)
        yield client


def judged(server: Vsftpd, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, control: str) -> list[str]:
    """Return the findings of the control by the files of the server, whose account is the partner."""
    own = server.written("vsftpd.conf").read_text().replace(PRIVATE, str(server.written(".").resolve()))
    (tmp_path / "vsftpd.conf").write_text(own)
    monkeypatch.setattr(observe, "CONFIGS", (str(tmp_path / "vsftpd.conf"),))
    entry = struct_passwd((server.user, "x", server.account.uid, server.account.uid, "", server.home, "/bin/sh"))
    site = good_site()
    site.kinds = ("ftps_server",)
    site.named = site.named._replace(accounts=(server.user,))
    site.change("ftps_settings", value=observe.ftps_settings())
    # The directories are in the namespace of the server.
    monkeypatch.setattr(observe, "way", lambda root: {"target": root, "parts": _root_alone(root)})
    site.change("ftps_accounts", value=observe.ftps_accounts([(server.user, entry)]))
    row = site.row(control)
    assert row.missing == ()
    return [each.observed for each in row.findings]


def _root_alone(path: str) -> list[dict[str, object]]:
    above = [str(each) for each in reversed(Path(path).parents)]
    return [{"path": each, "uid": 0, "mode": "0755"} for each in dict.fromkeys([*above, path])]


@pytest.mark.parametrize("case", CASES)
def test_the_audit_finds_each_way_out_of_a_jail(case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines, own, listed, place = CASES[case]
    monkeypatch.setattr(Configured, "own", own)
    monkeypatch.setattr(Configured, "listed", listed)
    with Configured(config=(f"user_config_dir={PRIVATE}/users", *lines)) as server:
        with logged_in(server) as client:
            if place == FREE:
                client.cwd("/etc")
            else:
                with pytest.raises(ftplib.error_perm):
                    client.cwd("/etc")
        assert bool(judged(server, monkeypatch, tmp_path, "5.2")) == (place == FREE)


@pytest.mark.parametrize("own", ["allow_writeable_chroot=YES\n", ""])
def test_a_root_that_the_account_can_write(own: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """vsftpd refuses it, unless a file allows it."""
    monkeypatch.setattr(Configured, "own", own)
    monkeypatch.setattr(Configured, "home", f"{RUN}/files")
    with Configured(config=(f"user_config_dir={PRIVATE}/users", "chroot_local_user=YES")) as server:
        if own:
            with logged_in(server) as client:
                client.mkd("made")
        else:
            with pytest.raises((ftplib.Error, ssl.SSLError, EOFError)), logged_in(server):
                pass
        found = judged(server, monkeypatch, tmp_path, "5.2")
        assert found == (["mirror: allow_writeable_chroot is on"] if own else [])


@pytest.mark.parametrize("own", ["force_local_data_ssl=NO\n", ""])
def test_data_in_cleartext_for_one_account(own: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Configured, "own", own)
    with Configured(config=(f"user_config_dir={PRIVATE}/users",)) as server:
        with logged_in(server) as client:
            client.prot_c()
            if own:
                client.retrlines("NLST /", lambda _line: None)
            else:
                with pytest.raises(ftplib.error_perm, match="522"):
                    client.retrlines("NLST /", lambda _line: None)
        found = judged(server, monkeypatch, tmp_path, "1.3")
        assert found == (["mirror: its own file has force_local_data_ssl off"] if own else [])


LOGGED = {
    "its own log": (("xferlog_enable=YES",), True),
    "no log": (("xferlog_enable=NO",), False),
    "both logs": (("xferlog_enable=NO", "dual_log_enable=YES", f"xferlog_file={PRIVATE}/xferlog"), True),
    "xferlog(5) alone": (("xferlog_enable=YES", "xferlog_std_format=YES", f"xferlog_file={PRIVATE}/xferlog"), False),
    "syslog": (("xferlog_enable=YES", "syslog_enable=YES"), False),
    "its own log, and an account that asks for none": (
        ("xferlog_enable=YES", f"user_config_dir={PRIVATE}/users"),
        True,
    ),
}
"""Lines of the configuration, and whether a login is in the log that the collector of events reads."""


@pytest.mark.parametrize("case", LOGGED)
def test_the_audit_finds_a_vsftpd_that_does_not_log(case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines, logged = LOGGED[case]
    monkeypatch.setattr(Configured, "own", "xferlog_enable=NO\nsyslog_enable=YES\n")
    with Configured(config=("chroot_local_user=YES", f"vsftpd_log_file={PRIVATE}/own.log", *lines)) as server:
        with logged_in(server) as client:
            client.prot_p()
            client.mkd("files/made")
        own = server.written("own.log")
        deadline = time.monotonic() + 10
        while logged and "MKDIR" not in own.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        text = own.read_text() if own.exists() else ""
        assert ("OK LOGIN" in text, "OK MKDIR" in text) == (logged, logged)
        found = judged(server, monkeypatch, tmp_path, "6.4")
        assert bool([each for each in found if "writes no log of its own" in each]) == (not logged)
