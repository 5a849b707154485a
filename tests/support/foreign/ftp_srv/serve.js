// Copyright: (c) 2026, secure.ftp_synchronize contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Serve a directory with ftp-srv over explicit TLS until killed.
// Arguments: directory of the packages, address, port, directory, certificate, user, umask, file with the password.

'use strict';

const fs = require('fs');
const path = require('path');

const [packages, address, port, root, certificate, user, umask, password] = process.argv.slice(2);
const { FtpSrv } = require(path.join(packages, 'node_modules', 'ftp-srv'));

const pem = fs.readFileSync(certificate);
const secret = fs.readFileSync(password, 'utf8');
const server = new FtpSrv({
  url: `ftp://${address}:${port}`,
  pasv_url: address,
  pasv_min: 20000,
  pasv_max: 32000,
  tls: { key: pem, cert: pem },
});

server.on('login', ({ username, password: given }, resolve, reject) => {
  if (username === user && given === secret) resolve({ root });
  else reject(new Error('Bad username or password'));
});

process.umask(parseInt(umask, 8));
server.listen();
