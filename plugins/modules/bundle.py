#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory as a signed archive: made, or verified."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bundle
short_description: Make or verify a signed, reproducible archive of a directory
version_added: 0.2.0
description:
  - Makes one archive of a directory, and a signature next to it. The signature has the name of the archive and C(.sig)
    at its end. Receivers check and unpack them with C(ssh-keygen) and any C(tar).
  - "The same tree gives the same bytes, on every host: a pax archive, sorted by name, owner and group 0, permission
    bits without set-user-ID, set-group-ID and sticky bit, times in whole seconds. Directories and links have the time
    of the newest file. So a run without changes changes nothing."
  - The archive is read and written in pieces; its size is not limited by memory. It gets its name when it is complete
    and on the disk. An archive that is replaced is whole until then.
  - With O(state=verified), verifies the signature over all bytes of the archive before it reads the archive, and then
    checks the archive against itself. Nothing is unpacked.
  - The module makes no connection. To deliver both files, push them with M(secure.ftp_synchronize.secure_sync).
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.verify.signer
  - secure.ftp_synchronize.attributes
attributes:
  diff_mode:
    details: The diff lists the entries that differ. A file with the same size, mode and time is not listed.
options:
  dest:
    description:
      - Path of the archive, for example V(/srv/out/release-1.4.tar). It must be outside O(src).
      - New files have the mode 0600. A file that is replaced keeps its owner and its mode.
    type: str
    required: true
  state:
    description:
      - V(present) makes the archive and its signature, unless both are there and right.
      - V(verified) fails unless O(dest) has a good signature of O(verify.principal) and is whole.
    type: str
    choices: [present, verified]
    default: present
  src:
    description: Directory to archive. Required with O(state=present).
    type: str
  layout:
    description:
      - V(plain) has the entries of O(src) at the top of the archive.
      - V(bagit) makes a bag (BagIt 1.0, RFC 8493) in a directory with the name of O(dest) without C(.tar). The entries
        of O(src) are in C(data/). The tag manifest has a signature of its own, which covers the bag after it was
        unpacked. A bag has no symbolic links, and no name with C(%), with unprintable characters, with a blank at its
        end, or that is not UTF-8.
      - With O(state=verified), V(bagit) also checks the signature, the manifests and all digests in the bag.
    type: str
    choices: [plain, bagit]
    default: plain
  links:
    description:
      - Symbolic links in O(src).
      - V(skip) leaves them out, lists them in RV(skipped_items), and shows a warning.
      - V(copy) archives them as links. A link that points out of the tree is skipped.
      - V(error) fails the task.
      - FIFOs, sockets and devices are always skipped.
    type: str
    choices: [skip, copy, error]
    default: skip
  bag_info:
    description:
      - Labels for C(bag-info.txt) of a bag, such as C(Source-Organization), each with a value of one line. They are
        sorted. Without a label for it, the bag has no date, because it would change the archive each day.
    type: dict
  max_listed:
    description: Maximum number of entries in RV(skipped_items), and on each side of the diff.
    type: int
    default: 100
  sign:
    description:
      - The key that signs. Required with O(state=present). Give exactly one of O(sign.private_key_file),
        O(sign.private_key) and O(sign.public_key).
      - The signature is made by C(ssh-keygen), for the namespace V(bundle@ftp-synchronize), and for a tag manifest for
        V(bag@ftp-synchronize).
    type: dict
    suboptions:
      private_key_file:
        description: File of the private key.
        type: path
      private_key:
        description: Text of the private key. It is held by an C(ssh-agent) of this run and never written to a disk.
        type: str
      public_key:
        description:
          - Line of the public key. The C(ssh-agent) of the user holds the private key, which may be in a PKCS#11 token
            or a FIDO device.
        type: str
      passphrase:
        description: Passphrase of the private key.
        type: str
      certificate_file:
        description:
          - Certificate of an SSH authority for the key. Receivers then trust the authority.
          - With O(sign.public_key), the agent must hold the certificate too.
        type: path
  verify:
    description:
      - The signer whose signature counts. Required with O(state=verified).
      - The namespace is V(bundle@ftp-synchronize), and for a bag V(bag@ftp-synchronize) too.
requirements:
  - C(ssh-keygen) of OpenSSH 8.7 or newer on the host that runs the module.
  - Python 3.9 or newer on that host.
notes:
  - A signature does not expire, and an old archive with its signature stays valid. Put the version into the name of
    O(dest), or publish signed sets (O(secure.ftp_synchronize.secure_sync#module:sign)), which expire.
  - The signature is renamed before the archive. A run that is killed between the two leaves the old archive with a
    signature that does not fit. Receivers refuse it, and the next run replaces both.
  - Runs whose archives are in the same directory wait for each other, if its file system has locks (flock).
seealso:
  - module: secure.ftp_synchronize.secure_sync
  - module: secure.ftp_synchronize.tree_verify
"""

EXAMPLES = r"""
- name: Make a signed archive of a release
  secure.ftp_synchronize.bundle:
    src: /srv/release
    dest: /srv/out/release-1.4.tar
    sign:
      private_key_file: /etc/ssh/release_signing_ed25519

- name: Make a signed bag for an archive, with a key from the secrets manager
  secure.ftp_synchronize.bundle:
    src: /srv/accounts/2026
    dest: /srv/out/accounts-2026.tar
    layout: bagit
    links: error
    bag_info:
      Source-Organization: Example Corp
      External-Identifier: accounts-2026
    sign:
      private_key: "{{ archive_signing_key }}"

- name: Verify an archive before it is unpacked
  secure.ftp_synchronize.bundle:
    dest: /srv/in/release-1.4.tar
    state: verified
    verify:
      principal: release@example.com
      allowed_signers_file: /etc/ssh/release_signers
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: archive made
archive:
  description: The archive.
  returned: success
  type: dict
  contains:
    path:
      description: Its path, with unprintable characters escaped.
      type: str
      sample: /srv/out/release-1.4.tar
    signature:
      description: Path of its signature.
      type: str
      sample: /srv/out/release-1.4.tar.sig
    layout:
      description: Its layout.
      type: str
      sample: plain
    files:
      description: Number of files of the tree in it.
      type: int
      sample: 128
    bytes:
      description: Bytes of these files.
      type: int
      sample: 5368709
    key_fingerprint:
      description: Fingerprint of the key that signed or, in check mode, would sign.
      type: str
      sample: SHA256:nNy60rBOIfgkg4vEbMtnIfaP3NLkO1+AKBizAxT7iR8
    principal:
      description: O(verify.principal); null with O(state=present).
      type: str
      sample: release@example.com
    size:
      description: Bytes of the archive. Missing in check mode if it would be made.
      type: int
      sample: 5376000
    sha256:
      description: SHA-256 of the archive, in hexadecimal digits. Missing in check mode if it would be made.
      type: str
      sample: 2ea2b40b7cda61146a302a4e2f8abb1bcc4d69949713cb2e95c6dd48e0faf406
skipped_items:
  description: Entries of O(src) that are not in the archive; at most O(max_listed).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path below O(src), with unprintable characters escaped.
      type: str
      sample: current
    reason:
      description: Why it is left out.
      type: str
      sample: symbolic link, links are skipped
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - A signature has C(signature_invalid), C(signer_unknown), C(signer_revoked) or C(signer_expired); a missing archive
      or signature has C(not_found).
    - An archive with a good signature that is not whole has C(protocol_violation), C(set_incomplete) or
      C(digest_mismatch).
  returned: failure
  type: dict
  sample:
    code: signature_invalid
    path:
    message: the signature is not a signature of this archive, made for bundle@ftp-synchronize
    cure: Ask the sender; the server, or an account that can write there, may have changed it.
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import bundle as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
