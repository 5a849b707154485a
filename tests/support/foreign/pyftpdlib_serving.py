# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve a directory with pyftpdlib over TLS until killed.

The system's Python runs it. Arguments: address, port, directory, certificate, user, uid, umask, file with the password.
"""

from __future__ import annotations

__all__ = ["main"]

import os
import sys
from pathlib import Path

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer


def main(address: str, port: str, root: str, certificate: str, user: str, uid: str, umask: str, password: str) -> None:
    """Serve as the account `uid`."""
    authorizer = DummyAuthorizer()
    authorizer.add_user(user, Path(password).read_text(), root, perm="elradfmwMT")

    class Handler(TLS_FTPHandler):
        certfile = certificate
        tls_control_required = True
        tls_data_required = True

    Handler.authorizer = authorizer
    server = FTPServer((address, int(port)), Handler)  # it reads the certificate
    os.umask(int(umask, 8))
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
