# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SFTP server of Apache MINA SSHD (Java) on a free loopback port. BeanShell runs its set-up without a compiler."""

from __future__ import annotations

__all__ = ["Mina"]

import shutil
from pathlib import Path

from ..servers.server_root import server_root
from .program import SshProgram, as_account

_JARS = ("sshd-common*.jar", "sshd-core*.jar", "sshd-sftp*.jar", "slf4j-api.jar", "eddsa.jar", "bsh.jar")
_SERVE = """
import java.nio.file.Paths;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.config.keys.AuthorizedKeysAuthenticator;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
server = SshServer.setUpDefaultServer();
server.setHost(bsh.args[0]);
server.setPort(Integer.parseInt(bsh.args[1]));
server.setFileSystemFactory(new VirtualFileSystemFactory(Paths.get(bsh.args[2], new String[0])));
server.setKeyPairProvider(new FileKeyPairProvider(Paths.get(bsh.args[3], new String[0])));
server.setPublickeyAuthenticator(new AuthorizedKeysAuthenticator(Paths.get(bsh.args[4], new String[0])));
server.setSubsystemFactories(java.util.Collections.singletonList(new SftpSubsystemFactory()));
server.start();
Thread.sleep(Long.MAX_VALUE);
"""


class Mina(SshProgram):
    """One MINA of Debian; it shows the tree as the whole file system."""

    name = "mina"

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        jars, script = self._private / "jars", self._private / "serve.bsh"
        jars.mkdir(exist_ok=True)
        system = server_root(("libmina-sshd-java", "bsh"))
        for pattern in _JARS:
            for jar in (system / "usr/share/java").glob(pattern):
                shutil.copyfile(jar, jars / jar.name)
        script.write_text(_SERVE)
        words = (self.host, port, self.root, host_key, authorized)
        java = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "bsh.Interpreter", str(script)]
        return [*as_account(self.account), *java, *map(str, words)]
