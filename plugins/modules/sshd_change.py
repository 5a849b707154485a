#!/usr/bin/python
# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the configuration of sshd with no way to lock the owner out."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sshd_change
short_description: Change the configuration of sshd with no way to lock the owner out
version_added: 0.2.0
description:
  - Asks sshd about a copy of the configuration first, so that what it would refuse, or would not do as wanted, changes
    nothing.
  - Then keeps what is there, starts a timer on the host itself, writes, asks sshd again and reloads it. Until a second
    call with O(state=confirmed) over a fresh login stops the timer, the host puts everything back by itself in time,
    also if the controller has died. At a reboot it does so before sshd starts.
  - Where systemd holds the sockets of sshd, as on Ubuntu, they take up the ports of the configuration too. A port that
    something else listens on is refused, and a port on which nobody listens afterwards brings back what was there.
  - A rollback restores C(sshd_config), C(sshd_config.d), C(moduli), the host keys, the files of the change, and the
    rules of C(nft). To the authorized keys of the account that made the change and to the file of C(RevokedKeys) it
    adds the lines that are gone, and removes none. Other files stay as they are. The copies of keys are removed.
  - The role P(secure.ftp_synchronize.sftp_server#role) makes both calls, and its tasks C(commit_confirm) make them for
    other roles. Use those.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
extends_documentation_fragment:
  - secure.ftp_synchronize.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  safe_file_operations:
    support: full
  platform:
    support: full
    platforms: linux
    details:
      - Needs systemd and root.
options:
  state:
    description:
      - V(applied) makes the change, which then waits to be confirmed.
      - V(confirmed) keeps it. Fails, and puts back what was there, unless this login is younger than the change and
        nobody changed the configuration since then.
      - V(undone) puts back what was there if a change still waits, and tells whether the last one was undone.
    type: str
    choices: [applied, confirmed, undone]
    default: applied
  profile:
    description:
      - The profile to write. Without one O(files) alone are changed.
      - V(compatible) and V(pq_only) are the newest of each, so that an update of the collection may change the
        configuration.
    type: str
    choices: [compatible, pq_only, compatible-2026, pq_only-2026]
  layout:
    description:
      - V(drop_in) writes a file that is read before the distribution's settings. If another line still wins, its
        inclusion is put at the head of C(sshd_config).
      - V(whole_file) also replaces C(sshd_config), so that no other file below C(sshd_config.d) is read. Where sshd
        listens, C(UsePAM), C(AcceptEnv), C(AuthorizedKeysFile) and C(TrustedUserCAKeys) are taken over.
    type: str
    choices: [drop_in, whole_file]
    default: drop_in
  settings:
    description:
      - Settings besides those of the profile, which they win over, by the keywords of C(sshd_config(5)). A list stands
        for a keyword that is given several times.
    type: dict
    default: {}
  group:
    description:
      - Group of the accounts that O(group_settings) hold for.
    type: str
  group_settings:
    description:
      - Settings for the members of O(group).
    type: dict
    default: {}
  strong_moduli:
    description:
      - Whether moduli of less than 3071 bits are removed.
    type: bool
    default: true
  files:
    description:
      - Further files that belong to the change.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - Where.
        type: path
        required: true
      content:
        description:
          - The whole text. Without it the file shall not be there.
        type: str
      mode:
        description:
          - Permissions, octal.
        type: str
        default: "0600"
  expected:
    description:
      - What C(sshd -T -C) must say of an account, besides what the profile asks for.
    type: list
    elements: dict
    default: []
    suboptions:
      user:
        description:
          - The account.
        type: str
        required: true
      settings:
        description:
          - Keyword and value.
        type: dict
        required: true
  service:
    description:
      - The unit of systemd.
    type: str
    default: ssh
  confirm_timeout:
    description:
      - Seconds after which the host puts back what was there.
    type: int
    default: 120
seealso:
  - module: secure.ftp_synchronize.secure_sync
"""

EXAMPLES = r"""
- name: Let the host take the configuration back unless it is confirmed
  secure.ftp_synchronize.sshd_change:
    profile: compatible-2026
    settings:
      MaxAuthTries: 3
  become: true
  register: change

- name: Close the connection, so that the next task logs in
  ansible.builtin.meta: reset_connection

- name: Confirm over the fresh login
  secure.ftp_synchronize.sshd_change:
    state: confirmed
  become: true
  when: change.waiting
"""

RETURN = r"""
msg:
  description: The outcome in one line or, if the task failed, the cause.
  returned: always
  type: str
  sample: 2 files changed
waiting:
  description: Whether the change waits to be confirmed.
  returned: always
  type: bool
  sample: true
files:
  description: The files that changed or, in check mode, would change.
  returned: always
  type: list
  elements: str
  sample: [/etc/ssh/sshd_config.d/10-secure_ftp_synchronize.conf]
deeds:
  description: What else changed.
  returned: when O(state=applied) and sshd is installed
  type: list
  elements: str
  sample: ["host key closed to others: /etc/ssh/ssh_host_rsa_key"]
notes:
  description: What the profile asks for and a change of the configuration does not bring.
  returned: when O(state=applied) and sshd is installed
  type: list
  elements: str
  sample:
    - >-
      /etc/ssh/ssh_host_rsa_key has 3072 bits, the profile requires 4096: replace it with the playbook rotate_host_keys
      and host_key_rotation_types: [rsa]
owner:
  description: The account that logged in, and must be able to again.
  returned: when O(state=applied) and sshd is installed
  type: str
  sample: admin
error:
  description: Cause of the failure.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - C(sshd_config_invalid), C(sshd_not_as_wanted), C(owner_locked_out), C(port_taken), C(not_over_ssh),
          C(sshd_missing), C(not_confirmed) or C(internal).
      type: str
      sample: owner_locked_out
    path:
      description: Always null.
      type: str
      sample:
    message:
      description: Error message.
      type: str
      sample: "root, who makes this change, could no longer log in: PermitRootLogin no"
    cure:
      description: Recommended action.
      type: str
      sample: Log in with an allowed account, or allow this account; nothing was changed.
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._edge import boundary, sshd_change


def main() -> None:
    module = AnsibleModule(argument_spec=sshd_change.specification(), supports_check_mode=True)
    work = partial(sshd_change.change, module.params, check_mode=module.check_mode)
    boundary.run(module, work, blank=sshd_change.blank_change())


if __name__ == "__main__":
    main()
