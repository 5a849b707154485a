#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the configuration of sshd with no way to lock the owner out."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sshd_change
short_description: Part of the roles that configure sshd, changes its configuration without the risk of a lockout
version_added: 0.2.0
description:
  - A part of the roles P(secure.ftp_synchronize.sftp_server#role) and
    P(secure.ftp_synchronize.host_key_rotation#role). Playbooks need it only to write such a role.
  - First tests a copy of the configuration with sshd. If sshd refuses it, or does not apply it as intended, nothing is
    changed.
  - Then saves the current files, starts a timer on the host itself, writes the files, tests them with sshd again and
    reloads sshd. The task then closes the connection and logs in again. Unless this new login stops the timer in time,
    the host restores everything by itself, even if the controller has died. At a reboot it does so before sshd starts.
  - If systemd manages the sockets of sshd, as on Ubuntu, they use the ports of the configuration too. A port that
    another program uses is refused, and a port without a listener after the change causes a rollback.
  - A rollback restores C(sshd_config), C(sshd_config.d), C(moduli), the host keys, the files of the change, and the
    rules of C(nft). In the authorized keys of the account that made the change and in the file of C(RevokedKeys) it
    restores missing lines, and removes none. Other files are not touched. The copies of keys are removed.
  - The tasks C(commit_confirm) of the role P(secure.ftp_synchronize.sftp_server#role) use it for other roles. Use those
    tasks.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  platform:
    platforms: linux
    details: Needs systemd and root.
options:
  state:
    description:
      - V(kept) makes the change, and confirms it over a new login. If it is not confirmed, the task waits until the
        host has rolled it back and can be reached again, and fails.
      - V(applied) makes the change, which then waits for confirmation by another task.
      - V(confirmed) logs in again and keeps a change that waits. Fails, and restores the previous files, unless this
        login is newer than the change and the configuration has not been changed since.
      - V(undone) restores the previous files if a change is unconfirmed, and reports whether it is undone.
      - V(verified) changes nothing, and compares the present configuration with O(profile) and O(expected).
    type: str
    choices: [kept, applied, confirmed, undone, verified]
    default: kept
  profile:
    description:
      - The profile to write. Without a profile only O(files) are changed.
      - V(compatible) and V(pq_only) are aliases of the newest profiles, so an update of the collection may change the
        configuration.
    type: str
    choices: [compatible, pq_only, compatible-2026, pq_only-2026]
  layout:
    description:
      - V(drop_in) writes a file that is read before the distribution's settings. If another line still takes
        precedence, an C(Include) is put at the head of C(sshd_config).
      - V(whole_file) also replaces C(sshd_config), so that no other file below C(sshd_config.d) is read. The listening
        addresses and ports, C(UsePAM), C(AcceptEnv), C(AuthorizedKeysFile) and C(TrustedUserCAKeys) are kept.
    type: str
    choices: [drop_in, whole_file]
    default: drop_in
  settings:
    description:
      - Settings in addition to the profile, by the keywords of C(sshd_config(5)). They override the profile. A list
        is written as a repeated keyword.
    type: dict
    default: {}
  group:
    description: Group of accounts for O(group_settings).
    type: str
  group_settings:
    description: Settings for the members of O(group).
    type: dict
    default: {}
  strong_moduli:
    description: Whether to remove moduli of less than 3071 bits.
    type: bool
    default: true
  files:
    description: Further files that are part of the change.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Path of the file.
        type: path
        required: true
      content:
        description: The whole text. If not given, and without O(files[].block), the file is removed.
        type: str
      block:
        description:
          - Lines at the head of the file, between two marks. The other lines of the file are kept. V(none)
            removes the block with its marks, after sshd has taken up the other files. Replaces O(files[].content).
        type: str
      mode:
        description: Permissions, octal.
        type: str
        default: "0600"
  expected:
    description:
      - Expected output of C(sshd -T -C) for an account, in addition to the requirements of the profile, from each
        address that the configuration distinguishes.
    type: list
    elements: dict
    default: []
    suboptions:
      user:
        description: The account.
        type: str
        required: true
      settings:
        description: Keyword and value.
        type: dict
        required: true
  service:
    description: The systemd unit of sshd.
    type: str
    default: ssh
  confirm_timeout:
    description: Seconds until the host restores the previous files.
    type: int
    default: 120
  confirmation:
    description:
      - Who confirms the change. V(login) is a new login of the controller. V(trial) is the host itself. It serves the
        new configuration to a client of its own before the change, and nothing waits for confirmation.
      - If not given, V(login) with a connection over SSH, else V(trial), for example with the connection C(local) or a
        connection to a container. V(trial) is refused with a connection over SSH.
      - With V(trial) a change is refused if no administrator (root, members of C(sudo), C(wheel) or C(admin)) could log
        in any more. A warning shows that no login was proven.
    type: str
    choices: [login, trial]
    default: login
seealso:
  - ref: ansible_collections.secure.ftp_synchronize.sftp_server_role
    description: The role that uses this module.
  - ref: ansible_collections.secure.ftp_synchronize.host_key_rotation_role
    description: The role that uses this module.
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Change the configuration, and let the host undo it unless a new login confirms it
  secure.ftp_synchronize.sshd_change:
    profile: compatible-2026
    settings:
      MaxAuthTries: 3
  become: true
"""

RETURN = r"""
msg:
  description: The outcome or, if the task failed, the error and its cure.
  returned: always
  type: str
  sample: 2 files changed
waiting:
  description: Whether the change waits for confirmation by another task.
  returned: always
  type: bool
  sample: false
files:
  description: The files that changed or, in check mode, would change.
  returned: always
  type: list
  elements: str
  sample: [/etc/ssh/sshd_config.d/10-secure_ftp_synchronize.conf]
changes:
  description: Every change that was made or, in check mode, would be.
  returned: always
  type: list
  elements: str
  sample: ["/etc/ssh/sshd_config: written", "host key closed to others: /etc/ssh/ssh_host_rsa_key"]
differences:
  description: Settings that are not as expected.
  returned: when O(state=verified)
  type: list
  elements: dict
  contains:
    user:
      description: The account.
      type: str
      sample: partner
    keyword:
      description: Keyword of sshd_config(5).
      type: str
      sample: forcecommand
    wanted:
      description: Expected value.
      type: str
      sample: internal-sftp
    found:
      description: Present value.
      type: str
      sample: none
notes:
  description: Requirements of the profile that a change of the configuration cannot meet.
  returned: when O(state=kept) or O(state=applied), and sshd is installed
  type: list
  elements: str
  sample:
    - >-
      /etc/ssh/ssh_host_rsa_key has 3072 bits, the profile requires 4096: replace it with the playbook rotate_host_keys
      and host_key_rotation_types: [rsa]
owner:
  description: The account that made the change, and must be able to log in again.
  returned: when O(state=kept) or O(state=applied), and sshd is installed
  type: str
  sample: admin
error:
  description:
    - Cause of the failure, with a stable C(code), C(message), a C(cure) or "", and C(path), the item or null.
    - The code is C(sshd_config_invalid), C(sshd_not_as_wanted), C(owner_locked_out), C(port_taken), C(not_over_ssh),
      C(sshd_missing), C(not_confirmed) or C(internal).
  returned: failure
  type: dict
"""

from ..module_utils._edge import boundary
from ..module_utils._edge import sshd_change as edge


def main() -> None:
    boundary.run(edge)


if __name__ == "__main__":
    main()
