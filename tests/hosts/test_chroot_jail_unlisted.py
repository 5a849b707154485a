# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that leaves out an account of the host: refused by default, or the account is closed, or kept as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.hosts.jail_host import JailHost, Provisioned

STATE = """
getent passwd; ls -l /etc/ssh/authorized_keys.d; find /srv/jail -ls; cat /etc/ssh/sshd_config.d/*_jails.conf
"""


@pytest.fixture(scope="module")
def jails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JailHost]:
    with JailHost(tmp_path_factory.mktemp("jails")) as host:
        done = provision(host, "first", "second")
        assert done.status == 0, done.output
        yield host


def provision(host: JailHost, *names: str, **variables: str) -> Provisioned:
    return host.provision([{"name": name, "authorized_keys": [host.key.public]} for name in names], **variables)


def lets_in(host: JailHost, name: str) -> bool:
    return host.client(name).run("server", program="sftp", input="ls\n").returncode == 0


def test_it_is_refused_before_any_change_and_the_account_is_named(jails: JailHost) -> None:
    before = jails.inside(STATE)
    done = provision(jails, "second", "third")
    assert done.status != 0
    assert "accounts of jails are not in the list: first." in " ".join(done.output.split())
    assert jails.inside(STATE) == before
    assert lets_in(jails, "first")


def test_it_is_kept_as_it_is(jails: JailHost) -> None:
    done = provision(jails, "second", "third", chroot_jail_unlisted="keep")
    assert done.status == 0, done.output
    assert [lets_in(jails, name) for name in ("first", "second", "third")] == [True, True, True]
    effective = jails.inside("sshd -T -C user=first,host=x,addr=198.51.100.1")
    assert "chrootdirectory /srv/jail/first\n" in effective
    assert "\nforcecommand internal-sftp " in effective
    again = provision(jails, "second", "third", chroot_jail_unlisted="keep")
    assert (again.status, again.changed) == (0, 0), again.output


def test_it_is_closed_and_its_data_stay(jails: JailHost) -> None:
    jails.inside("echo precious > /srv/jail/first/data/file")
    done = provision(jails, "second", "third", chroot_jail_unlisted="close")
    assert done.status == 0, done.output
    assert [lets_in(jails, name) for name in ("first", "second", "third")] == [False, True, True]
    assert jails.inside("cat /srv/jail/first/data/file") == "precious\n"


def test_a_listed_account_that_is_removed_is_no_unlisted_one(jails: JailHost) -> None:
    gone = [{"name": name, "state": "absent"} for name in ("first", "third")]
    done = jails.provision([{"name": "second", "authorized_keys": [jails.key.public]}, *gone])
    assert done.status == 0, done.output


def test_a_misspelt_variable_is_refused_before_any_change(jails: JailHost) -> None:
    before = jails.inside(STATE)
    done = provision(jails, "second", chroot_jail_unlistet="keep")
    assert done.status != 0
    assert "did you mean chroot_jail_unlisted?" in " ".join(done.output.split())
    assert jails.inside(STATE) == before
