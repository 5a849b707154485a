# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private material by its content, and ordinary settings that must not be taken for it."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.cutting import (
    secret_kind,
)
from support.servers.ssh_keys import certify_user, key

OPENSSH = key("stolen").path.read_bytes()
BODY = b"".join(OPENSSH.splitlines()[1:-1])


@pytest.mark.parametrize(
    "content",
    [
        OPENSSH,
        b"x\n" * 1000 + OPENSSH,
        OPENSSH.replace(b"\n", b"\r\n"),
        OPENSSH.decode().encode("utf-16"),
        OPENSSH.decode().encode("utf-16-be"),
        BODY,
        b"key: " + BODY + b"\n",
        base64.b64decode(BODY),
        base64.b64encode(OPENSSH),
        base64.encodebytes(OPENSSH),
        b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
        b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n",
        b"# created: today\nAGE-SECRET-KEY-1QQQQ\n",
        b"[Interface]\nPrivateKey = abc=\n",
        b"(11:private-key(3:ecc(5:curve7:Ed25519)",
        b"Key: (private-key (ecc))\n",
        b'{"crv": "Ed25519", "d": "x", "kty": "OKP"}',
    ],
)
def test_private_keys(content: bytes) -> None:
    assert secret_kind(content) == "private key"


@pytest.mark.parametrize("algorithm", ["RSA", "ED25519", "EC"])
@pytest.mark.parametrize("form", ["DER", "PEM"])
def test_keys_of_openssl(algorithm: str, form: str) -> None:
    options = {"EC": ["-pkeyopt", "ec_paramgen_curve:P-256"]}.get(algorithm, [])
    words = ["openssl", "genpkey", "-algorithm", algorithm, *options, "-outform", form]
    made = subprocess.run(words, capture_output=True, check=True).stdout
    assert secret_kind(made) == "private key"
    assert secret_kind(base64.encodebytes(made)) == "private key"


@pytest.mark.parametrize("text", [b"root:$6$abc$def:20000:0:::\n", b"x:!!$y$j9T$abc$def:1:\n", b"u:$apr1$a$b\n"])
def test_password_hashes(text: bytes) -> None:
    assert secret_kind(b"# users\n" + text) == "password hash"


RECORDS = {
    "md5crypt": "$1$ab$.XDbd2XQ2thRkhB3TR9e31",
    "apr1": "$apr1$abcdefgh$NbFGsHaSZFBk9hw1PdAd31",
    "sha256crypt": "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGsh0VN5",
    "sha512crypt": "$6$saltstring$"
    "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
    "yescrypt": "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
    "bcrypt": "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "argon2": "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_password_hashes_in_settings(record: str) -> None:
    forms = {
        "JSON": f'{{"users": [{{"password": "{record}"}}]}}\n',
        "YAML": f"password: {record}\n",
        "quoted YAML": f"users:\n  - password: '{record}'\n",
        "bare": f"account {record} 7\n",
        "a list": f"alice:{record}\n",
        "escaped": "PASSWORD=%s\n" % record.replace("$", r"\$"),
        "doubled": "PASSWORD=%s\n" % record.replace("$", "$$"),
    }
    assert [name for name, text in forms.items() if secret_kind(text.encode()) != "password hash"] == []


def test_hashes_that_the_host_makes() -> None:
    made = subprocess.run(["openssl", "passwd", "-6", "secret"], capture_output=True, text=True, check=True).stdout
    assert secret_kind(b'{"password": "%s"}' % made.strip().encode()) == "password hash"


def test_a_password_of_a_database() -> None:
    assert secret_kind(b"SQLConnectInfo db@host user secret\n") == "password"


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\x00", b"\xff\xfe", b"a\0b", b"\x1b[2J"])
def test_other_content_is_no_settings(content: bytes) -> None:
    assert secret_kind(content) == "not text"


def test_ordinary_settings(tmp_path: Path) -> None:
    krl = tmp_path / "krl"
    subprocess.run(["ssh-keygen", "-q", "-k", "-f", krl, f"{key('stolen').path}.pub"], check=True)
    certificate = certify_user(key("dave"), key("ca"), principals="dave")
    for content in (
        b"",
        b"Port 22\n# HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\n",
        f"restrict {key('good').public} Jos\u00e9\n".encode(),
        Path(f"{certificate.path}-cert.pub").read_bytes() if Path(f"{certificate.path}-cert.pub").exists() else b"",
        krl.read_bytes(),
        b"root:x:0:0:root:/root:/bin/bash\nsync:*:1::::\n",
        b"PATH=$HOME$SUFFIX/usr/local/lib/directory\n* * * * * root awk '{print $1$2, $5$6}' /etc/passwd\n",
    ):
        assert secret_kind(content) is None, content


def test_a_certificate_of_a_server() -> None:
    words = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null"]
    assert secret_kind(subprocess.run(words, capture_output=True, check=True).stdout) is None


@pytest.mark.parametrize(("between", "kind"), [(4000, "private key"), (5000, None)])
def test_the_parts_of_a_web_key_stand_together(between: int, kind: str | None) -> None:
    assert secret_kind(b'"kty" "kty"%s"d" :' % (b" " * between)) == kind
    assert secret_kind(b'"d":%s"kty"' % (b" " * between)) == kind
