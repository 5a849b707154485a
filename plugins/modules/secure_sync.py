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
  - Makes the tree O(dest) equal to the tree O(src), over SFTP or FTPS, in one direction.
  - Most tasks need eight options. O(src) and O(dest) are the trees; these two are required. O(host), O(username) and
    O(private_key_file) lead to the server; with FTPS, O(password) replaces the key. O(known_hosts_file) proves the
    server; with FTPS, O(ca_file) does. O(direction=pull) fetches instead of sending. O(delete) also removes files that
    O(src) does not have.
  - Transfers only files that differ by content, and proves each transfer by SHA-256.
  - A file gets its final name when it is complete and proven. At any time O(dest) holds either the complete old file
    or the complete new file.
  - The server needs only its SFTP or FTPS service, no shell and no other program; a jailed account is enough.
  - The module runs on the host of the task. To sync from or to the controller, delegate the task to
    V(localhost).
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.endpoint
  - secure.ftp_synchronize.trust
  - secure.ftp_synchronize.tls
  - secure.ftp_synchronize.verify
  - secure.ftp_synchronize.progress
  - secure.ftp_synchronize.signing
  - secure.ftp_synchronize.receipts
  - secure.ftp_synchronize.sealing
  - secure.ftp_synchronize.attributes
  - secure.ftp_synchronize.attributes.endpoint_group
attributes:
  check_mode:
    details: Both sides are read and compared as in a real run, and nothing is written on either side, not even a lock.
  diff_mode:
    details:
      - Shows names, sizes, modes and times. Content is not shown, because it may be secret.
      - In the order of RV(changes). The last line has the totals of all changes, listed or not.
  safe_file_operations:
    details:
      - Files are written under a temporary name with mode 0600, proven, given their mode, and renamed in one step.
      - Steps that an FTPS server does not support are listed in RV(notes).
options:
  direction:
    description: V(push) copies from the host that runs the module to the server, V(pull) from the server to that host.
    type: str
    choices: [push, pull]
    default: push
  src:
    description:
      - The directory to copy from, or a single file. A trailing slash has no meaning.
      - On the server, a relative path starts in the login directory. On the host that runs the module, it starts in the
        working directory of the module, and C(~) is a home directory.
    type: str
    required: true
  dest:
    description:
      - The directory that becomes equal to O(src). If it is missing, it is created, with O(create_parents) also its
        parents.
      - If O(src) is a single file, the new name of the file, or an existing directory in which the file keeps its name.
      - Relative paths are interpreted as for O(src).
    type: str
    required: true
  create_parents:
    description:
      - Whether to create the missing directories above O(dest), or without them to fail. If O(src) is a single file,
        this includes the directory of the new file.
      - Like O(dest) itself, they get the mode V(0755), as far as the umask or the server admits it, and the account of
        the login as their owner; on the host of the task the user of the task.
      - In the result and the diff, they are entries of their own. Their paths are V(..), V(../..) and so on.
    type: bool
    default: false
    version_added: 0.2.0
  compare:
    description:
      - How to detect that a file is the same on both sides.
      - V(checksum) reads and hashes the content on both sides in every run.
      - V(recorded) does the same, but uses the hash proven by an earlier run while size and modification time of the
        file are unchanged; for a file on the host of the task also change time and inode, if the file system keeps
        them. If O(state_dir) does not outlive the run, V(recorded) reads as much as V(checksum).
      - V(size_mtime) reads no content and compares size and modification time, as rsync does. It misses a change that
        keeps both.
    type: str
    choices: [recorded, checksum, size_mtime]
    default: recorded
  proof:
    description:
      - How to prove, before a transferred file gets its final name, that the stored bytes are the sent bytes.
      - V(server_hash) lets the server compute the hash, with C(check-file) or C(sha256sum) over SFTP, with C(HASH) or
        C(XSHA256) over FTPS. If the server cannot, the task fails before it writes anything.
      - V(read_back) reads the stored file again. On a pull the source is read again.
      - V(auto) uses V(server_hash) if the server can, else V(read_back).
      - V(none) trusts the connection and the server's replies.
    type: str
    choices: [auto, server_hash, read_back, none]
    default: auto
  delta:
    description:
      - Whether only the changed blocks of a file of 16 MiB or more are transferred. On a push, the server makes the
        rest of the new file from the old file, with C(copy-data) (OpenSSH 9.0 and newer). On a pull, the server hashes
        the blocks of its file, with C(check-file) (ProFTPD). The file is then proven and renamed.
      - V(auto) does this only if the server's hash proves the whole new file, see O(proof).
      - V(always) does it without such a hash too. If O(proof=auto), the blocks that were sent are then read again. The
        copied blocks rest on the server's word, and on SHA-256 checksums of blocks that an earlier run recorded in
        O(state_dir) for this content. The file counts as C(delta) in RV(proofs), never as C(read_back). With
        O(proof=read_back), the whole file is read again.
      - V(never) transfers whole files.
      - Whole files are also transferred over FTPS, with O(encrypt), O(decrypt) and O(verify), if the server cannot do
        its part, and on a push if the checksums of the old file's blocks are unknown. On a pull, and with O(sign),
        O(in_place), O(deliver_once) and O(after_transfer), V(always) has the effect of V(auto).
    type: str
    choices: [auto, always, never]
    default: auto
    version_added: 0.2.0
  delete:
    description:
      - Whether to remove entries of O(dest) that O(src) does not have.
      - Entries are removed last, and only if O(src) was listed completely and nothing has failed. Excluded files are
        kept.
      - A directory in O(dest) is replaced by a file of O(src) only with O(delete=true).
      - Refused if O(dest) is the root of a file system.
    type: bool
    default: false
  max_delete:
    description:
      - "The number of files that a run may remove: a number, or a percentage of the files in O(dest). Files that are
        replaced by another kind of entry count as removed. A file that is moved in O(dest) does not."
      - A percentage allows at least one file, for small trees; V(0%) allows none.
      - If more files would be removed, the task fails before it changes anything, and RV(changes) and the diff list the
        removals.
    type: str
    default: "10%"
  allow_empty_source:
    description:
      - Whether O(delete) may empty O(dest) because O(src) is empty. An empty source is usually a directory whose file
        system is not mounted.
    type: bool
    default: false
  trash:
    description:
      - Directory below O(dest), as a relative path, for files that are removed or replaced. Nothing in it is ever
        overwritten, or removed without O(trash_max_age), and it is not part of the tree.
      - If not given, these files are deleted.
    type: str
  trash_max_age:
    description:
      - "Number of whole days for which O(trash) keeps an entry at least, for example V(30d) or V(4w). Older entries are
        removed for ever after a run without failures. If not given, nothing is removed from O(trash)."
      - Removed and replaced files then go to a directory in O(trash) for each day in UTC, for example
        C(secure_sync-2026-12-01). Its name is their age. Days refer to the clock of the host that runs the module.
      - Other entries of O(trash) are left, and a note names them. This includes entries of runs without this option.
      - Nothing is removed if O(trash) has a directory of a day after today, or if the clocks of this host and of the
        server are more than a day apart on a push. A note has the reason. Files of such a run go to O(trash) itself.
      - A run removes at most 31 days and 100000 entries, oldest days first. The next run continues. O(max_delete) does
        not apply. O(lock) must be true.
    type: str
    version_added: 0.2.0
  include:
    description:
      - Patterns of files to include, in the syntax of gitignore(5). If not given, all files are included.
      - If O(src) has entries and no pattern selects one, RV(msg) and a warning say so.
    type: list
    elements: str
  exclude:
    description:
      - Patterns of files and directories to leave alone on both sides, in the syntax of gitignore(5). It overrides
        O(include).
    type: list
    elements: str
  require_match:
    description:
      - Whether the task fails, before any change, if O(src) is empty, or the filters select nothing of it.
    type: bool
    default: false
    version_added: 0.2.0
  min_age:
    description:
      - "Leave out files that were modified less than this time ago, such as files that are still being written: a
        number with V(s), V(m), V(h), V(d) or V(w), for example V(5m)."
      - Ages refer to the clock of the host that runs the module. A modification time in the future is young.
      - A file that is left out is not copied, replaced or removed at either end, also with O(delete). The same applies
        to a file that only O(dest) has, if it is outside the limits itself. RV(stats) has their number in O(src),
        C(files_filtered).
    type: str
    version_added: 0.2.0
  max_age:
    description: Leave out files that were modified more than this time ago, as for O(min_age).
    type: str
    version_added: 0.2.0
  min_size:
    description: Leave out files with fewer bytes, such as V(1), V(500K) or V(10M); K is 1024. As for O(min_age).
    type: str
    version_added: 0.2.0
  max_size:
    description: Leave out files with more bytes, as for O(min_size).
    type: str
    version_added: 0.2.0
  in_place:
    description:
      - "For a server that acts on each upload: on a push, write each file under its final name at once. No temporary
        file, no lock and no other file is made on the server, nothing is read back, and a file may be taken away right
        after its last byte."
      - Needs O(proof=none). A file counts as stored when the server has confirmed each write and the end of the file.
      - An interrupted upload leaves an incomplete file under the final name. Without O(in_place), a server never shows
        an incomplete file under its name.
      - A failed upload never removes a file that was there before.
    type: bool
    default: false
    version_added: 0.2.0
  deliver_once:
    description:
      - Do not transfer a file again that was delivered to O(dest) by an earlier run and is unchanged in O(src), whether
        O(dest) still has it or not. O(compare) decides how a change is detected.
      - Deliveries are recorded in O(state_dir), which must outlive the run. A damaged record fails the task. A file
        that was removed from O(src), and is there again in a later run, is delivered again.
      - Directories are made for the files in them only, and their attributes are left alone.
      - A file counts as delivered if it was stored as O(proof) demands, or if both ends have it with equal content.
    type: bool
    default: false
    version_added: 0.2.0
  after_transfer:
    description:
      - How a run treats a file in O(src) that was delivered and proven, by this run or an earlier run.
      - V(keep) keeps it.
      - V(delete) deletes it. With O(durable=true), the destination has it on the disk before.
      - V(archive) moves it into O(archive_dir).
      - A file stays in O(src) if it was not proven, if it has changed since it was listed, or if it was modified within
        two seconds before the run. The next run handles it. Set O(min_age) for files that are written slowly.
      - Deliveries are recorded as for O(deliver_once), so that a run after an interruption does not send a file again.
      - Directories stay in O(src).
    type: str
    choices: [keep, delete, archive]
    default: keep
    version_added: 0.2.0
  archive_dir:
    description:
      - Directory below O(src), as a relative path, for O(after_transfer=archive). For a single file, below the
        directory of the file. It is created if it is missing, and is not part of the tree.
      - Files are moved there by renaming, with their paths. Nothing in it is ever overwritten; a second file of the
        same name gets the suffix C(.1), C(.2) and so on.
    type: str
    version_added: 0.2.0
  marker:
    description:
      - "Name of empty files at the server that announce complete files, for example V({name}.done): C({name}) stands
        for the name of the file. For O(marker_for=directory) and O(marker_for=run), a name without C({name})."
      - On a push, a marker is made once its files are stored and proven, or found equal at both ends, and only then do
        they count as delivered (O(deliver_once), O(after_transfer)). An old marker is removed before the first file
        changes. A marker that the partner took away is not made again for the same content.
      - On a pull, only files with their marker are taken, and RV(stats) has the number of the others,
        C(files_unmarked). With O(after_transfer), the marker is removed right before its files leave. Only a regular
        file is a marker; filters and limits do not apply to it.
      - Markers are not part of the tree. With O(delete), the marker of a file is removed before the file. Directories
        are handled as with O(deliver_once), and O(state_dir) must outlive the run.
      - Of encrypted files, C({name}) is the name at the server.
      - Does not work with O(sign), O(verify) and O(in_place), and on a push not with O(proof=none) and
        O(compare=size_mtime).
    type: str
    version_added: 0.2.0
  marker_for:
    description:
      - The files that one marker announces.
      - V(file), each file, next to it.
      - V(directory), the files of each directory, in that directory. On a push, when all of them are stored.
      - V(run), the whole tree, directly below O(dest) or O(src). On a push, after a run without failures.
    type: str
    choices: [file, directory, run]
    default: file
    version_added: 0.2.0
  content_check:
    description:
      - Check the content of each file, on a push before its first byte leaves, on a pull before it gets its name in
        O(dest). A file without a clear verdict fails and is not delivered. With O(encrypt) and O(decrypt), the plain
        content is checked.
      - Files that are the same at both ends are not checked again. In check mode, nothing is checked.
      - A push sends large files whole, as with O(delta=never).
    type: dict
    version_added: 0.2.0
    suboptions:
      clamd:
        description: Check by clamd of ClamAV on the host that the module runs on.
        type: dict
        suboptions:
          socket:
            description: Local socket of clamd. No other account may be able to replace it.
            type: path
            default: /run/clamav/clamd.ctl
          max_size:
            description:
              - Size of the largest file. Larger files fail. Set C(StreamMaxLength), C(MaxFileSize) and C(MaxScanSize)
                in F(clamd.conf) to this at least, and C(AlertExceedsMax) to C(yes). Otherwise, clamd calls content
                clean that it did not scan.
            type: str
            default: 25M
          max_signature_age:
            description: Greatest age of the daily database of signatures, such as V(3d). The run ends if it is older.
            type: str
            default: 3d
      command:
        description:
          - Check by a program, with its arguments, also after O(content_check.clamd). It runs without a shell, and its
            last argument is F(/dev/fd/N), the file. Status 0 means clean, 1 refused. Any other status is no verdict.
          - Only root and the user that runs the task may be able to change the program.
        type: list
        elements: str
      timeout:
        description: Seconds for one file.
        type: float
        default: 60.0
      quarantine:
        description:
          - Private directory for refused files, outside O(dest). It is created if it is missing. Required for a pull.
          - Each content is kept once, under its SHA-256. A file with the end C(.json) has the findings.
          - On a push, refused files stay in O(src), and the option has no effect.
        type: path
      quarantine_max_size:
        description:
          - Size of all files in O(content_check.quarantine), such as V(500M). A small file counts as 64 KiB, and the
            findings of one content may have 1 MiB. A refused file beyond that fails with V(quarantine_failed), and
            stays at its source.
        type: str
        default: 10G
  links:
    description:
      - How to handle symbolic links in O(src). They are never followed.
      - V(skip) leaves them out, lists them in RV(skipped_items), and shows a warning.
      - V(copy) creates them as links. A link that points out of the tree is skipped.
      - V(error) fails the task.
    type: str
    choices: [skip, copy, error]
    default: skip
  preserve_mode:
    description:
      - Whether files and directories get the permission bits of O(src). Set-user-ID, set-group-ID and sticky bits are
        never set.
      - If V(false), new files get 0644 and new directories 0755, and existing entries keep their modes.
      - If it is not set, modes are kept if O(dest) can keep them, and RV(notes) reports if it cannot. With V(true), the
        task fails in that case, before it transfers anything.
    type: bool
  preserve_mtime:
    description: Whether files and directories get the modification times of O(src).
    type: bool
    default: true
    aliases: [times]
  durable:
    description:
      - Whether to write files and directories to disk, see fsync(2), before the task succeeds. Many small files take
        about three times as long.
      - FTP has no command for it. Over FTPS it applies to files that a pull writes on this host.
    type: bool
    default: false
  parallel:
    description:
      - Number of connections, V(1) to V(16); V(auto) uses several connections if that is faster.
      - If the server refuses some of them, fewer are used, and RV(notes) reports it.
    type: str
    default: auto
  bandwidth_limit:
    description:
      - Maximum number of bytes per second, in both directions together, such as V(500K) or V(10M); K is 1024. If not
        given, there is no limit.
    type: str
  partial:
    description:
      - Whether the next run continues a large file that was under way when a run broke off. Within a run, a file always
        continues after a lost session.
      - V(run) starts such a file again.
      - "V(keep) leaves the temporary file of a run that lost its connection for good, or was interrupted or killed. The
        next run of the task transfers the rest, if the source has not changed: size, modification time, and on this
        host also change time and inode. The file is then proven as a whole. If the proof fails, it is transferred again
        from the start. RV(notes) names each continued file, also in check mode, and C(bytes_saved) in RV(stats) counts
        its bytes."
      - V(keep) needs O(lock), and a O(proof) other than V(none). It does not work with O(in_place), or with O(encrypt),
        where each run encrypts a file again. On a pull, a file of which O(delta) fetches only changed blocks starts
        again.
    type: str
    choices: [run, keep]
    default: run
    version_added: 0.2.0
  partial_min_size:
    description: Size of the smallest file that O(partial=keep) leaves, at least V(1M).
    type: str
    default: 64M
    version_added: 0.2.0
  partial_max_age:
    description:
      - "Time after which a run with O(partial=keep) removes a temporary file that was not continued: a number with
        V(s), V(m), V(h), V(d) or V(w). It also applies to the files of other tasks with the same O(dest). A run with
        O(partial=run) removes them all."
    type: str
    default: 7d
    version_added: 0.2.0
  state_dir:
    description:
      - Directory of the recorded hashes for O(compare=recorded). A lost or damaged record costs time. The newest
        sets of O(sign) and O(verify), and the deliveries of O(deliver_once), are kept here too.
      - They are found by O(protocol), O(proxy_jump), O(host), O(port), O(username), O(src) and O(dest) as the
        task has them. A path that the server answers decides nothing, so a link at the server may change where it
        leads.
      - It must belong to the user that runs the module, or to root, and only that user may write to it. Otherwise it is
        not used, and RV(notes) reports it.
      - If not given, C(secure.ftp_synchronize) below E(XDG_STATE_HOME), which is C(~/.local/state) unless set. In a
        container that is discarded, set a directory that is kept.
    type: path
  secrets_from:
    description:
      - Sources of secrets, which the module reads on its host in each run, also in check mode, before it connects. So
        no play, inventory or job file holds them. A secret has either a value or a source.
      - The keys are O(password), O(private_key), O(passphrase), O(client_key_passphrase), V(sign.private_key),
        V(sign.passphrase), V(receipts.private_key), V(receipts.passphrase), V(decrypt.identities) and
        V(decrypt.passphrase). The value of each is a dictionary with one of the following keys.
      - C(file) is the absolute path of a file that no other account can read. One line end at its end is removed.
      - C(command) is a list of a program and its arguments; its output is the secret. It runs without a shell and
        without input, with the environment of the module, and is ended after 30 seconds. A name without a slash is
        found by E(PATH). It fails with another status than 0; the message then has its standard error.
      - C(openbao) is a dictionary for a field of a secret in OpenBao or Vault. C(url) is C(https://HOST:PORT), C(path)
        is as in a policy (C(MOUNT/data/NAME) in KV version 2, C(MOUNT/NAME) in version 1), and C(field) is the name of
        the field. C(ca_file) has the authorities for the certificate of the server; the default is those of the system.
        To log in, C(token_from) is a source of a token, or C(role_id) and C(secret_id_from), a source of a secret ID,
        are for AppRole at C(auth_path), by default C(approle). Such a source has C(file) or C(command). With
        C(renew), the run renews the secret ID in a C(file) of its account when half of its time is over.
      - A password or passphrase must be one line. A private key, and V(decrypt.identities), are the whole text.
      - See docs/secrets.md.
    type: dict
    version_added: 0.2.0
  lock:
    description:
      - Whether to exclude other runs from O(dest) with a lock file in it. The lock of an ended run is detected and
        removed.
    type: bool
    default: true
  lock_wait:
    description:
      - Seconds to wait for a run that holds the lock. The lock is looked at again after 1, 2, 4, 8 and then every 15
        seconds. If it is still held at the end of this time, the task fails with C(locked).
      - With V(0), the task fails at once. In check mode there is no lock, and nothing is waited for.
    type: float
    default: 0
    version_added: 0.2.0
  start_spread:
    description:
      - Seconds over which the tasks of many hosts are spread before they connect, so that they do not all log in to one
        server at the same moment. Each task waits a part of this time that depends on the name of its host and the
        server, and is the same in each run.
    type: float
    default: 0
    version_added: 0.2.0
  max_listed:
    description:
      - Maximum number of entries in RV(failed_items), in RV(skipped_items), and of replacements, new entries and
        attributes in RV(changes) and in the diff. RV(totals) always counts all items.
      - Removals and changes of kind are listed in addition, up to 1000 of them or, if that is more, O(max_listed).
    type: int
    default: 100
requirements:
  - For SFTP, an OpenSSH client 8.5 or newer (program C(ssh)), or the Python library paramiko, on the host that runs
    the module. For FTPS only Python.
  - Python 3.9 or newer on that host.
notes:
  - The lists of failed and skipped items are named RV(failed_items) and RV(skipped_items), because C(failed) and
    C(skipped) have a special meaning in Ansible results.
  - Names that are not UTF-8, and control characters in names, are escaped in results (C(\x1b), C(\xff), C(\u202e); a
    backslash as two). The trees keep the original names.
  - A run that is ended by a signal, also by ending the playbook, removes its temporary files and its lock if the
    connection allows it. The next run removes the rest.
"""

EXAMPLES = r"""
- name: Push a web site to a jailed account, with its host key pinned
  secure.ftp_synchronize.secure_sync:
    host: www.example.com
    username: deploy
    private_key_file: ~/.ssh/deploy_ed25519
    host_keys:
      - SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    src: build/site
    dest: htdocs
  delegate_to: localhost

- name: Pull yesterday's reports, and read both sides again even if hashes are recorded
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

- name: Pull a set as its sender signed it
  secure.ftp_synchronize.secure_sync:
    direction: pull
    host: files.example.com
    username: reader
    known_hosts_file: /etc/ssh/partners_known_hosts
    src: release
    dest: /srv/release
    delete: true
    verify:
      principal: release@example.com
      allowed_signers:
        - >-
          release@example.com namespaces="manifest@ftp-synchronize"
          ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOrVVZ9XjbJVLRqgR4eGIySp4lW4PMrqfvxHlSfFlHUM
      max_age: 7d

- name: Mirror a tree, and keep replaced and removed files for a while
  secure.ftp_synchronize.secure_sync:
    host: backup.example.com
    username: backup
    src: /srv/data
    dest: data
    delete: true
    max_delete: 5%
    trash: .trash
    trash_max_age: 30d
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

- name: Read the password from a password manager, and the key that signs from OpenBao, in each run
  secure.ftp_synchronize.secure_sync:
    protocol: ftps
    host: ftp.example.com
    username: upload
    ca_file: /etc/ssl/partners/ca.pem
    src: /srv/outbox
    dest: inbox
    sign:
      valid_for: 14d
    secrets_from:
      password:
        command: [pass, show, partners/example]
      sign.private_key:
        openbao:
          url: https://bao.example.com:8200
          path: secret/data/jobs/nightly
          field: private_key
          token_from:
            file: ~/.bao-token

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

- name: Send to every host of the inventory group `partners`, whose variables name the servers
  hosts: partners
  gather_facts: false
  tasks:
    - name: Send
      secure.ftp_synchronize.secure_sync:
        host_keys: "{{ partner_host_keys }}"
        src: "/srv/partners/{{ inventory_hostname }}/out"
        dest: inbox
      delegate_to: localhost

- name: Push over FTPS to a server with a certificate of a private authority
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

- name: Pull over FTPS with a pinned public key and a client certificate
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
  description:
    - The outcome in one line, with the duration of the run, the rate of its transfers, and the proof of the stored
      files. In check mode, the changes that would be made.
    - If the task failed, the error with its item and cure, and the changes that were finished nevertheless.
  returned: always
  type: str
  sample: pushed 1,204 files (3.1 GiB) and removed 3 entries in 83 s at 38.2 MiB/s; all proven by server_hash
changes:
  description:
    - Changes that were made or, in check mode, would be made; see O(max_listed) for the limits.
    - "Sorted by effect, then by path: removals and entries that become another kind, replacements, new entries,
      attributes, files that leave the source."
    - If O(max_delete) refused the run before any change, all changes that it refused. The task is not C(changed) then.
    - A failed action is not listed here but in RV(failed_items).
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path below O(dest), with unprintable characters escaped. The tree itself is C(.).
      type: str
      sample: css/site.css
    action:
      description:
        - One of C(create_directory), C(store), C(link), C(set_attributes), C(remove); with O(delete) also C(move), for
          a file that was renamed in O(src); on a push also C(copy), for a file with the content of another file in
          O(dest); with O(sign) also C(publish);
          with O(after_transfer) also C(archive_source) and C(delete_source), for files of O(src); with
          O(trash_max_age) also C(expire_trash), for entries of O(trash); on a push with O(marker) also C(mark).
      type: str
      sample: store
    reason:
      description:
        - Reason for the action.
        - C(missing), the entry did not exist. C(size), C(digest), C(mtime), C(mode), it differed in this property.
          C(kind), an entry of another kind existed, or must be removed for that reason. C(extra), O(src) does not have
          it. C(forced), the existing content could not be read. C(recipients), the file is encrypted for other
          recipients, see O(encrypt).
        - For C(archive_source), C(delete_source) and C(mark), C(delivered). For C(expire_trash), C(expired).
        - For C(publish), C(changed), the set differs from the published set, C(renewal), half of its validity is
          over, or C(recipients), files were encrypted for other recipients.
      type: str
      sample: digest
    from:
      description: The former path of a file, or of the other file. Only for C(move) and C(copy).
      type: str
      sample: css/old.css
    proof:
      description:
        - How the stored content was proven, C(server_hash), C(read_back), C(none), with O(delta=always) also C(delta),
          with O(verify) C(signed), for a moved file also C(recorded); null for actions that store nothing and in check
          mode.
      type: str
      sample: read_back
  sample:
    - path: css/site.css
      action: store
      reason: digest
      proof: read_back
totals:
  description:
    - Number of actions of each kind, of failed and of skipped items, whether listed or not. C(move), C(copy),
      C(publish), C(archive_source), C(delete_source), C(expire_trash) and C(mark) are there only if there were such
      actions.
    - Only actions that were done or, in check mode, would be done. Removals that O(max_delete) refused do not count.
  returned: always; after a failure only values that are not 0
  type: dict
  sample:
    create_directory: 0
    store: 3
    link: 0
    set_attributes: 1
    remove: 0
    move: 2
    failed_items: 0
    skipped_items: 0
stats:
  description:
    - Counts of the run, such as files and bytes. A count is missing if the run did not reach it.
    - C(bytes_saved) has the content of stored, moved and copied files that did not cross the network, see
      O(delta) and O(partial).
    - C(files_checked), C(files_refused) and C(files_unchecked) are there only with O(content_check).
    - C(files_moved) and C(files_copied) are there only if there were such files, C(files_filtered) only with limits of
      age or size, C(files_delivered_before) only with O(deliver_once), O(in_place), O(after_transfer) or O(marker),
        C(files_unmarked) only on a pull with O(marker).
  returned: always; after a failure only values that are not 0
  type: dict
  sample:
    bytes_sent: 13002342
    bytes_received: 13002342
    files_stored: 3
content_check:
  description: The check of content. Files without a verdict are C(unchecked).
  returned: with O(content_check), not in check mode
  type: dict
  sample:
    scanner: ClamAV 1.4.6/27001/Tue Dec  1 09:14:02 2026
    signatures: "2026-12-01T09:14:02Z"
    checked: 4
    refused: 1
    unchecked: 0
planned:
  description: Number and bytes of the files to store, also in check mode.
  returned: always; after a failure only values that are not 0
  type: dict
  contains:
    files:
      description: Number of files.
      type: int
      sample: 3
    bytes:
      description: Their bytes.
      type: int
      sample: 13002342
elapsed:
  description: Seconds from the start of the login to the end of the run.
  returned: always; after a failure only values that are not 0
  type: float
  sample: 2.418
rates:
  description:
    - Rates of the time in which files are transferred, proven and renamed, without login and comparison. V(0) if no
      file was stored.
  returned: always; after a failure only values that are not 0
  type: dict
  contains:
    files_per_second:
      description: Stored files per second.
      type: float
      sample: 1.9
    bytes_per_second:
      description: Bytes of stored files per second.
      type: int
      sample: 8126463
peer:
  description: The server of the connection. An unknown value is an empty string.
  returned: when a connection was made
  type: dict
  contains:
    protocol:
      description: Protocol of the connection, with its version. Over FTPS the TLS version, such as C(TLSv1.3).
      type: str
      sample: SSH-2.0
    client:
      description: Client of the connection, C(ssh), paramiko, or Python's TLS library.
      type: str
      sample: OpenSSH_10.0p2
    software:
      description: The software name that the server sent.
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
      description: Subject of the server's certificate. Over FTPS only.
      type: str
      sample: CN=ftp.example.com
    certificate_fingerprint:
      description: C(SHA256:) and the SHA-256 of the server's certificate, as hexadecimal digits. Over FTPS only.
      type: str
      sample: SHA256:3f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b6c7d
    certificate_pin:
      description: The certificate's public key in the form of O(tls_pins). Over FTPS only.
      type: str
      sample: sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    certificate_expires:
      description: End of validity of the server's certificate, in UTC. Over FTPS only.
      type: str
      sample: "2027-01-31T12:00:00Z"
    data_channel_resumed:
      description:
        - Whether every data connection resumed the TLS session of the control connection, which proves that both ends
          are the same. Otherwise it must use the same certificate. Missing if there was no data connection.
          Over FTPS only.
      type: bool
      sample: true
from_inventory:
  description:
    - Options that were taken from variables of the inventory host because O(host) was not given. Each has its value and
      the variable that holds it.
  returned: if O(host) was taken from the inventory
  type: dict
  sample:
    host: {value: sftp.partner04.example, variable: ansible_host}
    port: {value: 2222, variable: ansible_port}
proofs:
  description:
    - How many files of O(src) are known to be the same at O(dest), by kind of proof, C(server_hash), C(read_back),
      C(recorded), C(none). With O(verify) also C(signed), files with the content that the sender signed. With
      O(delta=always) also C(delta), files whose sent blocks were read again, and whose other blocks the server copied.
  returned: always; after a failure only values that are not 0
  type: dict
  sample:
    read_back: 3
    recorded: 9997
set:
  description:
    - The newest signed set, verified with O(verify), or published with O(sign). After a failed push, and in check mode,
      the set that was published before.
  returned: with O(verify), when the signature was verified; with O(sign), when a set is published
  type: dict
  contains:
    path:
      description: The manifest, below the tree.
      type: str
      sample: MANIFEST/000017.mtree
    tree:
      description: Id of the tree.
      type: str
      sample: 4b825dc642cb6eb9a060e54bf8d69288
    sequence:
      description: Number of the manifest.
      type: int
      sample: 17
    digest:
      description: SHA-256 of the manifest.
      type: str
      sample: 9f2c3f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
    principal:
      description: Name of the signer. Missing with O(sign).
      type: str
      sample: release@example.com
    key_fingerprint:
      description: Fingerprint of the key that signed.
      type: str
      sample: SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc
    issued:
      description: Time of the signature, in UTC.
      type: str
      sample: "2026-11-26T22:40:00Z"
    expires:
      description: End of the manifest's validity, in UTC.
      type: str
      sample: "2026-12-10T22:40:00Z"
    receipt:
      description:
        - SHA-256 of the newest receipt that the sender had before the set was published. Missing with O(sign), and if
          the sender leaves no receipts.
      type: str
      sample: 0d4e3f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
receipt:
  description: The receipt of this run.
  returned: with O(receipts), when it was written
  type: dict
  contains:
    path:
      description: The file.
      type: str
      sample: /var/lib/receipts/00000042.json
    sequence:
      description: Its number.
      type: int
      sample: 42
    digest:
      description: SHA-256 of the file.
      type: str
      sample: 51ab0f0a9d1c5be27c44a1f6f2f0c9f7c3bd2a6f0d2f7a3d5b8e9c1d2e3f4a5b
skipped_items:
  description:
    - Entries that were left alone, such as links with O(links=skip), sockets and devices; at most O(max_listed). Each
      reason is also a warning.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path below the tree, with unprintable characters escaped.
      type: str
      sample: run/app.sock
    reason:
      description: Why the entry was left alone.
      type: str
      sample: fifo, socket or device
  sample:
    - path: run/app.sock
      reason: fifo, socket or device
failed_items:
  description:
    - Items that failed; at most O(max_listed). If the list is not empty, the task has failed, but other items may have
      been done.
  returned: always
  type: list
  elements: dict
  contains:
    code:
      description: Stable error code.
      type: str
      sample: permission_denied
    path:
      description: Path below the tree, with unprintable characters escaped.
      type: str
      sample: secret/key.pem
    message:
      description: Error message.
      type: str
      sample: permission denied
    cure:
      description: Recommended action; empty if it depends on the cause.
      type: str
      sample: Let the account read the file, or exclude it.
  sample:
    - code: permission_denied
      path: secret/key.pem
      message: permission denied
      cure: Let the account read the file, or exclude it.
error:
  description: Cause of the failure - the error that ended the run, else the first element of RV(failed_items).
  returned: failure
  type: dict
  contains:
    code:
      description: Stable error code.
      type: str
      sample: too_many_deletions
    path:
      description: Path of the affected item, with unprintable characters escaped; null if there is no single item.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "max_delete: the run would delete 1200 of 5000 files at the destination, and the limit is 10%"
    cure:
      description: Recommended action; empty if it depends on the cause.
      type: str
      sample: Check that the source is complete and dest is right, then raise max_delete.
  sample:
    code: too_many_deletions
    path:
    message: "max_delete: the run would delete 1200 of 5000 files at the destination, and the limit is 10%"
    cure: Check that the source is complete and dest is right, then raise max_delete.
notes:
  description: Fallbacks for features that the server lacks or refuses. Empty if there are none. Each is also a warning.
  returned: always
  type: list
  elements: str
  sample:
    - the server admitted 2 connections of 4
diff:
  description: The lines of RV(changes) as text, and a line with the totals of all changes.
  returned: in diff mode
  type: dict
  contains:
    prepared:
      description: The text.
      type: str
      sample: |
        - old.css (file, 0.9 KiB, 0644, 2026-10-05T09:30:00Z)
        ~ css/site.css (digest: file, 1.2 KiB, 0644, 2026-11-01T10:00:00Z -> file, 1.3 KiB, 0644, 2026-11-24T16:00:00Z)
        Total: 1 removal (0.9 KiB), 1 replacement (1.3 KiB)
"""

from ..module_utils._edge import boundary
from ..module_utils._edge.sync import secure_sync as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
