# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vsftpd's options: names that the program accepts, the block at the end, old lines disabled."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.config_file import block_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.daemon import Place
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.key_pair import KeyPair
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.settings import (
    Value,
    settings_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.vsftpd import Vsftpd
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named

PAIR = KeyPair("/c.pem", "/k.pem", (b"",), "ec")
NEW = frozenset(("ssl_sslv2", "ssl_sslv3", "ssl_tlsv1", "ssl_tlsv11", "ssl_tlsv12", "ssl_tlsv13"))
OLD = frozenset(("ssl_sslv2", "ssl_sslv3", "ssl_tlsv1"))
OTHER = frozenset(("ssl_tlsv1_2", "ssl_tlsv1_3"))


def options(profile: str = "intermediate", known: frozenset[str] = NEW, **wanted: object) -> dict[str, str]:
    """Return the rendering for a binary with these names of versions."""
    settings = settings_of(profile_named(profile), PAIR, **{"client_ca": None, "session_reuse": True, **wanted})
    return dict(Vsftpd().options(settings, lambda name, _value: name in known, implicit=False))


@pytest.mark.parametrize(
    ("profile", "known", "wanted"),
    [
        ("intermediate", NEW, {"ssl_tlsv1": "NO", "ssl_tlsv11": "NO", "ssl_tlsv12": "YES", "ssl_tlsv13": "YES"}),
        ("modern", NEW, {"ssl_tlsv1": "NO", "ssl_tlsv11": "NO", "ssl_tlsv12": "NO", "ssl_tlsv13": "YES"}),
        ("modern", OLD, {"ssl_tlsv1": "NO"}),
        ("modern", OTHER, {"ssl_tlsv1_2": "NO", "ssl_tlsv1_3": "YES"}),
    ],
)
def test_versions(profile: str, known: frozenset[str], wanted: dict[str, str]) -> None:
    assert {name: value for name, value in options(profile, known).items() if "tlsv" in name} == wanted


def test_what_is_forced() -> None:
    forced = options()
    assert {forced[name] for name in forced if name.startswith("force_") or name.endswith("_ssl")} == {"YES"}
    assert (forced["rsa_cert_file"], forced["rsa_private_key_file"]) == ("/c.pem", "/k.pem")
    assert forced["ssl_ciphers"].startswith("ECDHE-ECDSA-AES128-GCM-SHA256:")
    assert "ssl_ciphers" not in options("modern")


def test_what_is_wanted_of_clients() -> None:
    demanded = options(client_ca="/ca.pem", session_reuse=False)
    assert (demanded["require_cert"], demanded["validate_cert"], demanded["ssl_request_cert"]) == ("YES",) * 3
    assert (demanded["ca_certs_file"], demanded["require_ssl_reuse"]) == ("/ca.pem", "NO")
    free = options()
    assert (free["require_cert"], free["ssl_request_cert"], free.get("ca_certs_file")) == ("NO", "NO", None)


def test_the_block_comes_last_and_once() -> None:
    text = "listen=YES\nssl_tlsv1_2=YES\n#ssl_enable=NO\nssl_sni_hostname=a\nimplicit_ssl=YES"
    first = Vsftpd().merged(text, [("ssl_enable", "YES")])
    kept = "listen=YES\n#tls_policy# ssl_tlsv1_2=YES\n#ssl_enable=NO\nssl_sni_hostname=a\nimplicit_ssl=YES\n"
    assert first == kept + Vsftpd().block([("ssl_enable", "YES")])
    assert Vsftpd().merged(first, [("ssl_enable", "YES")]) == first
    assert Vsftpd().merged("", []) == Vsftpd().block([])


@pytest.mark.parametrize(
    ("text", "implicit"),
    [
        ("", False),
        ("implicit_ssl=YES\n", True),
        ("implicit_ssl=YES\nimplicit_ssl=no\n", False),
        ("#implicit_ssl=YES", False),
    ],
)
def test_the_last_line_wins(text: str, *, implicit: bool) -> None:
    assert Vsftpd().is_implicit(text) is implicit


def test_a_candidate_has_nothing_of_the_service() -> None:
    place = Place("/own", "/own/tree", 40_000, "daemon", "daemon")
    text = Vsftpd().candidate("listen_port=21\nrequire_cert=YES\nlocal_enable=YES", place, demand=False)
    last = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    assert (last["listen_port"], last["listen_address"], last["background"]) == ("40000", "127.0.0.1", "NO")
    assert {last[name].split("/")[1] for name in last if last[name].startswith("/")} == {"own"}
    assert (last["local_enable"], last["require_cert"]) == ("NO", "NO")
    assert "require_cert=NO" not in Vsftpd().candidate("require_cert=YES", place, demand=True)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("anonymous_enable", False, "anonymous_enable=NO"),
        ("max_clients", 50, "max_clients=50"),
        ("local_umask", "027", "local_umask=027"),
        ("ftpd_banner", "Authorised use only.", "ftpd_banner=Authorised use only."),
    ],
)
def test_options_beside_tls(name: str, value: Value, line: str) -> None:
    options = [("ssl_enable", "YES"), Vsftpd().further(name, value)]
    merged = Vsftpd().merged(f"{name}=stock\nother=1\n", options)
    assert merged == f"#tls_policy# {name}=stock\nother=1\n" + block_of(["ssl_enable=YES", line])
    assert Vsftpd().merged(merged, options) == merged


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("ssl_tlsv1", True, "ssl_tlsv1 is set by the profile"),
        ("force_local_data_ssl", False, "force_local_data_ssl is set by the profile"),
        ("a\nb", True, "is not the name of an option"),
        ("#max_clients", 1, "is not the name of an option"),
        ("ftpd_banner", "a\nanonymous_enable=YES", "ftpd_banner cannot be"),
        ("ftpd_banner", " a", "ftpd_banner cannot be"),
        ("ftpd_banner", "", "ftpd_banner cannot be"),
    ],
)
def test_what_is_no_option_beside_tls(name: str, value: Value, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        Vsftpd().further(name, value)
