# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ProFTPD's directives: the block first, old lines disabled, a candidate without the service's own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.daemon import Place
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.key_pair import KeyPair
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.proftpd import Proftpd
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.settings import settings_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named

PLACE = Place("/own", "/own/tree", 40_000, "daemon", "daemon")


def options(profile: str = "intermediate", *, implicit: bool = False, **wanted: object) -> dict[str, str]:
    """Return the rendering for an OpenSSL without post-quantum groups."""
    pair = KeyPair("/c.pem", "/k.pem", wanted.pop("chain", (b"",)), wanted.pop("key_type", "ec"))
    settings = settings_of(profile_named(profile), pair, **{"client_ca": None, "session_reuse": True, **wanted})
    return dict(Proftpd().options(settings, lambda _name, value: "MLKEM" not in value, implicit=implicit))


def test_the_policy_in_its_words() -> None:
    told = options()
    assert (told["TLSEngine"], told["TLSRequired"], told["TLSProtocol"]) == ("on", "on", "TLSv1.2 TLSv1.3")
    assert told["TLSECDHCurve"] == "X25519:P-256:P-384"
    assert (told["TLSECCertificateFile"], told["TLSVerifyClient"], told.get("TLSOptions")) == ("/c.pem", "off", None)
    assert (options("modern")["TLSProtocol"], options("modern").get("TLSCipherSuite")) == ("TLSv1.3", None)


def test_what_depends() -> None:
    told = options(implicit=True, session_reuse=False, client_ca="/ca.pem", key_type="rsa", chain=(b"", b""))
    assert told["TLSOptions"] == "UseImplicitSSL NoSessionReuseRequired"
    assert (told["TLSVerifyClient"], told["TLSCACertificateFile"]) == ("on", "/ca.pem")
    assert (told["TLSRSACertificateKeyFile"], told["TLSCertificateChainFile"]) == ("/k.pem", "/c.pem")


def test_the_block_comes_first_and_other_servers_keep_theirs() -> None:
    text = (
        "<IfModule mod_tls.c>\n  tlsengine off\n</IfModule>\nTLSLog /x\n<VirtualHost 1.2.3.4>\n  TLSEngine off\n"
        "</VirtualHost>\nTLSRequired off\n"
    )
    first = Proftpd().merged(text, [("TLSEngine", "on")])
    assert first == Proftpd().block([("TLSEngine", "on")]) + (
        "<IfModule mod_tls.c>\n#tls_policy#   tlsengine off\n</IfModule>\nTLSLog /x\n"
        "<VirtualHost 1.2.3.4>\n  TLSEngine off\n</VirtualHost>\n#tls_policy# TLSRequired off\n"
    )
    assert Proftpd().merged(first, [("TLSEngine", "on")]) == first


def test_implicit_tls_is_an_option_among_others() -> None:
    assert Proftpd().is_implicit("x\n  TLSOptions EnableDiags UseImplicitSSL\n")
    assert not Proftpd().is_implicit("# TLSOptions UseImplicitSSL\n")


def test_a_candidate_has_nothing_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "one.conf").write_text("Port 2121\nTLSEngine on\n<VirtualHost *>\nPort 990\n</VirtualHost>")
    text = f"Port 21\nInclude {tmp_path}/*.conf\nInclude /no/such.conf\nScoreboardFile /run/s\n"
    text += "TLSVerifyClient on\nMaxInstances 9\n"
    lines = Proftpd().candidate(text, PLACE, demand=True).splitlines()
    assert [line for line in lines if line.startswith("Port")] == ["Port 40000"]
    assert {"TLSEngine on", "TLSVerifyClient on", "Include /no/such.conf", "ScoreboardFile /own/scoreboard"} <= set(
        lines
    )
    assert not [line for line in lines if "VirtualHost" in line or "/run/s" in line or "MaxInstances" in line]
    assert "TLSVerifyClient on" not in Proftpd().candidate(text, PLACE, demand=False)


def test_options_beside_tls() -> None:
    options = [("TLSEngine", "on"), Proftpd().further("UseReverseDNS", value=False)]
    text = "usereversedns on\nUseReverseDNSx on\n<VirtualHost a>\nUseReverseDNS on\n</VirtualHost>\n"
    merged = Proftpd().merged(text, options)
    assert "UseReverseDNS off" in Proftpd().block(options)
    assert merged == Proftpd().block(options) + "#tls_policy# " + text
    assert Proftpd().merged(merged, options) == merged


@pytest.mark.parametrize("name", ["tlsengine", "TLSOptions", "<Anonymous", "Include /etc", ""])
def test_what_is_no_option_beside_tls(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"by the profile|is not the name"):
        Proftpd().further(name, value=True)
