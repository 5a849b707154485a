// Copyright: (c) 2026, secure.ftp_synchronize contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Serve a directory with the SFTP server of ssh2 until killed. ssh2 brings the protocol, its user the file system: here
// each request is one asynchronous call of the system, so requests are carried out at the same time.
// Arguments: directory of the packages, address, port, directory, host key, authorized keys.

'use strict';

const fs = require('fs');
const path = require('path');

const [packages, address, port, root, hostKey, authorized] = process.argv.slice(2);
const { Server, utils } = require(path.join(packages, 'node_modules', 'ssh2'));

const { OPEN_MODE, STATUS_CODE } = utils.sftp;
const keys = fs.readFileSync(authorized, 'utf8').trim().split('\n').map((line) => utils.parseKey(line));
const CODES = { ENOENT: STATUS_CODE.NO_SUCH_FILE, EACCES: STATUS_CODE.PERMISSION_DENIED, EPERM: STATUS_CODE.PERMISSION_DENIED };

const real = (name) => path.join(root, path.posix.normalize(`/${name}`));
const attributesOf = ({ mode, uid, gid, size, atimeMs, mtimeMs }) => (
  { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) });

// The flags of fs.open for those of SFTP.
function flagsOf(asked) {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_EXCL, O_APPEND } = fs.constants;
  const writes = asked & OPEN_MODE.WRITE;
  let flags = writes ? (asked & OPEN_MODE.READ ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (asked & OPEN_MODE.CREAT) flags |= O_CREAT;
  if (asked & OPEN_MODE.TRUNC) flags |= O_TRUNC;
  if (asked & OPEN_MODE.EXCL) flags |= O_EXCL;
  if (asked & OPEN_MODE.APPEND) flags |= O_APPEND;
  return flags;
}

function serve(sftp) {
  const open = new Map();
  let last = 0;
  const handle = (entry) => {
    const name = Buffer.alloc(4);
    name.writeUInt32BE(last += 1);
    open.set(last, entry);
    return name;
  };
  const opened = (name) => open.get(name.readUInt32BE(0)) || {};
  const refuse = (id, error) => sftp.status(id, CODES[error.code] || STATUS_CODE.FAILURE, error.message);
  const status = (id) => (error) => (error ? refuse(id, error) : sftp.status(id, STATUS_CODE.OK));
  const answer = (id, send) => (error, value) => (error ? refuse(id, error) : send(value));

  const set = (id, attributes, chmod, utimes) => {
    const times = () => (attributes.mtime === undefined
      ? sftp.status(id, STATUS_CODE.OK) : utimes(attributes.atime, attributes.mtime, status(id)));
    if (attributes.mode === undefined) times();
    else chmod(attributes.mode & 0o7777, answer(id, times));
  };

  sftp.on('OPEN', (id, name, flags, { mode = 0o666 }) => {
    fs.open(real(name), flagsOf(flags), mode & 0o7777, answer(id, (fd) => sftp.handle(id, handle({ fd }))));
  }).on('READ', (id, name, offset, length) => {
    const data = Buffer.alloc(Math.min(length, 1 << 17));
    fs.read(opened(name).fd, data, 0, data.length, offset, answer(id, (size) => (
      size ? sftp.data(id, data.subarray(0, size)) : sftp.status(id, STATUS_CODE.EOF))));
  }).on('WRITE', (id, name, offset, data) => {
    fs.write(opened(name).fd, Buffer.from(data), 0, data.length, offset, status(id));
  }).on('FSTAT', (id, name) => {
    fs.fstat(opened(name).fd, answer(id, (found) => sftp.attrs(id, attributesOf(found))));
  }).on('FSETSTAT', (id, name, attributes) => {
    const { fd } = opened(name);
    set(id, attributes, (mode, done) => fs.fchmod(fd, mode, done), (...times) => fs.futimes(fd, ...times));
  }).on('SETSTAT', (id, name, attributes) => {
    set(id, attributes, (mode, done) => fs.chmod(real(name), mode, done), (...times) => fs.utimes(real(name), ...times));
  }).on('CLOSE', (id, name) => {
    const { fd } = opened(name);
    open.delete(name.readUInt32BE(0));
    if (fd === undefined) sftp.status(id, STATUS_CODE.OK);
    else fs.close(fd, status(id));
  }).on('OPENDIR', (id, name) => {
    fs.readdir(real(name), answer(id, (names) => sftp.handle(id, handle({ place: real(name), names }))));
  }).on('READDIR', (id, name) => {
    const { place, names } = opened(name);
    const some = names.splice(0, 100);
    if (!some.length) sftp.status(id, STATUS_CODE.EOF);
    else Promise.all(some.map(async (filename) => {
      const attrs = attributesOf(await fs.promises.lstat(path.join(place, filename)));
      return { filename, longname: filename, attrs };
    })).then((found) => sftp.name(id, found), (error) => refuse(id, error));
  }).on('LSTAT', (id, name) => {
    fs.lstat(real(name), answer(id, (found) => sftp.attrs(id, attributesOf(found))));
  }).on('STAT', (id, name) => {
    fs.stat(real(name), answer(id, (found) => sftp.attrs(id, attributesOf(found))));
  }).on('REALPATH', (id, name) => {
    sftp.name(id, [{ filename: path.posix.normalize(`/${name}`).replace(/(.)\/$/, '$1'), longname: '', attrs: {} }]);
  }).on('REMOVE', (id, name) => fs.unlink(real(name), status(id)))
    .on('MKDIR', (id, name, { mode = 0o777 }) => fs.mkdir(real(name), mode & 0o7777, status(id)))
    .on('RMDIR', (id, name) => fs.rmdir(real(name), status(id)))
    .on('RENAME', (id, from, to) => {
      fs.lstat(real(to), (missing) => (
        missing ? fs.rename(real(from), real(to), status(id)) : sftp.status(id, STATUS_CODE.FAILURE)));
    })
    .on('SYMLINK', (id, place, target) => fs.symlink(target, real(place), status(id)))
    .on('READLINK', (id, name) => {
      fs.readlink(real(name), answer(id, (target) => sftp.name(id, [{ filename: target, longname: '', attrs: {} }])));
    });
}

process.umask(0o022);
// ssh2 leaves Nagle's algorithm on, which costs 40 ms a request if there is one at a time.
new Server({ hostKeys: [fs.readFileSync(hostKey)] }, (client) => {
  client._sock.setNoDelay(true);
  client.on('authentication', (context) => {
    const { key, signature, method } = context;
    const known = method === 'publickey' && keys.some((each) => each.getPublicSSH().equals(key.data)
      && (!signature || each.verify(context.blob, signature, context.hashAlgo) === true));
    if (known) context.accept();
    else context.reject(['publickey']);
  }).on('ready', () => {
    client.on('session', (accept) => accept().on('sftp', (begin) => serve(begin())));
  }).on('error', () => {});
}).listen(Number(port), address);
