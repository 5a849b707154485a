# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of authorized keys with one key in one line, written to deceive: plain, odd, and odd but good for sshd."""

from __future__ import annotations

__all__ = ["KEY", "ODD", "PLAIN"]

from ..servers.ssh_keys import key

KEY = " ".join(key("partner").public.split()[:2])
_TYPE, _BASE64 = KEY.encode().split()
_KEY = KEY.encode()

PLAIN = (
    _KEY,
    b" \t" + _KEY + b'  a comment with "quotes\n# and more\n\n',
    b"restrict " + _KEY,
    b'RESTRICT,command="echo a b,cert-authority",no-pty\t' + _KEY + b"\tx",
    b'command="echo \\"a b\\" \\\\ c" ' + _KEY,
    b'environment="A=,cert-authority," ' + _KEY,
    b"restrict " + _KEY + b" ssh-rsa AAAA",
)
"""sshd admits the key, and nothing about it is odd."""

ODD = (
    b"cert-authority " + _KEY,
    b'restrict,CERT-authority,principals="partner" ' + _KEY,
    b'principals="partner" ' + _KEY,
    _TYPE + b" " + _BASE64[:20] + b"\x0c" + _BASE64[20:],
    _TYPE + b" " + _BASE64[:20] + b"\x0b\r" + _BASE64[20:] + b" x",
    _KEY + b"\r",
    _KEY + b"\0 x",
    b"# a comment\x0c\0\n" + _KEY,
    b"\0" + _KEY,
    b"\x0c" + _KEY,
    b"ssh-ed25519 " + _KEY,
    b"restrict, " + _KEY,
    b"unheard-of " + _KEY,
    b'command="echo a ' + _KEY,
    b'command="echo" b" ' + _KEY,
    b"sk-" + _KEY,
    _KEY[:-4],
    _KEY.replace(b" ", b"\xa0"),
    b"not a key at all",
    b"ssh-dss AAAAB3NzaC1kc3MAAACBAP",
    b"\xef\xbb\xbf" + _KEY,
    _KEY + b" \x1b[2J\x1b[H",
)
"""No line of an account that is opened may look like this. sshd admits the key by some of them."""
