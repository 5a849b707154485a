#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a local and a remote directory tree in step."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secure_sync
short_description: Keep directory trees in step over SFTP or FTPS
version_added: 0.1.0
description:
  - Makes the tree O(dest) like the tree O(src), over SFTP or FTPS, in one direction.
  - Transfers only what differs, judged by content, and proves what it transferred by SHA-256.
  - A file gets its name when it is complete and proven. Whatever happens, O(dest) holds the old or the new file,
    whole.
  - The server needs no shell and no program but its SFTP or FTPS service; a jailed account will do.
  - The module acts on the host that the task runs on. To sync from or to the controller, delegate the task to
    V(localhost).
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    support: full
    details:
      - Both ends are read and compared as in a real run, and nothing is written at either, not even a lock.
  diff_mode:
    support: full
    details:
      - Shows names, sizes, modes and times. Content is not shown, as it may be secret.
  idempotent:
    support: full
  safe_file_operations:
    support: full
    details:
      - Files are written under a temporary name with mode 0600, proven, given their mode, and renamed in one step.
      - What an FTPS server cannot do of this is in RV(notes).
  platform:
    support: full
    platforms: posix
options:
  direction:
    description:
      - V(push) goes from the host that the module runs on to the server, V(pull) from the server to that host.
    type: str
    choices: [push, pull]
    default: push
  src:
    description:
      - The directory whose content O(dest) shall have, or a single file. A trailing slash means nothing.
      - At the server a relative path starts in the directory that the log-in leads to. On the host that the module
        runs on it starts in the working directory of the module, and C(~) is a home directory.
    type: str
    required: true
  dest:
    description:
      - The directory that shall become like O(src). It is made when it is missing and its parent is there.
      - If O(src) is a single file, the name that the file shall have; or a directory that is there, in which it keeps
        its name.
      - Relative paths are understood as those of O(src).
    type: str
    required: true
  compare:
    description:
      - How to tell that a file at both ends is the same.
      - V(checksum) reads and hashes the content at both ends in every run.
      - V(recorded) does the same, but takes the hash that an earlier run has proven, as long as size and modification
        time of the file are what they were; of a file on the host of the task also its change time and inode, where
        the file system keeps them. Where O(state_dir) does not outlive the run it reads as much as
        V(checksum).
      - V(size_mtime) reads no content and goes by size and modification time, as rsync does. A file that was changed
        with both kept is not found.
    type: str
    choices: [recorded, checksum, size_mtime]
    default: recorded
  proof:
    description:
      - How to prove, before a transferred file gets its name, that what was stored is what was sent.
      - V(server_hash) lets the server compute the hash, by C(check-file) or C(sha256sum) over SFTP, by C(HASH) or
        C(XSHA256) over FTPS. If it cannot, the task fails before anything is written.
      - V(read_back) reads the stored file again. On a pull the source is read again.
      - V(auto) is V(server_hash) where the server can, else V(read_back).
      - V(none) trusts the connection and the server's replies.
    type: str
    choices: [auto, server_hash, read_back, none]
    default: auto
  delete:
    description:
      - Whether to remove what O(dest) has and O(src) has not.
      - This comes last, and only if O(src) was listed completely and nothing at all has failed. Excluded files are
        kept.
      - A directory at O(dest) in whose place O(src) has a file also gives way only with O(delete=true).
      - Refused where O(dest) is the root of a file system.
    type: bool
    default: false
  max_delete:
    description:
      - "How many files a run may remove: a number, or a percentage of the files at O(dest). Files whose place
        something of another kind takes count as removed."
      - A percentage allows one file at least, so that small trees can lose one; V(0%) allows none.
      - If there would be more, the task fails before anything is changed.
    type: str
    default: "10%"
  allow_empty_source:
    description:
      - Whether O(delete) may empty O(dest) because O(src) is empty. An empty source is most often one that was not
        mounted.
    type: bool
    default: false
  trash:
    description:
      - Directory below O(dest), as a relative path, that keeps files which are removed or replaced. Nothing in it is
        ever overwritten or removed, and it is not part of the tree.
      - If not given, they are gone.
    type: str
  include:
    description:
      - Patterns of files to take, in the form of gitignore(5). Without any, all files are taken.
    type: list
    elements: str
  exclude:
    description:
      - Patterns of files and directories to leave alone at both ends, in the form of gitignore(5). It wins over
        O(include).
    type: list
    elements: str
  links:
    description:
      - What to do with symbolic links in O(src). They are never followed.
      - V(skip) leaves them out and says so in RV(skipped_items).
      - V(copy) makes them anew as links. A link that points out of the tree is skipped.
      - V(error) fails the task.
    type: str
    choices: [skip, copy, error]
    default: skip
  preserve_mode:
    description:
      - Whether files and directories get the permission bits that they have in O(src). Set-user-ID, set-group-ID and
        sticky bits are never set.
      - If not, new files get 0644 and new directories 0755, and what is there keeps what it has.
    type: bool
    default: true
  preserve_mtime:
    description:
      - Whether files and directories get the modification times that they have in O(src).
    type: bool
    default: true
  durable:
    description:
      - Whether to have files and directories written to the disk, see fsync(2), before the task succeeds. Many small
        files take about three times as long.
      - FTP has no way to ask for it. Over FTPS it holds for what is written here, on a pull.
    type: bool
    default: false
  parallel:
    description:
      - Connections to use, V(1) to V(16), or V(auto) to use more than one where that pays.
      - If the server refuses so many, fewer are used, and RV(notes) says so.
    type: str
    default: auto
  bandwidth_limit:
    description:
      - Bytes a second, at most, in both directions together, such as V(500K) or V(10M); K is 1024. Without it there
        is no limit.
    type: str
  state_dir:
    description:
      - Directory where proven hashes are recorded for O(compare=recorded). A record that is lost or broken only costs
        time.
      - It must belong to the user that the module runs as, or to root, and be writable by nobody else. Otherwise it is
        not used, and RV(notes) says so.
      - If not given, C(secure.ftp_synchronize) below E(XDG_STATE_HOME), which is C(~/.local/state) unless set. In
        containers that are thrown away, give a directory that stays.
    type: path
  lock:
    description:
      - Whether to keep other runs away from O(dest) by a lock file in it. A lock whose run has died is recognised and
        removed.
    type: bool
    default: true
  max_listed:
    description:
      - How many entries RV(actions), RV(failed_items), RV(skipped_items) and the diff may each have. RV(totals)
        always counts all.
    type: int
    default: 100
requirements:
  - For SFTP, an OpenSSH client 8.5 or newer (program C(ssh)), or the Python library paramiko, on the host that the
    module runs on. For FTPS nothing but Python.
  - Python 3.9 or newer on that host.
notes:
  - The lists of failed and skipped items are named RV(failed_items) and RV(skipped_items), because C(failed) and
    C(skipped) in a result have a meaning of their own for Ansible.
  - Names that are not UTF-8, and control characters in names, appear escaped in results (C(\x1b), C(\xff), C(\u202e);
    a backslash as two). In the trees they are kept as they are.
  - A run that is ended by a signal, also by ending the playbook, removes its temporary files and its lock as far as
    the connection allows. What it could not remove, the next run does.
"""

EXAMPLES = r"""
- name: Push a web site to a jailed account, its host key pinned
  secure.ftp_synchronize.secure_sync:
    host: www.example.com
    username: deploy
    private_key_file: ~/.ssh/deploy_ed25519
    host_keys:
      - SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    src: build/site
    dest: htdocs
  delegate_to: localhost

- name: Pull yesterday's reports, read both ends again whatever is on record
  secure.ftp_synchronize.secure_sync:
    direction: pull
    host: reports.example.com
    username: reader
    known_hosts_file: /etc/ssh/partners_known_hosts
    src: outgoing
    dest: /srv/reports
    compare: checksum
    include:
      - "*.csv"

- name: Mirror a tree, keep what it replaces and removes for a while
  secure.ftp_synchronize.secure_sync:
    host: backup.example.com
    username: backup
    src: /srv/data
    dest: data
    delete: true
    max_delete: 5%
    trash: .trash
    exclude:
      - /cache/
      - "*.tmp"
      - "!important.tmp"

- name: Take the private key from a vault; with pipelining it is never written to disk
  vars:
    ansible_pipelining: true
  secure.ftp_synchronize.secure_sync:
    host: files.example.com
    username: upload
    private_key: "{{ lookup('community.hashi_vault.vault_kv2_get', 'sftp/upload').secret.private_key }}"
    passphrase: "{{ lookup('community.hashi_vault.vault_kv2_get', 'sftp/upload').secret.passphrase }}"
    host_keys: "{{ upload_host_keys }}"
    src: /srv/outbox
    dest: inbox

- name: Several syncs with one server
  hosts: app
  module_defaults:
    group/secure.ftp_synchronize.endpoint:
      host: files.example.com
      username: app
      known_hosts_file: /etc/ssh/files_known_hosts
  tasks:
    - name: Send the results
      secure.ftp_synchronize.secure_sync:
        src: /var/lib/app/results
        dest: results

    - name: Fetch the orders
      secure.ftp_synchronize.secure_sync:
        direction: pull
        src: orders
        dest: /var/lib/app/orders

- name: Push over FTPS to a server whose certificate an own authority signed
  vars:
    ansible_pipelining: true
  secure.ftp_synchronize.secure_sync:
    protocol: ftps
    host: ftp.example.com
    username: upload
    password: "{{ upload_password }}"
    ca_file: /etc/ssl/partners/ca.pem
    src: /srv/outbox
    dest: inbox

- name: Pull over FTPS, the server's public key pinned beside its certificate, with a client certificate
  vars:
    ansible_pipelining: true
  secure.ftp_synchronize.secure_sync:
    direction: pull
    protocol: ftps
    tls_mode: implicit
    tls_min_version: "1.3"
    host: ftp.example.com
    username: reader
    password: "{{ reader_password }}"
    client_cert_file: /etc/ssl/partners/reader.pem
    client_key_file: /etc/ssl/partners/reader.key
    client_key_passphrase: "{{ reader_key_passphrase }}"
    tls_pins:
      - sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
      - sha256//LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=
    src: outgoing
    dest: /srv/reports

- name: Reach a server behind a jump host; each is verified
  secure.ftp_synchronize.secure_sync:
    host: 10.0.5.20
    username: deploy
    proxy_jump:
      - admin@gate.example.com:2222
    known_hosts_file: /etc/ssh/site_known_hosts
    src: release
    dest: /srv/release

- name: Send a large tree in the background, gently, and try again if the server was away
  secure.ftp_synchronize.secure_sync:
    host: archive.example.com
    username: archive
    src: /srv/archive
    dest: archive
    bandwidth_limit: 20M
    retries: 10
  async: 43200
  poll: 30
  register: archive_sync
  until: archive_sync is succeeded or archive_sync.error.code not in ['connection_failed', 'connect_timeout', 'stalled']
  retries: 3
  delay: 600
"""

RETURN = r"""
msg:
  description: One line that says what was done or, if the task failed, what went wrong, with which item, and the cure.
  returned: always
  type: str
  sample: 3 files stored (12.4 MiB), 1 attribute set
actions:
  description:
    - What was done or, in check mode, would be done, sorted by path; at most O(max_listed) entries.
    - An action that failed is not here but in RV(failed_items).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path below O(dest), escaped where it is not printable. The tree itself is C(.).
      type: str
      sample: css/site.css
    action:
      description: One of C(create_directory), C(store), C(link), C(set_attributes), C(remove).
      type: str
      sample: store
    reason:
      description:
        - Why.
        - C(missing), it was not there. C(size), C(digest), C(mtime), C(mode), it differed in that. C(kind), something
          of another kind stood there, or must go for that reason. C(extra), O(src) does not have it. C(forced), what
          was there could not be read.
      type: str
      sample: digest
    proof:
      description:
        - How the stored content was proven, C(server_hash), C(read_back) or C(none); null for actions that store
          nothing and in check mode.
      type: str
      sample: read_back
  sample:
    - path: css/site.css
      action: store
      reason: digest
      proof: read_back
totals:
  description: How many there are of each action, of failed and of skipped items, listed or not.
  returned: always
  type: dict
  sample:
    create_directory: 0
    store: 3
    link: 0
    set_attributes: 1
    remove: 0
    failed_items: 0
    skipped_items: 0
stats:
  description: Counts of the run, such as files and bytes. Those that were not reached are not there.
  returned: always
  type: dict
  sample:
    bytes_sent: 13002342
    bytes_received: 13002342
    files_stored: 3
peer:
  description: The server as it was met. What is not told is an empty string.
  returned: when a connection was made
  type: dict
  contains:
    protocol:
      description: Protocol of the connection, with its version. Over FTPS that of TLS, such as C(TLSv1.3).
      type: str
      sample: SSH-2.0
    client:
      description: What made the connection, C(ssh), paramiko, or Python's TLS library.
      type: str
      sample: OpenSSH_10.0p2
    software:
      description: How the server names itself.
      type: str
      sample: OpenSSH_9.2p1 Debian-2
    host_key_type:
      description: Type of the host key or host certificate that proved it. Over SFTP only.
      type: str
      sample: ssh-ed25519
    host_key_fingerprint:
      description: Fingerprint of that key. Over SFTP only.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    key_exchange:
      description: Key exchange method. Over SFTP only.
      type: str
      sample: mlkem768x25519-sha256
    cipher:
      description: Cipher.
      type: str
      sample: aes128-gcm@openssh.com
    certificate_subject:
      description: Subject of the certificate that proved it. Over FTPS only.
      type: str
      sample: CN=ftp.example.com
    certificate_fingerprint:
      description: C(SHA256:) and the SHA-256 of that certificate, as hexadecimal digits. Over FTPS only.
      type: str
      sample: SHA256:3f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b6c7d
    certificate_pin:
      description: The certificate's public key in the form of O(tls_pins). Over FTPS only.
      type: str
      sample: sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    certificate_expires:
      description: When that certificate ends, in UTC. Over FTPS only.
      type: str
      sample: "2027-01-31T12:00:00Z"
    data_channel_resumed:
      description:
        - Whether every data connection resumed the TLS session of the control connection, which proves that both ends
          are the same. One that did not had to show the same certificate. Not there if there was no data connection.
          Over FTPS only.
      type: bool
      sample: true
proofs:
  description:
    - How many files of O(src) are known to be the same at O(dest), by kind of proof, C(server_hash), C(read_back),
      C(recorded), C(none).
  returned: always
  type: dict
  sample:
    read_back: 3
    recorded: 9997
skipped_items:
  description:
    - Entries that were left alone, such as links with O(links=skip), sockets and devices; at most O(max_listed).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path below the tree, escaped where it is not printable.
      type: str
      sample: run/app.sock
    reason:
      description: Why it was left alone.
      type: str
      sample: fifo, socket or device
  sample:
    - path: run/app.sock
      reason: fifo, socket or device
failed_items:
  description:
    - Items that failed; at most O(max_listed). If there is one, the task has failed, but other items may have been
      done.
  returned: always
  type: list
  elements: dict
  contains:
    code:
      description: Stable name of the kind of error.
      type: str
      sample: permission_denied
    path:
      description: Path below the tree, escaped where it is not printable.
      type: str
      sample: secret/key.pem
    message:
      description: What went wrong.
      type: str
      sample: permission denied
    cure:
      description: What can be done about it; empty where that depends.
      type: str
      sample: Let the account read the file, or exclude it.
  sample:
    - code: permission_denied
      path: secret/key.pem
      message: permission denied
      cure: Let the account read the file, or exclude it.
error:
  description: Why the task failed. What ended the run before its end, else the first of RV(failed_items).
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name of the kind of error.
      type: str
      sample: too_many_deletions
    path:
      description: The item that it is about, escaped where it is not printable; null if it is about no single item.
      type: str
      sample:
    message:
      description: What went wrong.
      type: str
      sample: 1200 of 5000 files would be removed, at most 10% are allowed
    cure:
      description: What can be done about it; empty where that depends.
      type: str
      sample: Check the source; if it is right, raise max_delete.
  sample:
    code: too_many_deletions
    path:
    message: 1200 of 5000 files would be removed, at most 10% are allowed
    cure: Check the source; if it is right, raise max_delete.
notes:
  description: Ways round what the server lacks or refuses, in words. Empty if there was none.
  returned: always
  type: list
  elements: str
  sample:
    - the server admitted 2 connections of 4
diff:
  description: What has changed or would change, as text, one action a line; at most O(max_listed) of them.
  returned: in diff mode
  type: dict
  contains:
    prepared:
      description: The text.
      type: str
      sample: |
        ~ css/site.css (digest: file, 1.2 KiB, 0644, 2026-11-01T10:00:00Z -> file, 1.3 KiB, 0644, 2026-11-24T16:00:00Z)
"""

from functools import partial

from ..module_utils._edge import argspec, boundary
from ..module_utils._edge.module import Module
from ..module_utils._edge.sync import results
from ..module_utils._edge.sync.secure_sync import synchronize


def main() -> None:
    blank = results.blank_result()
    module = Module(
        blank=blank,
        argument_spec={**argspec.endpoint(), **argspec.trust(), **argspec.tls(), **argspec.secure_sync()},
        mutually_exclusive=argspec.EXCLUSIVE,
        supports_check_mode=True,
    )
    work = partial(synchronize, module.params, check_mode=module.check_mode, diff=module._diff)
    boundary.run(module, work, blank=blank)


if __name__ == "__main__":
    main()
