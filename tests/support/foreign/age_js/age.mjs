// Copyright: (c) 2026, secure.ftp_synchronize contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// node age.mjs PACKAGES open|seal: the key is the first line of the standard input, the file is the rest.

import { readFileSync, writeSync } from "node:fs";

const [packages, action] = process.argv.slice(2);
const { Decrypter, Encrypter } = await import(`${packages}/node_modules/age-encryption/dist/index.js`);
const given = readFileSync(0);
const end = given.indexOf(10);
const [key, data] = [given.subarray(0, end).toString(), given.subarray(end + 1)];

async function open() {
  const age = new Decrypter();
  age.addIdentity(key);
  return age.decrypt(data, "uint8array");
}

async function seal() {
  const age = new Encrypter();
  age.addRecipient(key);
  return age.encrypt(data);
}

let result = await (action === "open" ? open() : seal());
while (result.length) result = result.subarray(writeSync(1, result));
