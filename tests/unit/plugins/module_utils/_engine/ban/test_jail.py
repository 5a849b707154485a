# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drop-in of a jail: read first, the controller spared, an administrator's list for all jails added."""

from __future__ import annotations

import configparser

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ban.change import Jail, path_of, text_of

CONTROLLER = "203.0.113.7"


def read(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def test_the_jail_has_its_settings_and_spares_the_controller() -> None:
    found = read(text_of(Jail("guesses", {"filter": "vsftpd", "maxretry": "6"}, ["198.51.100.0/24"]), CONTROLLER))
    jail = found["guesses"]
    assert (jail["enabled"], jail["filter"], jail["maxretry"]) == ("true", "vsftpd", "6")
    assert jail["ignoreip"].split() == [*("%(default/ignoreip)s", "127.0.0.1/8", "::1", CONTROLLER, "198.51.100.0/24")]
    assert found["DEFAULT"]["ignoreip"].split() == ["127.0.0.1/8", "::1", CONTROLLER]


def test_without_a_connection_this_host_alone_is_spared() -> None:
    found = read(text_of(Jail("guesses", {}, []), None))
    assert found["DEFAULT"]["ignoreip"].split() == ["127.0.0.1/8", "::1"]


def test_the_drop_in_is_read_before_those_of_others() -> None:
    assert path_of("ftps") == "/etc/fail2ban/jail.d/00-secure_ftp_synchronize_ftps.conf"
    assert sorted([path_of("ftps"), "/etc/fail2ban/jail.d/defaults-debian.conf"])[0] == path_of("ftps")
