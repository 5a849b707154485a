# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.sealing`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  encrypt:
    description:
      - Encrypt each file before it leaves the host of the task, on a push. Only ciphertext reaches the server, and no
        other disk gets the content.
      - The file C(a) is stored as C(a.age), or as C(a.pgp) in the format V(openpgp). Only the recipients can open it,
        by this module with O(decrypt), by the program C(age), or by a product that decrypts OpenPGP. Names, sizes and
        times of files, directories and the targets of links are not hidden.
      - A file is encrypted again only if its content changed, or if O(encrypt.recipients) changed. The directory
        O(state_dir) remembers which content each encrypted file has. Without it, all files are encrypted and stored
        again.
      - O(include) and O(exclude) match the names of the contents, without the extension. O(min_size) and O(max_size)
        are for the sizes of the contents; on a pull, for the sizes of the encrypted files.
      - With O(sign), the signed manifest lists the encrypted files, and an encrypted index lists their contents.
      - Needs the Python library C(pyrage) 1.4 or newer, or the program C(age) 1.1 or newer; for the format V(openpgp),
        GnuPG 2.2 or newer.
    type: dict
    version_added: 0.2.0
    suboptions:
      format:
        description:
          - Format of the encrypted files. V(age) is U(https://c2sp.org/age) in its binary form.
          - V(openpgp) is for partners whose product cannot open V(age). Files have the form of RFC 4880 with AES-256
            and integrity protection, without compression, signature and armor. See docs/partners_pgp.md.
        type: str
        choices: [age, openpgp]
        default: age
      recipients:
        description:
          - Public keys of the readers, C(age1...) or lines of C(ssh-ed25519) keys. Each of them can open every file.
          - In the format V(openpgp), armored certificates, each of a single key. A certificate that has expired, is
            revoked, or is for signatures only ends the task before it connects.
          - Include a recipient whose key is kept offline. If all keys are lost, the files at the server are lost.
          - If the list changes, all files are encrypted and stored again, with the reason C(recipients), except files
            that O(deliver_once) has recorded as delivered. A reader that was removed from the list may have kept the
            files of before.
        type: list
        elements: str
        required: true
      extension:
        description: End of the names of encrypted files. The default is C(.age), or C(.pgp) in the format V(openpgp).
        type: str
  decrypt:
    description:
      - Decrypt each file after it has arrived, on a pull. The file C(a.age) becomes the file C(a). Other files are
        skipped.
      - An encrypted file gets its name here only after it was proven and decrypted to its end. A damaged file
        (C(sealed_damaged)) and a file for other recipients (C(identity_missing)) fail, and the others arrive.
      - During the transfer, O(dest) needs room for the encrypted files of a batch (256 MiB, or one larger file), and
        for the content of one file.
      - With O(verify), the content must match the signed and encrypted index, which also has modes and times.
        Without O(verify), anybody who knows the recipients can make files that this module decrypts.
      - Needs the Python library C(pyrage) 1.4 or newer, or the program C(age) 1.1 or newer; for the format V(openpgp),
        GnuPG 2.2 or newer.
    type: dict
    version_added: 0.2.0
    suboptions:
      format:
        description:
          - Format of the encrypted files.
          - Of V(openpgp), only encrypted messages with integrity protection are accepted. A signature inside a message
            is not checked. Private keys are held in a file system in memory while the task runs.
        type: str
        choices: [age, openpgp]
        default: age
      identities:
        description:
          - Private keys, C(AGE-SECRET-KEY-1...) or the text of an C(ssh-ed25519) key without a passphrase. They are
            never written to a disk.
          - In the format V(openpgp), armored private keys.
          - Give one of O(decrypt.identities) and O(decrypt.identities_file).
        type: list
        elements: str
      identities_file:
        description:
          - File of private keys, as C(age-keygen) writes it, on the host of the task. No other user may have access to
            it.
        type: path
      passphrase:
        description: Passphrase of the private keys, in the format V(openpgp) only.
        type: str
      extension:
        description: End of the names of encrypted files. The default is C(.age), or C(.pgp) in the format V(openpgp).
        type: str
"""
